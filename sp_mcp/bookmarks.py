"""Where a job that outlasts a call had got to, so that the next call goes on from there, in any process."""

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
from sp_mcp.database import Database

log = logging.getLogger(__name__)

LIFETIME = 3600.0
"""Seconds for which a job can be gone on with."""

_SCHEMA = "CREATE TABLE IF NOT EXISTS bookmarks (key TEXT PRIMARY KEY, at REAL NOT NULL, place TEXT NOT NULL)"


class Bookmarks:
    """Kept in a file of the state folder. What cannot be kept is done anew: a bookmark only saves time.

    `whose` tells accounts apart.
    """

    def __init__(self, folder: Path, clock: Clock, whose: str) -> None:
        self._database = Database(folder / "bookmarks-1.sqlite3", _SCHEMA, synchronous="OFF")
        self._clock = clock
        self._whose = whose
        self._turns: WeakValueDictionary[str, anyio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def open(self, *job: str) -> AsyncIterator[Bookmark]:
        """The bookmark of a job, one run of it at a time in this process."""
        key = hashlib.sha256(json.dumps([self._whose, *job]).encode()).hexdigest()
        turn = self._turns.setdefault(key, anyio.Lock())
        async with turn:
            yield Bookmark(self, key, await self._find(key))

    async def keep(self, key: str, place: dict[str, Any] | None) -> None:
        """Put a bookmark in another place, or take it away."""
        now = self._clock.now().timestamp()

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM bookmarks WHERE key = ? OR at < ?", (key, now - LIFETIME))
            if place is not None:
                connection.execute("INSERT INTO bookmarks VALUES (?, ?, ?)", (key, now, json.dumps(place)))

        try:
            await self._database.transaction(work)
        except (sqlite3.Error, OSError) as error:
            await self._failed(error)

    async def aclose(self) -> None:
        """Close the file."""
        await self._database.aclose()

    async def _find(self, key: str) -> dict[str, Any]:
        since = self._clock.now().timestamp() - LIFETIME

        def work(connection: sqlite3.Connection) -> Any:
            return connection.execute("SELECT place FROM bookmarks WHERE key = ? AND at >= ?", (key, since)).fetchone()

        try:
            row = await self._database.look(work)
            found: dict[str, Any] = json.loads(row[0]) if row else {}
        except (sqlite3.Error, OSError, ValueError) as error:
            await self._failed(error)
            return {}
        return found

    async def _failed(self, error: Exception) -> None:
        log.warning("how far a job has got cannot be kept or seen: %s", type(error).__name__)
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            # Broken, and nothing in it is worth keeping.
            with suppress(OSError):
                await self._database.remove()


class Bookmark:
    """The place of one job."""

    def __init__(self, bookmarks: Bookmarks, key: str, place: dict[str, Any]) -> None:
        self._bookmarks = bookmarks
        self._key = key
        self.place = place

    async def move(self, **place: Any) -> None:
        """Note how far the job is now."""
        self.place |= place
        await self._bookmarks.keep(self._key, self.place)

    async def drop(self) -> None:
        """The job begins anew next time."""
        self.place = {}
        await self._bookmarks.keep(self._key, None)
