"""A SQLite file that processes of one user share.

One connection, used from worker threads and never from the event loop, one whole transaction at a time. No WAL:
SQLite before 3.51.3 can lose committed writes with it when several processes write (rate-limit-notes, "No WAL").
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock
from typing import Literal, TypeVar

import anyio
import anyio.to_thread

T = TypeVar("T")


BUSY_SECONDS = 2.0
"""How long to wait for other processes' transactions; they take well under a millisecond, and a few where each
waits for the disk."""


class Database:
    """`schema` is a script that makes what is not there yet; `synchronous` is SQLite's pragma.

    `patience` is a factor for BUSY_SECONDS.
    """

    def __init__(self, path: Path, schema: str, *, synchronous: Literal["OFF", "FULL"], patience: int = 1) -> None:
        self._path = path
        self._schema = schema
        self._synchronous = synchronous
        self._busy = patience * BUSY_SECONDS
        # One at a time takes a thread: others wait outside, because threads are few and for everybody.
        self._turn = anyio.Lock()
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None
        self._closed = False

    async def transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in one write transaction; not cut short by cancellation. Raises sqlite3.Error or OSError."""
        with anyio.move_on_after(self._busy) as waiting:
            await self._turn.acquire()
        if waiting.cancelled_caught:
            raise OSError(errno.EBUSY, "another process keeps it busy")
        try:
            return await anyio.to_thread.run_sync(self._transaction, work)
        finally:
            self._turn.release()

    async def look(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Do `work`, which only reads, on what is there; None where there is no file yet or nothing in it.

        Needs no room on the disk and no right to write. Raises sqlite3.Error or OSError.
        """
        return await anyio.to_thread.run_sync(self._look, work)

    async def remove(self) -> None:
        """Remove the file that was opened last, with its journal, unless another took its place. Raises OSError."""
        await anyio.to_thread.run_sync(self._remove)

    async def aclose(self) -> None:
        """Close the file; transactions raise OSError from then on."""
        await anyio.to_thread.run_sync(self._close)

    def _transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            connection = self._current()
            try:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    result = work(connection)
                    connection.execute("COMMIT")
                except BaseException:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error:
                self._drop()
                raise
            return result

    def _look(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        try:
            os.stat(self._path)
        except FileNotFoundError:
            return None
        # Not to be made, and SQLite falls back to reading where the file may not be written.
        address = f"{self._path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, timeout=self._busy, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
                return None
            return work(connection)

    def _current(self) -> sqlite3.Connection:
        if self._closed:
            raise OSError("closed")
        # Somebody may have removed the file, or put another in its place: what is written there must be seen.
        if self._connection is not None and self._identity() == self._opened:
            return self._connection
        self._drop()
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Made here and not by SQLite, so that nobody else can ever read it. One that is there is not touched:
        # closing it would end the locks of any other connection of this process.
        with suppress(FileExistsError):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        self._opened = self._identity()
        connection = sqlite3.connect(
            self._path, timeout=self._busy, isolation_level=None, check_same_thread=False, cached_statements=32
        )
        try:
            with closing(connection.execute("PRAGMA journal_mode=TRUNCATE")) as answer:
                answer.fetchall()
            connection.execute(f"PRAGMA synchronous={self._synchronous}")
            connection.executescript(f"BEGIN IMMEDIATE;{self._schema};COMMIT;")
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self._path)
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino

    def _close(self) -> None:
        with self._lock:
            self._drop()
            self._closed = True

    def _remove(self) -> None:
        with self._lock:
            self._drop()
            if self._identity() == self._opened:
                self._path.unlink(missing_ok=True)
                # It belongs to the old file and would be played back into a new one.
                self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
