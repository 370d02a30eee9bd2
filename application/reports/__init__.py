"""Standing reports: tables with a definition, counted from the ledger as it stood at a position."""
