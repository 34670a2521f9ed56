"""Consents that are waiting for their answer, each good for one send.

A consent is a random secret bound to a digest of what was asked about. It is spent by removing its file,
which succeeds for exactly one of any number of processes. The folder holds digests and times only.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from sp_mcp.clock import Clock

log = logging.getLogger(__name__)

LIFETIME = 600.0
"""Seconds for which a consent can be used."""

# Without letters and digits that look alike.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 8


class Validity(Enum):
    """What a consent was worth when it was spent."""

    GOOD = "is good"
    EXPIRED = "has expired"
    UNKNOWN = "was never given out, was used already, or belongs to other arguments"


@dataclass(frozen=True)
class Spent:
    """A consent that was spent, and its age in seconds where it was known."""

    validity: Validity
    age: float | None = None


class Consents:
    """Issues and spends consents. `folder` is shared by processes; None keeps them in this process."""

    def __init__(self, folder: Path | None, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._held: dict[str, float] = {}

    def issue(self, binding: str) -> str:
        """A new secret for what `binding` describes."""
        secret = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        issued = self._clock.now().timestamp()
        name = _name(secret, binding)
        if self._folder is not None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._sweep(self._folder)
                self._write(self._folder / name, issued)
                return secret
            except OSError as error:
                log.warning(
                    "The state folder cannot be written (%s); consents are kept in this process only.",
                    type(error).__name__,
                )
                self._folder = None
        self._held[name] = issued
        return secret

    def spend(self, secret: str, binding: str) -> Spent:
        """Use a secret up for what `binding` describes; it is good for one caller only."""
        name = _name(secret, binding)
        issued = self._held.pop(name, None)
        if issued is None and self._folder is not None:
            issued = self._take(self._folder / name)
        if issued is None:
            return Spent(Validity.UNKNOWN)
        age = self._clock.now().timestamp() - issued
        # A clock that was set back must not make a consent last for ever.
        return Spent(Validity.GOOD if -1 <= age < LIFETIME else Validity.EXPIRED, age)

    def _write(self, path: Path, issued: float) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{issued:.3f}")

    def _take(self, path: Path) -> float | None:
        try:
            issued = float(path.read_text(encoding="ascii"))
            path.unlink()
        except (OSError, ValueError):
            return None
        return issued

    def _sweep(self, folder: Path) -> None:
        """Remove what nobody can use any more."""
        oldest = self._clock.now().timestamp() - 2 * LIFETIME
        for path in folder.iterdir():
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink()
            except OSError:
                continue


def _name(secret: str, binding: str) -> str:
    return hashlib.sha256(f"{secret.strip().upper()}\0{binding}".encode(errors="replace")).hexdigest()
