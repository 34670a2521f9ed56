"""Secrets of consents that wait for their answer. Each can be used for one send.

A consent is a random secret that is bound to the digest of the change it is about. The ledger keeps a digest of both,
the time at which the consent was issued, and the id of the earlier change that the question mentioned, if any.
"""

from __future__ import annotations

import hashlib
import secrets
from enum import Enum

LIFETIME = 600.0
"""Seconds for which a consent can be used."""

KEPT = 2 * LIFETIME
"""Seconds for which the ledger keeps a consent, so that it can tell a late answer from an unknown one."""

# Without 0 and O, and without 1 and I, which look alike.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 8


class InvalidToken(Enum):
    """Why a consent cannot be used."""

    EXPIRED = "has expired"
    UNKNOWN = "was never given out, was used already, or belongs to other arguments"


def new_token() -> str:
    """Returns a new secret that a person can type."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def token_digest(secret: str, digest: str) -> str:
    """Returns what the ledger keeps of a consent: a digest of its secret and of the change's `digest`."""
    return hashlib.sha256(f"{secret.strip().upper()}\0{digest}".encode(errors="replace")).hexdigest()


def is_good(age: float) -> bool:
    """Whether a consent of `age` seconds can be used. It cannot if its age is negative by more than a second, because
    a clock that was set back must not make it last for ever.
    """
    return -1 <= age < LIFETIME
