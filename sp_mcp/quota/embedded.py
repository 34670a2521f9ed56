"""Buckets in a SQLite file, shared by the processes of one user on one machine.

The file may be lost. So it is written without waiting for the disk, a damaged file is replaced by an empty one, and a
file of another version is set aside. The clock is the machine's monotonic one, which all its processes share until the
machine is restarted.
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
from sp_mcp.quota.bucket import IDLE, Act, Bucket, Plan, Turn
from sp_mcp.quota.store import BucketSnapshot, Key, Store, StoreUnavailable, act_on, in_use
from sp_mcp.storage.database import Database, WrongVersion

T = TypeVar("T")

Work = Callable[[sqlite3.Connection], T]

log = logging.getLogger(__name__)

FILE = "quota-1.sqlite3"

_MIGRATIONS = (
    (
        "CREATE TABLE IF NOT EXISTS origin (salt TEXT NOT NULL, lost_at REAL)",
        """CREATE TABLE IF NOT EXISTS bucket (
            account TEXT NOT NULL, operation TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (account, operation)
        ) WITHOUT ROWID""",
    ),
)

# Errors of SQLite that do not mean a damaged file: PERM, BUSY, LOCKED, NOMEM, IOERR, FULL, CANTOPEN.
_AROUND = (3, 5, 6, 7, 10, 13, 14)
_BUSY = (5, 6)


class EmbeddedStore(Store):
    """Buckets in a file in `folder`."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path = folder / FILE
        self._clock = clock
        self._database = Database(self._path, _MIGRATIONS, synchronous="OFF")
        self._set_aside = False

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

    async def snapshots(self, account: str) -> Sequence[BucketSnapshot]:
        def work(connection: sqlite3.Connection) -> list[BucketSnapshot]:
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
            except WrongVersion as error:
                # Another version's file must not stop reads. The file is kept for that version. If it comes back, that
                # version is running too, and each would throw away what the other counted.
                if self._set_aside:
                    raise
                self._set_aside = True
                log.warning("%s belongs to another version of sp-mcp and was set aside.", self._path.name)
                await self._database.set_aside(error.found)
            except (sqlite3.Error, UnicodeDecodeError) as error:
                if _code(error) in _AROUND:
                    raise
                log.warning("%s was damaged and is replaced by an empty file.", self._path.name)
                await self._database.remove()
            await self._database.transaction(self._note_loss)
            return await self._database.transaction(work)
        except (sqlite3.Error, OSError, UnicodeDecodeError, WrongVersion) as error:
            raise StoreUnavailable(f"{self._path}: {_why(error)}", others_go_on=_others_go_on(error)) from None

    def _note_loss(self, connection: sqlite3.Connection) -> None:
        _origin(connection)
        connection.execute("UPDATE origin SET lost_at = ?", (self._clock.monotonic(),))


def _origin(connection: sqlite3.Connection) -> tuple[str, float | None]:
    """Returns the file's salt, and the instant at which an earlier file was lost, or None."""
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


def _others_go_on(error: Exception) -> bool:
    return isinstance(error, WrongVersion) or _code(error) in _BUSY


def _why(error: Exception) -> str:
    if isinstance(error, WrongVersion):
        return "another version of sp-mcp uses it at the same time"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error) if isinstance(error, sqlite3.Error) else type(error).__name__
