"""Where buckets are kept: what every keeper does, and the one that keeps them in this process."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sp_mcp.clock import Clock
from sp_mcp.quota.bucket import IDLE, Act, Bucket, Plan, Turn


class Key(NamedTuple):
    """Which bucket: a digest that tells accounts apart, and the name of the operation."""

    account: str
    operation: str


class StoreUnavailable(Exception):
    """The buckets cannot be reached or written; whether the act happened is unknown. The text says why.

    `others_go_on` is true where other processes probably use them all the same.
    """

    def __init__(self, reason: str, *, others_go_on: bool) -> None:
        super().__init__(reason)
        self.others_go_on = others_go_on


@dataclass(frozen=True)
class Kept:
    """A bucket as `look` finds it. `account` is the keeper's salted name for it, `mine` whether it was asked for."""

    account: str
    mine: bool
    operation: str
    bucket: Bucket
    now: float


class Store(ABC):
    """Keeps buckets and does one act on one of them at a time, on its own clock."""

    @abstractmethod
    async def run(self, key: Key, plan: Plan, act: Act, *values: str | float, strict: bool = False) -> Turn:
        """Do `act` (a method of Bucket) with `values` to the bucket `key`, begun from `plan` where there is none.

        `strict`: better not at all than on buckets that others cannot see. Raises StoreUnavailable.
        """

    @abstractmethod
    async def look(self, account: str) -> Sequence[Kept]:
        """All buckets in use, as they stand now; those of `account` are marked. Raises StoreUnavailable."""

    async def aclose(self) -> None:  # noqa: B027 - most have nothing to let go of
        """Let go of files and connections."""


class MemoryStore(Store):
    """Buckets of this process alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[Key, Bucket] = {}

    async def run(self, key: Key, plan: Plan, act: Act, *values: str | float, strict: bool = False) -> Turn:
        bucket, turn = act_on(self._buckets.get(key), plan, self._clock.monotonic(), act, values)
        self._buckets[key] = bucket
        return turn

    async def look(self, account: str) -> Sequence[Kept]:
        return in_use(self._buckets.items(), account, self._clock.monotonic())


def act_on(
    bucket: Bucket | None, plan: Plan, now: float, act: Act, values: Sequence[str | float]
) -> tuple[Bucket, Turn]:
    """One act on a bucket as it was kept, or on none; answers it as it is then."""
    if bucket is None:
        bucket = Bucket.begin(plan, now)
    bucket.plan = plan
    bucket.arrive(now)
    turn: Turn = getattr(bucket, act)(now, *values)
    return bucket, turn


def in_use(found: Iterable[tuple[Key, Bucket]], mine: str, now: float) -> list[Kept]:
    """What `look` tells of the buckets that were used lately; `mine` is the asking account as it is kept."""
    kept = []
    for key, bucket in sorted(found, key=lambda entry: entry[0]):
        if bucket.at >= now - IDLE:
            bucket.arrive(now)
            kept.append(Kept(key.account, key.account == mine, key.operation, bucket, now))
    return kept
