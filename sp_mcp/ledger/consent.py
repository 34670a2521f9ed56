"""Consents that wait for their answer, each good for one send.

A consent is a random secret bound to the digest of what was asked about. Kept of it are a digest of both, when it
was given out, and which earlier change it repeats, if the person was told of one.
"""

from __future__ import annotations

import hashlib
import secrets
from enum import Enum

LIFETIME = 600.0
"""Seconds for which a consent can be used."""

KEPT = 2 * LIFETIME
"""Seconds for which it is known, so that a late answer is told from one that means nothing."""

# Without letters and digits that look alike.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 8


class Useless(Enum):
    """Why a consent is good for nothing."""

    EXPIRED = "has expired"
    UNKNOWN = "was never given out, was used already, or belongs to other arguments"


def new_secret() -> str:
    """A secret that a person can type."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def name_of(secret: str, digest: str) -> str:
    """What is kept of a consent to what `digest` stands for."""
    return hashlib.sha256(f"{secret.strip().upper()}\0{digest}".encode(errors="replace")).hexdigest()


def is_good(age: float) -> bool:
    """Whether a consent of so many seconds can be used; a clock that was set back must not make it last for ever."""
    return -1 <= age < LIFETIME
