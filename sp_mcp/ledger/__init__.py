"""The ledger: a record of every change that was asked of Amazon, of the consent to it, and of its outcome.

    entry.py           what the ledger knows of a change
    scope.py           the account of a ledger, and the digests that recognise a change
    consent_tokens.py  the secret of a consent, and how long it is valid
    ledger.py          the ledger in a SQLite file; it finds repeated changes
    pending.py         a consent that waits for its answer, and a change that waits for its outcome
    table.py           the SQL and the migrations
    problems.py        sentences that say why the file cannot be used
    redis_ledger.py    the ledger of a team whose machines share consents (SP_MCP_REDIS_URL)

A row is committed before its request is sent, in one transaction that also spends the consent, and completed
afterwards. A change that cannot be recorded is not sent.
"""
