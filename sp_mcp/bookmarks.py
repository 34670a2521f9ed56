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

_MOST_HERE = 1000


class Bookmarks:
    """Kept in this process, and in a file of the state folder for others. `whose` tells accounts apart."""

    def __init__(self, folder: Path, clock: Clock, whose: str) -> None:
        self._database = Database(folder / "bookmarks-1.sqlite3", _SCHEMA, synchronous="OFF")
        self._clock = clock
        self._whose = whose
        self._turns: WeakValueDictionary[str, anyio.Lock] = WeakValueDictionary()
        self._here: dict[str, tuple[float, dict[str, Any]]] = {}

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
        self._here.pop(key, None)
        if place is not None:
            self._here[key] = (now, place)
        while len(self._here) > _MOST_HERE:
            del self._here[next(iter(self._here))]

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM bookmarks WHERE key = ? OR at < ?", (key, now - LIFETIME))
            if place is not None:
                connection.execute("INSERT INTO bookmarks VALUES (?, ?, ?)", (key, now, json.dumps(place)))

        try:
            # What was done at Amazon is not forgotten because somebody stopped waiting for it.
            with anyio.CancelScope(shield=True):
                await self._database.transaction(work)
        except (sqlite3.Error, OSError) as error:
            await self._failed(error)

    async def offer(self, url: str) -> None:
        """Note that Amazon named a URL from which something may be fetched. Only its hash is kept."""
        async with self.open("offered", url) as bookmark:
            await bookmark.move(offered=True)

    async def was_offered(self, url: str) -> bool:
        """Whether Amazon named this URL of late."""
        async with self.open("offered", url) as bookmark:
            return bool(bookmark.place)

    async def aclose(self) -> None:
        """Close the file."""
        await self._database.aclose()

    async def _find(self, key: str) -> dict[str, Any]:
        since = self._clock.now().timestamp() - LIFETIME

        def work(connection: sqlite3.Connection) -> Any:
            return connection.execute("SELECT place FROM bookmarks WHERE key = ? AND at >= ?", (key, since)).fetchone()

        try:
            row = await self._database.look(work)
            if row is not None and isinstance(place := json.loads(row[0]), dict):
                return place
        except (sqlite3.Error, OSError, ValueError) as error:
            await self._failed(error)
        at, place = self._here.get(key, (since - 1, {}))
        return dict(place) if at >= since else {}

    async def _failed(self, error: Exception) -> None:
        log.warning("how far a job has got is kept in this process only: %s", type(error).__name__)
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
        await self._bookmarks.keep(self._key, dict(self.place))

    async def drop(self) -> None:
        """The job begins anew next time."""
        self.place = {}
        await self._bookmarks.keep(self._key, None)
