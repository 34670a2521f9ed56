"""Stores the progress of jobs that take several calls, so that the next call can continue them in any process."""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import anyio

from sp_mcp.clock import Clock
from sp_mcp.storage.database import Database, WrongVersion

log = logging.getLogger(__name__)

LIFETIME = 3600.0
"""Seconds for which a job can be continued."""

FILE = "bookmarks-1.sqlite3"

# File, table and column are called as in 0.1.0, so that a job which was begun before an update can be continued.
_MIGRATIONS = (("CREATE TABLE IF NOT EXISTS bookmarks (key TEXT PRIMARY KEY, at REAL NOT NULL, place TEXT NOT NULL)",),)

_MOST_HERE = 1000


class JobProgressStore:
    """Keeps progress in this process and, for other processes, in a file in `folder`. `account` is part of each key."""

    def __init__(self, folder: Path, clock: Clock, account: str) -> None:
        self._database = Database(folder / FILE, _MIGRATIONS, synchronous="OFF")
        self._clock = clock
        self._account = account
        self._turns: WeakValueDictionary[str, anyio.Lock] = WeakValueDictionary()
        self._here: dict[str, tuple[float, dict[str, Any]]] = {}

    @asynccontextmanager
    async def open(self, *job: str) -> AsyncIterator[JobProgress]:
        """Yields the progress of a job. Within this process only one caller at a time has the job open."""
        key = hashlib.sha256(json.dumps([self._account, *job]).encode()).hexdigest()
        turn = self._turns.setdefault(key, anyio.Lock())
        async with turn:
            yield JobProgress(self, key, await self._find(key))

    async def keep(self, key: str, state: dict[str, Any] | None) -> None:
        """Store the state of a job; None removes it."""
        now = self._clock.now().timestamp()
        self._here.pop(key, None)
        if state is not None:
            self._here[key] = (now, state)
        while len(self._here) > _MOST_HERE:
            del self._here[next(iter(self._here))]

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM bookmarks WHERE key = ? OR at < ?", (key, now - LIFETIME))
            if state is not None:
                connection.execute("INSERT INTO bookmarks VALUES (?, ?, ?)", (key, now, json.dumps(state)))

        try:
            # A caller that stops waiting must not make the job forget what it already did at Amazon.
            with anyio.CancelScope(shield=True):
                await self._database.transaction(work)
        except (sqlite3.Error, OSError, WrongVersion) as error:
            await self._failed(error)

    async def offer(self, url: str) -> None:
        """Note that Amazon named a URL from which something may be fetched. Only its hash is kept."""
        async with self.open("offered", url) as progress:
            await progress.update(offered=True)

    async def was_offered(self, url: str) -> bool:
        """Whether Amazon named this URL within the lifetime of a job."""
        async with self.open("offered", url) as progress:
            return bool(progress.state)

    async def aclose(self) -> None:
        """Close the file."""
        await self._database.aclose()

    async def _find(self, key: str) -> dict[str, Any]:
        since = self._clock.now().timestamp() - LIFETIME

        def work(connection: sqlite3.Connection) -> Any:
            return connection.execute("SELECT place FROM bookmarks WHERE key = ? AND at >= ?", (key, since)).fetchone()

        try:
            row = await self._database.read(work)
            if row is not None and isinstance(state := json.loads(row[0]), dict):
                return state
        except (sqlite3.Error, OSError, ValueError, WrongVersion) as error:
            await self._failed(error)
        at, state = self._here.get(key, (since - 1, {}))
        return dict(state) if at >= since else {}

    async def _failed(self, error: Exception) -> None:
        log.warning("the progress of jobs is kept in this process only: %s", type(error).__name__)
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            # The file is damaged, and nothing in it is worth keeping.
            with suppress(OSError):
                await self._database.remove()


class JobProgress:
    """The progress of one job. `state` is what the job stored last, empty for a new job."""

    def __init__(self, store: JobProgressStore, key: str, state: dict[str, Any]) -> None:
        self._store = store
        self._key = key
        self.state = state

    async def update(self, **state: Any) -> None:
        """Add to the state of the job and store it."""
        self.state |= state
        await self._store.keep(self._key, dict(self.state))

    async def clear(self) -> None:
        """Remove the state, so that the job starts from the beginning next time."""
        self.state = {}
        await self._store.keep(self._key, None)
