"""The folder in which this process saves documents, and which of them it may show again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from sp_mcp.storage.files import DOCUMENTS, MB, File, read_within, save

_LONGEST = 20 * MB


class DocumentFolder:
    """`locate` returns the folder; it is called on first use, because finding the default takes an import."""

    def __init__(self, locate: Callable[[], Path]) -> None:
        self._locate = locate
        self._shown: set[Path] = set()

    @cached_property
    def path(self) -> Path:
        """The folder."""
        return self._locate()

    def save(self, name: str, content: bytes) -> Path:
        """Write a new file; see storage.files.save. Raises FileRefused."""
        return save(self.path, name, content)

    def allow(self, paths: Iterable[Path]) -> None:
        """Let these documents be read as resources: this process saved them, or named them in an answer."""
        self._shown.update(paths)

    def read(self, path: Path) -> File | None:
        """A document that may be read; None where this process named no such document. Raises FileRefused."""
        if path not in self._shown:
            return None
        return read_within(str(path), [self.path], DOCUMENTS, _LONGEST)
