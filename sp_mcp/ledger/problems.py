"""Sentences for people that say why the ledger cannot be read or written."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sp_mcp.storage.database import WrongVersion

_REASONS = {
    sqlite3.SQLITE_BUSY: "another process is using it",
    sqlite3.SQLITE_LOCKED: "another process is using it",
    sqlite3.SQLITE_PERM: "this program has no permission to write it",
    sqlite3.SQLITE_READONLY: "this program has no permission to write it",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
}
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def describe_problem(error: Exception, path: Path) -> str:
    """Returns why the file at `path` cannot be used, as the end of a sentence without its full stop."""
    if isinstance(error, WrongVersion):
        return (
            f"{path} was written by a newer version of sp-mcp (its tables have version {error.found}, this program "
            f"knows {error.known}). The file was not changed. Update sp-mcp on this machine"
        )
    if isinstance(error, OSError):
        return (error.strerror or type(error).__name__).lower()
    if not isinstance(error, sqlite3.Error):
        return f"{path} holds values that this version of sp-mcp does not know"
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGED:
        return (
            f"{path} is damaged. The file was not changed. A person should keep a copy before moving it away, because "
            "it is the only record of what was done"
        )
    return _REASONS.get(code, f"{path} cannot be used as a ledger (SQLite error {code})")
