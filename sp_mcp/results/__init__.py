"""Answers for a reader.

untrusted_text.py  sets off what buyers and other strangers wrote
truncation.py      shortens what is too long for one answer
failures.py        what went wrong, in words
changes.py         a change of the ledger, for a model
"""
