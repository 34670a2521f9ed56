"""The interface of stores that keep buckets, and the store that keeps them in this process."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sp_mcp.clock import Clock
from sp_mcp.quota.bucket import IDLE, Act, Bucket, Plan, Turn


class Key(NamedTuple):
    """The key of a bucket: a digest of the account, and the name of the operation."""

    account: str
    operation: str


class StoreUnavailable(Exception):
    """The store cannot be reached or written, and it is unknown whether the act happened. The text says why.

    `others_go_on` is true if other processes can probably still use the store.
    """

    def __init__(self, reason: str, *, others_go_on: bool) -> None:
        super().__init__(reason)
        self.others_go_on = others_go_on


@dataclass(frozen=True)
class BucketSnapshot:
    """The state of a bucket at `now`. `account` is its salted name; `mine` is whether it is the account that asked."""

    account: str
    mine: bool
    operation: str
    bucket: Bucket
    now: float


class Store(ABC):
    """Keeps buckets, and does one act on a bucket at a time. Instants are on the store's own clock."""

    @abstractmethod
    async def run(self, key: Key, plan: Plan, act: Act, *values: str | float, strict: bool = False) -> Turn:
        """Call `act`, a method of Bucket, with `values` on the bucket `key` and return its turn.

        A missing bucket is made from `plan`. With `strict`, the store fails rather than use buckets that other
        processes cannot see. Raises StoreUnavailable.
        """

    @abstractmethod
    async def snapshots(self, account: str) -> Sequence[BucketSnapshot]:
        """Returns the current state of all buckets in use; those of `account` are marked. Raises StoreUnavailable."""

    async def aclose(self) -> None:  # noqa: B027 - a store may have nothing to close
        """Close files and connections."""


class MemoryStore(Store):
    """Keeps buckets of this process only."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[Key, Bucket] = {}

    async def run(self, key: Key, plan: Plan, act: Act, *values: str | float, strict: bool = False) -> Turn:
        bucket, turn = act_on(self._buckets.get(key), plan, self._clock.monotonic(), act, values)
        self._buckets[key] = bucket
        return turn

    async def snapshots(self, account: str) -> Sequence[BucketSnapshot]:
        return in_use(self._buckets.items(), account, self._clock.monotonic())


def act_on(
    bucket: Bucket | None, plan: Plan, now: float, act: Act, values: Sequence[str | float]
) -> tuple[Bucket, Turn]:
    """Do one act on a bucket, or on a new one if `bucket` is None. Returns the changed bucket and the turn."""
    if bucket is None:
        bucket = Bucket.begin(plan, now)
    bucket.plan = plan
    bucket.arrive(now)
    turn: Turn = getattr(bucket, act)(now, *values)
    return bucket, turn


def in_use(found: Iterable[tuple[Key, Bucket]], mine: str, now: float) -> list[BucketSnapshot]:
    """Returns snapshots of the recently used buckets in `found`. `mine` is the asking account's salted name."""
    kept = []
    for key, bucket in sorted(found, key=lambda entry: entry[0]):
        if bucket.at >= now - IDLE:
            bucket.arrive(now)
            kept.append(BucketSnapshot(key.account, key.account == mine, key.operation, bucket, now))
    return kept
