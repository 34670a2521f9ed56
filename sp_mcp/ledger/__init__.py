"""The ledger: what was asked of Amazon that changes something, who agreed, and what came of it.

    entry.py      what a row says
    consent.py    what a consent is made of, and how long it lives
    ledger.py     the file: consents, rows, and no effect twice
    table.py      the SQL of it
    team.py       the same where several machines share consents (SP_MCP_REDIS_URL)
    history.py    rows as people and models read them, and their export
    settling.py   finding out what became of a change whose outcome is unknown

A row is committed before its request leaves, in one transaction with the consent that is spent on it, and completed
afterwards. What cannot be recorded is not sent.
"""
