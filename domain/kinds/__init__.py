"""The kinds of case, one module or package each, found by ``domain.catalogue``."""
