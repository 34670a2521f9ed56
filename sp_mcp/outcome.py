"""What came of a change: one vocabulary for the client, the ledger and every reader."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What came of a change: Amazon's own word, or what is known without it."""

    SENT = "sent"
    """Amazon answered with a success."""
    REFUSED = "refused"
    """Amazon answered that it will not do it. Nothing was done."""
    FAILED = "failed"
    """It was not carried out: it did not leave this machine, or what left was not executed and nothing left again."""
    UNKNOWN = "unknown"
    """It left, and no usable answer came. It may or may not have taken effect."""
    WAITING = "waiting"
    """It is recorded and may still leave, within the longest wait."""
