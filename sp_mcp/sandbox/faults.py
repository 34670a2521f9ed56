"""Misbehaviour on request: what can go wrong between a client and Amazon."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

KINDS = (
    "throttle",  # 429
    "server_error",  # 5xx with Amazon's error body
    "gateway_error",  # an API gateway's {"message": …}
    "html",  # a page instead of JSON
    "empty",  # no body
    "garbage",  # JSON that is cut off
    "huge",  # more than 20 MB
    "drop",  # the connection ends before the answer is complete
    "slow",  # the answer comes late
    "drip",  # the answer comes in small pieces
    "expired_token",  # 403, and the token is worthless from now on
)

_STATUS = {"throttle": 429, "server_error": 500, "gateway_error": 504, "html": 503, "empty": 502}


@dataclass(frozen=True)
class Fault:
    """One misbehaviour.

    `operation_id` names an operation or `login`; None means any operation. `times` is how often it happens.
    With `after_effect` the operation is carried out first, otherwise it is not carried out at all (`slow`
    and `drip` carry it out in any case). `seconds` is the delay, of each piece for `drip`. `status`
    replaces the usual one of the kind.
    """

    kind: str
    operation_id: str | None = None
    times: int = 1
    after_effect: bool = False
    seconds: float = 0.0
    status: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")

    @classmethod
    def read(cls, entry: dict[str, Any]) -> Fault:
        """From JSON. Raises ValueError or TypeError where it is no fault."""
        unknown = entry.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        return cls(**entry)

    @property
    def answer_status(self) -> int:
        """The status the client sees."""
        return self.status or _STATUS.get(self.kind, 200)

    @property
    def carries_out(self) -> bool:
        """Whether the operation takes effect."""
        return self.after_effect or self.kind in ("slow", "drip")


class FaultPlan:
    """Faults to come, in the order they were added."""

    def __init__(self) -> None:
        self._faults: list[tuple[Fault, int]] = []

    def add(self, fault: Fault) -> None:
        """Let it happen `fault.times` times."""
        self._faults.append((fault, fault.times))

    @property
    def to_come(self) -> int:
        """How many misbehaviours are left."""
        return sum(left for _, left in self._faults)

    def clear(self) -> None:
        """Behave from now on."""
        self._faults.clear()

    def take(self, operation_id: str) -> Fault | None:
        """The next fault for an operation (or `login`), used up once."""
        for index, (fault, left) in enumerate(self._faults):
            if fault.operation_id == operation_id or (fault.operation_id is None and operation_id != "login"):
                if left > 1:
                    self._faults[index] = (fault, left - 1)
                else:
                    del self._faults[index]
                return fault
        return None
