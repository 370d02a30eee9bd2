"""What leaves the ledger for reporting: versioned SQL views, and drops of files with a manifest and a data dictionary.

Non-nominal by declaration: no file number, no id of an officer or a party, no stored state, no free text.
"""
