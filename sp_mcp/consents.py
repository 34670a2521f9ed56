"""Consents that are waiting for their answer, each good for one send.

A consent is a random secret bound to a digest of what was asked about. What is kept of it is a digest of both
and when it was given out. It is spent by removing that, which succeeds for exactly one of any number of
processes: on one machine a file, for a team of machines a key on their Redis.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from sp_mcp.clock import Clock

if TYPE_CHECKING:
    from sp_mcp.team import Team

log = logging.getLogger(__name__)

LIFETIME = 600.0
"""Seconds for which a consent can be used."""

_KEPT = 2 * LIFETIME
"""Seconds for which it is known, so that a late answer is told from one that means nothing."""

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


class Consents(ABC):
    """Issues and spends consents."""

    async def issue(self, binding: str) -> str:
        """A new secret for what `binding` describes. Raises TeamUnavailable."""
        secret = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        await self._put(_name(secret, binding))
        return secret

    async def spend(self, secret: str, binding: str) -> Spent:
        """Use a secret up for what `binding` describes; it is good for one caller only. Raises TeamUnavailable."""
        age = await self._take(_name(secret, binding))
        if age is None:
            return Spent(Validity.UNKNOWN)
        # A clock that was set back must not make a consent last for ever.
        return Spent(Validity.GOOD if -1 <= age < LIFETIME else Validity.EXPIRED, age)

    @abstractmethod
    async def _put(self, name: str) -> None:
        """Keep `name`, and when it was given out."""

    @abstractmethod
    async def _take(self, name: str) -> float | None:
        """Remove `name`; answers its age in seconds, or None where it is not there."""


class FolderConsents(Consents):
    """Consents as files in a folder that the processes of one user share, or in this process if that fails."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder: Path | None = folder
        self._clock = clock
        self._held: dict[str, float] = {}

    async def _put(self, name: str) -> None:
        issued = self._clock.now().timestamp()
        if self._folder is not None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._sweep(self._folder)
                self._write(self._folder / name, issued)
                return
            except OSError as error:
                log.warning(
                    "The state folder cannot be written (%s); consents are kept in this process only.",
                    type(error).__name__,
                )
                self._folder = None
        self._held[name] = issued

    async def _take(self, name: str) -> float | None:
        issued = self._held.pop(name, None)
        if issued is None and self._folder is not None:
            issued = self._remove(self._folder / name)
        return None if issued is None else self._clock.now().timestamp() - issued

    def _write(self, path: Path, issued: float) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{issued:.3f}")

    def _remove(self, path: Path) -> float | None:
        try:
            issued = float(path.read_text(encoding="ascii"))
            path.unlink()
        except (OSError, ValueError):
            return None
        return issued

    def _sweep(self, folder: Path) -> None:
        """Remove what nobody can use any more."""
        oldest = self._clock.now().timestamp() - _KEPT
        for path in folder.iterdir():
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink()
            except OSError:
                continue


class TeamConsents(Consents):
    """Consents on the team's Redis, by its clock."""

    # The time as text, because Redis cuts numbers to integers.
    _NOW = "local time = redis.call('TIME') local now = time[1] + time[2] / 1e6 "
    _PUT = f"{_NOW} redis.call('SET', KEYS[1], string.format('%.6f', now), 'EX', ARGV[1])"
    _TAKE = f"{_NOW} local issued = redis.call('GET', KEYS[1]) if not issued then return false end " + (
        "redis.call('DEL', KEYS[1]) return string.format('%.6f', now - tonumber(issued))"
    )

    def __init__(self, team: Team) -> None:
        self._team = team

    async def _put(self, name: str) -> None:
        await self._team.run(self._PUT, f"sp-mcp:consent:{name}", int(_KEPT))

    async def _take(self, name: str) -> float | None:
        age = await self._team.run(self._TAKE, f"sp-mcp:consent:{name}")
        return None if age is None else float(age)


def _name(secret: str, binding: str) -> str:
    return hashlib.sha256(f"{secret.strip().upper()}\0{binding}".encode(errors="replace")).hexdigest()
