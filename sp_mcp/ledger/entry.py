"""What the ledger knows of one change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class LedgerUnavailable(Exception):
    """The ledger cannot be read or written. The text says why."""


class Outcome(StrEnum):
    """What came of a change. Amazon's own word, or what is known without it."""

    SENT = "sent"
    """Amazon answered with a success."""
    REFUSED = "refused"
    """Amazon answered that it will not do it; nothing was done."""
    FAILED = "failed"
    """It was not carried out: it did not leave this machine, or came back as one to be tried again, which failed."""
    UNKNOWN = "unknown"
    """It left, and no usable answer came: it may or may not have taken effect."""
    WAITING = "waiting"
    """It is recorded and still to leave, within the longest wait."""


class Verdict(StrEnum):
    """What a later look at Amazon showed of a change whose outcome was unknown."""

    HAPPENED = "it took effect"
    PARTLY = "part of it took effect"
    DID_NOT = "it did not take effect"


class ConsentBy(StrEnum):
    """How consent was given."""

    HOST = "host"
    CODE = "code"
    TERMINAL = "terminal"
    UNASKED = "unasked"


@dataclass(frozen=True)
class Intent:
    """A change that is about to be asked about.

    `wire` is what would be sent, and `essence` what is equal in it when the same is asked for again; both for their
    digests only. `arguments` is what is kept of it and `subjects` what it is about, such as orders' numbers.
    """

    operation: str
    wire: Mapping[str, Any] = field(repr=False)
    essence: Mapping[str, Any] = field(repr=False)
    arguments: Mapping[str, Any] = field(repr=False)
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What came of a change. `done` and `not_done` count its parts where it has some, such as orders."""

    outcome: Outcome
    status: int | None = None
    request_id: str | None = None
    codes: tuple[str, ...] = ()
    done: int | None = None
    not_done: int | None = None


@dataclass(frozen=True)
class Entry:
    """One row. Instants are seconds since 1970, by the clock of the machine that wrote them."""

    id: str
    at: float
    operation: str
    account: str
    label: str
    environment: str
    place: str
    consent: ConsentBy
    asked_at: float | None
    consented_at: float | None
    digest: str
    arguments: dict[str, Any] = field(repr=False)
    subjects: tuple[str, ...]
    give_up_at: float
    left_at: float | None
    outcome: Outcome
    completed_at: float | None = None
    status: int | None = None
    request_id: str | None = None
    codes: tuple[str, ...] = ()
    done: int | None = None
    not_done: int | None = None
    verdict: Verdict | None = None
    settled_at: float | None = None

    @property
    def unsettled(self) -> bool:
        """Whether nobody knows what became of it."""
        return self.outcome is Outcome.UNKNOWN and self.verdict is None


@dataclass(frozen=True)
class Earlier:
    """The last time that exactly the same was asked of Amazon and may have been done."""

    id: str
    at: float
    outcome: Outcome
    done: int | None = None
    not_done: int | None = None
    verdict: Verdict | None = None


def moment(seconds: float) -> str:
    """An instant as it is written for people, in UTC."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
