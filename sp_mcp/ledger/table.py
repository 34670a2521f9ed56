"""The SQL of the ledger. Every function works inside a transaction that its caller has begun."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from sp_mcp.ledger.entry import ConsentBy, Earlier, Entry, Resolution, Result
from sp_mcp.outcome import Outcome

FILE = "ledger-1.sqlite3"

MIGRATIONS = (
    (
        "CREATE TABLE IF NOT EXISTS origin (salt TEXT NOT NULL)",
        "INSERT INTO origin SELECT lower(hex(randomblob(16))) WHERE NOT EXISTS (SELECT 1 FROM origin)",
        "CREATE TABLE IF NOT EXISTS consent (name TEXT PRIMARY KEY, issued REAL NOT NULL, repeats TEXT) WITHOUT ROWID",
        """CREATE TABLE IF NOT EXISTS change (
            id TEXT NOT NULL UNIQUE, at REAL NOT NULL, operation TEXT NOT NULL, account TEXT NOT NULL,
            label TEXT NOT NULL, environment TEXT NOT NULL, place TEXT NOT NULL, consent TEXT NOT NULL, asked_at REAL,
            consented_at REAL, digest TEXT NOT NULL, arguments TEXT NOT NULL, subjects TEXT NOT NULL,
            give_up_at REAL NOT NULL, left_at REAL, outcome TEXT, completed_at REAL, status INTEGER, request_id TEXT,
            codes TEXT NOT NULL DEFAULT '[]', done INTEGER, not_done INTEGER, verdict TEXT, settled_at REAL
        )""",
        "CREATE INDEX IF NOT EXISTS change_by_digest ON change (digest, at)",
        "CREATE INDEX IF NOT EXISTS change_by_time ON change (at)",
    ),
)
"""The statements that turn an empty file into the newest version. Files of users have run them, so never change one."""

# A change without an outcome was interrupted or is still in progress. If it was sent, its outcome is unknown. If not,
# it can be sent until `give_up_at`, and has failed after that.
_OUTCOME = """CASE WHEN outcome IS NOT NULL THEN outcome WHEN left_at IS NOT NULL THEN 'unknown'
    WHEN give_up_at > :now THEN 'waiting' ELSE 'failed' END"""

_ENTRY = f"""id, at, operation, account, label, environment, place AS endpoint, consent, asked_at, consented_at, digest,
    arguments, subjects, give_up_at, left_at, {_OUTCOME} AS outcome, completed_at, status, request_id, codes, done,
    not_done, verdict AS resolution, settled_at"""

# If Amazon refused all parts, nothing was done. Parts that Amazon does not mention may have been done.
_MAY_HAVE_HAPPENED = f"""({_OUTCOME} IN ('unknown', 'waiting') AND verdict IS NOT :did_not
    OR {_OUTCOME} = 'sent' AND NOT (done IS 0 AND not_done >= json_array_length(subjects)))"""


@dataclass(frozen=True)
class Filter:
    """Selects changes. `subject` is an order number in any casing, and `operations` are names of tools.

    None means that any value passes. `limit` is the most changes to return.
    """

    subject: str | None = None
    operations: tuple[str, ...] | None = None
    outcome: Outcome | None = None
    unsettled: bool = False
    account: str | None = None
    environment: str | None = None
    endpoint: str | None = None
    limit: int | None = None


def salt(connection: sqlite3.Connection) -> str:
    """Returns the salt with which this file hashes accounts and endpoints."""
    return str(connection.execute("SELECT salt FROM origin").fetchone()[0])


def put_consent(connection: sqlite3.Connection, name: str, now: float, repeats: str | None) -> None:
    """Store a consent. `name` is its digest, and `repeats` the id of the earlier change that the question mentions."""
    connection.execute("INSERT INTO consent VALUES (?, ?, ?)", (name, now, repeats))


def take_consent(connection: sqlite3.Connection, name: str) -> tuple[float, str | None] | None:
    """Remove a consent. Returns when it was issued and the id of the change that it repeats, None without a consent."""
    # Two statements, because SQLite has RETURNING only since 3.35.
    row = connection.execute("SELECT issued, repeats FROM consent WHERE name = ?", (name,)).fetchone()
    connection.execute("DELETE FROM consent WHERE name = ?", (name,))
    return (float(row[0]), row[1]) if row else None


def drop_consents(connection: sqlite3.Connection, before: float) -> None:
    """Remove the consents that were issued before an instant."""
    connection.execute("DELETE FROM consent WHERE issued < ?", (before,))


def latest(connection: sqlite3.Connection, digest: str, since: float, now: float) -> Earlier | None:
    """Returns the last equal change after `since` that was done or may have been done, or None."""
    row = connection.execute(
        f"SELECT id, at, {_OUTCOME}, done, not_done, verdict FROM change WHERE digest = :digest AND at > :since "  # noqa: S608
        # Not by time: a clock may have been set back meanwhile.
        f"AND {_MAY_HAVE_HAPPENED} ORDER BY rowid DESC LIMIT 1",
        {"digest": digest, "since": since, "now": now, "did_not": Resolution.DID_NOT},
    ).fetchone()
    if row is None:
        return None
    change, at, outcome, done, not_done, resolution = row
    return Earlier(change, at, Outcome(outcome), done, not_done, Resolution(resolution) if resolution else None)


def give_up(connection: sqlite3.Connection, digest: str, now: float) -> None:
    """Mark equal changes that were not sent in time as failed, so that a clock that is set back cannot revive them."""
    connection.execute(
        "UPDATE change SET outcome = 'failed', completed_at = ? WHERE digest = ? AND outcome IS NULL "
        "AND left_at IS NULL AND give_up_at <= ?",
        (now, digest, now),
    )


def add(connection: sqlite3.Connection, row: dict[str, Any]) -> None:
    """Insert a change. `row` maps columns to values."""
    columns = ", ".join(row)
    places = ", ".join(f":{column}" for column in row)
    connection.execute(f"INSERT INTO change ({columns}) VALUES ({places})", row)  # noqa: S608 - our own names


def sending(connection: sqlite3.Connection, change: str, now: float) -> bool:
    """Record that a change is sent now. Returns False if it is too late for that or the change has an outcome."""
    changed = connection.execute(
        "UPDATE change SET left_at = ? WHERE id = ? AND outcome IS NULL AND give_up_at > ?", (now, change, now)
    )
    return changed.rowcount == 1


def not_executed(connection: sqlite3.Connection, change: str, give_up_at: float) -> None:
    """Record that Amazon did not carry out a sent change, which can be sent again until `give_up_at`."""
    connection.execute(
        "UPDATE change SET left_at = NULL, give_up_at = ? WHERE id = ? AND outcome IS NULL", (give_up_at, change)
    )


def complete(connection: sqlite3.Connection, change: str, result: Result | None, now: float) -> bool:
    """Record the outcome of a change. None means that it was interrupted: failed if it was not sent, else unknown.

    Returns False if the change is missing or already has an outcome.
    """
    outcome, values = "CASE WHEN left_at IS NULL THEN 'failed' ELSE 'unknown' END", {"id": change, "now": now}
    columns = ""
    if result is not None:
        outcome = ":outcome"
        # A change that could not be delivered was not sent, although `sending` was recorded.
        columns = ", left_at = CASE :outcome WHEN 'failed' THEN NULL ELSE left_at END"
        columns += ", status = :status, request_id = :request_id, codes = :codes, done = :done, not_done = :not_done"
        values |= {**vars(result), "codes": json.dumps(result.codes)}
    changed = connection.execute(
        f"UPDATE change SET outcome = {outcome}, completed_at = :now, verdict = NULL, settled_at = NULL{columns} "  # noqa: S608
        "WHERE id = :id AND outcome IS NULL",
        values,
    )
    return changed.rowcount == 1


def settle(connection: sqlite3.Connection, change: str, resolution: Resolution, now: float) -> None:
    """Record what a read at Amazon showed of a change whose outcome was unknown."""
    connection.execute(
        "UPDATE change SET verdict = ?, settled_at = ? WHERE id = ? "
        "AND (outcome = 'unknown' OR (outcome IS NULL AND left_at IS NOT NULL))",
        (resolution, now, change),
    )


def drop(connection: sqlite3.Connection, before: float) -> int:
    """Remove the changes before an instant and return how many."""
    return connection.execute("DELETE FROM change WHERE at < ?", (before,)).rowcount


def entries(connection: sqlite3.Connection, which: Filter, now: float) -> list[Entry]:
    """Returns the changes that pass the filter, the newest first."""
    rows = connection.execute(
        f"""SELECT {_ENTRY} FROM change WHERE
            (:subject IS NULL OR EXISTS (SELECT 1 FROM json_each(subjects) WHERE value = :subject COLLATE NOCASE))
            AND (:operations IS NULL OR operation IN (SELECT value FROM json_each(:operations)))
            AND (:outcome IS NULL OR {_OUTCOME} = :outcome)
            AND (NOT :unsettled OR ({_OUTCOME} = 'unknown' AND verdict IS NULL))
            AND (:account IS NULL OR account = :account)
            AND (:environment IS NULL OR environment = :environment)
            AND (:endpoint IS NULL OR place = :endpoint)
            ORDER BY at DESC, rowid DESC LIMIT :most""",  # noqa: S608 - our own SQL
        {
            **vars(which),
            "operations": None if which.operations is None else json.dumps(which.operations),
            "now": now,
            "most": -1 if which.limit is None else which.limit,
        },
    )
    names = [column[0] for column in rows.description]
    return [_entry(dict(zip(names, row, strict=True))) for row in rows]


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        **{
            **row,
            "consent": ConsentBy(row["consent"]),
            "arguments": json.loads(row["arguments"]),
            "subjects": tuple(json.loads(row["subjects"])),
            "outcome": Outcome(row["outcome"]),
            "codes": tuple(json.loads(row["codes"])),
            "resolution": Resolution(row["resolution"]) if row["resolution"] else None,
        }
    )
