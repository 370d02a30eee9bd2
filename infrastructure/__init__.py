"""The ports' implementations: storage, keys, clocks, workers."""
