"""The law and the record: pure, immutable, on the standard library alone."""
