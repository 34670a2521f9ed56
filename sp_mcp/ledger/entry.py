"""What the ledger knows of one change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sp_mcp.outcome import Outcome


class LedgerUnavailable(Exception):
    """The ledger cannot be read or written. The text says why."""


class Resolution(StrEnum):
    """What a later read at Amazon showed of a change whose outcome was unknown."""

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

    `wire` is what would be sent, and `dedup_key` the part of it that is equal when the change is repeated; the ledger
    keeps only digests of both. It keeps `arguments`, and `subjects`: what the change is about, such as order numbers.
    """

    operation: str
    wire: Mapping[str, Any] = field(repr=False)
    dedup_key: Mapping[str, Any] = field(repr=False)
    arguments: Mapping[str, Any] = field(repr=False)
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """The outcome of a change. `done` and `not_done` count its parts, such as orders, and are None if it has none."""

    outcome: Outcome
    status: int | None = None
    request_id: str | None = None
    codes: tuple[str, ...] = ()
    done: int | None = None
    not_done: int | None = None


@dataclass(frozen=True)
class Entry:
    """One change in the ledger. Instants are seconds since 1970, by the clock of the machine that wrote them.

    `give_up_at` is until when the change can be sent, and `left_at` when it was sent, None before that.
    """

    id: str
    at: float
    operation: str
    account: str
    label: str
    environment: str
    endpoint: str
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
    resolution: Resolution | None = None
    settled_at: float | None = None

    @property
    def unsettled(self) -> bool:
        """Whether the outcome is unknown and no read has shown it since."""
        return self.outcome is Outcome.UNKNOWN and self.resolution is None


@dataclass(frozen=True)
class Earlier:
    """The last equal change that was done or may have been done. `at` is in seconds since 1970."""

    id: str
    at: float
    outcome: Outcome
    done: int | None = None
    not_done: int | None = None
    resolution: Resolution | None = None


def utc_text(seconds: float) -> str:
    """Returns an instant (seconds since 1970) as text for people, in UTC."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
