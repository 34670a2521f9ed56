"""A call's arguments.

arguments.py  reads them, and says everything that is wrong with them
redaction.py  what is kept of them
schema.py     how a client sees them
"""
