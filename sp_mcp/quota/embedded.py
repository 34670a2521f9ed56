"""Buckets in a SQLite file, shared by the processes of one user on one machine.

The file can be thrown away: it is written without waiting for the disk, and where it is broken it is begun anew.
The clock is the machine's monotonic one, which all its processes share until it is started anew.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from sp_mcp.clock import Clock
from sp_mcp.database import Database
from sp_mcp.quota.bucket import IDLE, Act, Bucket, Plan, Turn
from sp_mcp.quota.store import Kept, Key, Store, StoreUnavailable, act_on, in_use

T = TypeVar("T")

Work = Callable[[sqlite3.Connection], T]

log = logging.getLogger(__name__)

FILE = "quota-1.sqlite3"
"""The number is that of the schema: another version of this program must not take this one's for broken."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS origin (salt TEXT NOT NULL, lost_at REAL);
CREATE TABLE IF NOT EXISTS bucket (
    account TEXT NOT NULL, operation TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (account, operation)
) WITHOUT ROWID;
"""

# What SQLite says of the world around the file, not of the file: PERM, BUSY, LOCKED, NOMEM, IOERR, FULL, CANTOPEN.
_AROUND = (3, 5, 6, 7, 10, 13, 14)
_BUSY = (5, 6)


class EmbeddedStore(Store):
    """Buckets in a file in `folder`."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path = folder / FILE
        self._clock = clock
        self._database = Database(self._path, _SCHEMA, synchronous="OFF")

    async def run(self, key: Key, plan: Plan, act: Act, *values: str | float, strict: bool = False) -> Turn:
        def work(connection: sqlite3.Connection) -> Turn:
            now = self._clock.monotonic()
            salt, lost_at = _origin(connection)
            account = _salted(salt, key.account)
            row = connection.execute(
                "SELECT state FROM bucket WHERE account = ? AND operation = ?", (account, key.operation)
            ).fetchone()
            lost = lost_at is not None and lost_at <= now < lost_at + IDLE
            bucket, begin = None, replace(plan, empty=plan.empty or lost)
            if row is not None:
                try:
                    bucket = Bucket.load(row[0], plan)
                except ValueError:
                    begin = replace(plan, empty=True)
            bucket, turn = act_on(bucket, begin, now, act, values)
            connection.execute(
                "INSERT OR REPLACE INTO bucket VALUES (?, ?, ?)", (account, key.operation, bucket.dump())
            )
            return turn

        return await self._do(work)

    async def look(self, account: str) -> Sequence[Kept]:
        def work(connection: sqlite3.Connection) -> list[Kept]:
            mine, now = _salted(_origin(connection)[0], account), self._clock.monotonic()
            found = []
            for owner, operation, state in connection.execute("SELECT account, operation, state FROM bucket"):
                with suppress(ValueError, TypeError):
                    found.append((Key(owner, operation), Bucket.load(state)))
            return in_use(found, mine, now)

        return await self._do(work)

    async def aclose(self) -> None:
        await self._database.aclose()

    async def _do(self, work: Work[T]) -> T:
        try:
            try:
                return await self._database.transaction(work)
            except (sqlite3.Error, UnicodeDecodeError) as error:
                if _code(error) in _AROUND:
                    raise
                log.warning("%s was broken and is begun anew.", self._path.name)
                await self._database.remove()
                await self._database.transaction(self._note_loss)
                return await self._database.transaction(work)
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            raise StoreUnavailable(f"{self._path}: {_why(error)}", others_go_on=_code(error) in _BUSY) from None

    def _note_loss(self, connection: sqlite3.Connection) -> None:
        _origin(connection)
        connection.execute("UPDATE origin SET lost_at = ?", (self._clock.monotonic(),))


def _origin(connection: sqlite3.Connection) -> tuple[str, float | None]:
    """The file's salt, and when what stood in an earlier one was lost, if it was."""
    row = connection.execute("SELECT salt, lost_at FROM origin").fetchone()
    if row is None:
        row = (secrets.token_hex(16), None)
        connection.execute("INSERT INTO origin VALUES (?, ?)", row)
    return str(row[0]), row[1]


def _salted(salt: str, account: str) -> str:
    return hmac.new(salt.encode(), account.encode(), hashlib.sha256).hexdigest()[:24]


def _code(error: Exception) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error) if isinstance(error, sqlite3.Error) else type(error).__name__
