"""A SQLite file that processes of one user share.

One connection, used from worker threads and never from the event loop, one whole transaction at a time. No WAL:
SQLite before 3.51.3 can lose committed writes with it when several processes write (docs/facts/rate-limits.md#no-wal).
The file's version stands in `PRAGMA user_version`: docs/how-to/change-a-stored-file.md.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Sequence
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


Migration = tuple[str, ...]
"""The SQL statements that lead from one version of a file to the next."""


class WrongVersion(Exception):
    """The file was written by another version of this program, whose tables are not known here.

    `found` is the file's version, `known` the newest that this program knows.
    """

    def __init__(self, found: int, known: int) -> None:
        super().__init__(f"version {found} where {known} is known")
        self.found = found
        self.known = known


class Database:
    """`migrations` lead from an empty file to the newest version; the first makes the tables where there are none.

    `synchronous` is SQLite's pragma, and `patience` a factor for BUSY_SECONDS. Every method raises WrongVersion where
    the file's version is newer than the newest that is known.
    """

    def __init__(
        self,
        path: Path,
        migrations: Sequence[Migration],
        *,
        synchronous: Literal["OFF", "FULL"],
        patience: int = 1,
    ) -> None:
        self._path = path
        self._migrations = migrations
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

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Do `work`, which only reads, on what is there; None where there is no file yet or nothing in it.

        Needs no room on the disk and no right to write, unless the file is of an older version. Raises sqlite3.Error
        or OSError.
        """
        return await anyio.to_thread.run_sync(self._read, work)

    async def remove(self) -> None:
        """Remove the file that was opened last, with its journal, unless another file replaced it. Raises OSError."""
        await anyio.to_thread.run_sync(self._remove)

    async def set_aside(self, version: int) -> None:
        """Rename a file of another version, so that a new one can be made where it was. Raises OSError."""
        await anyio.to_thread.run_sync(self._set_aside, version)

    async def aclose(self) -> None:
        """Close the file; transactions raise OSError from then on."""
        await anyio.to_thread.run_sync(self._close)

    def _transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            connection = self._current()
            try:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    # Another process may have migrated the file since it was opened here.
                    self._known_version(connection)
                    result = work(connection)
                    connection.execute("COMMIT")
                except BaseException:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                    raise
            except (sqlite3.Error, WrongVersion):
                self._drop()
                raise
            return result

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        try:
            os.stat(self._path)
        except FileNotFoundError:
            return None
        with self._reading() as connection:
            connection.execute("BEGIN")
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
                return None
            # A file without a version is of the first one, which had none.
            if max(self._known_version(connection), 1) == len(self._migrations):
                return work(connection)
        self._transaction(lambda _: None)
        return self._read(work)

    def _reading(self) -> closing[sqlite3.Connection]:
        # The file is not made here, and SQLite falls back to reading where it may not be written.
        address = f"{self._path.absolute().as_uri()}?mode=rw"
        return closing(sqlite3.connect(address, uri=True, timeout=self._busy, isolation_level=None))

    def _current(self) -> sqlite3.Connection:
        if self._closed:
            raise OSError("closed")
        # Somebody may have removed the file, or put another where it was: what is written there must be seen.
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
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        if self._known_version(connection) == len(self._migrations):
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Read anew, because another process may have migrated the file meanwhile.
            for number in range(self._known_version(connection), len(self._migrations)):
                for statement in self._migrations[number]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={number + 1:d}")
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    def _known_version(self, connection: sqlite3.Connection) -> int:
        """The file's version. Raises WrongVersion where it is newer than the newest that is known."""
        with closing(connection.execute("PRAGMA user_version")) as answer:
            found = int(answer.fetchone()[0])
        if not 0 <= found <= len(self._migrations):
            raise WrongVersion(found, len(self._migrations))
        return found

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

    def _set_aside(self, version: int) -> None:
        with self._lock:
            self._drop()
            # Another process may have been here first and begun a new file already.
            if not self._is_of(version):
                return
            self._path.replace(self._path.with_name(f"{self._path.name}.version-{version}"))
            self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)

    def _is_of(self, version: int) -> bool:
        try:
            with self._reading() as connection:
                return bool(connection.execute("PRAGMA user_version").fetchone() == (version,))
        except sqlite3.OperationalError:
            return False

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
