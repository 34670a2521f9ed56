"""A store that continues with buckets of this process while the shared store is unavailable."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from sp_mcp.clock import Clock
from sp_mcp.endpoint import Rate
from sp_mcp.quota.bucket import IDLE, Act, Plan, Turn
from sp_mcp.quota.store import BucketSnapshot, Key, MemoryStore, Store, StoreUnavailable

log = logging.getLogger(__name__)

RETRY = 5.0
"""Seconds after which an unavailable shared store is tried again."""

STRICT_RETRY = 1.0
"""The same for a call that is refused without the shared store."""

SHARE = 0.25
"""The part of each rate and burst that a process uses while it cannot see what other processes use."""


class FallbackStore(Store):
    """Uses `shared` while it is available, and buckets of this process otherwise.

    With `refuse_strict`, strict requests raise StoreUnavailable instead of using the buckets of this process.
    """

    def __init__(self, shared: Store, clock: Clock, *, refuse_strict: bool = False) -> None:
        self._shared = shared
        self._clock = clock
        self._refuse_strict = refuse_strict
        self._alone = MemoryStore(clock)
        self._share = 1.0
        self._lost: StoreUnavailable | None = None
        self._lost_at = 0.0
        self._used_at: dict[Key, float] = {}
        self._used_alone: set[Key] = set()

    async def run(self, key: Key, plan: Plan, act: Act, *values: str | float, strict: bool = False) -> Turn:
        refuse = strict and self._refuse_strict
        now = self._clock.monotonic()
        # If the shared store has lost a bucket that this process used, the tokens of that bucket may be used up.
        plan = replace(plan, empty=plan.empty or now - self._used_at.get(key, -IDLE) < IDLE)
        if self._lost is None or now >= self._lost_at + (STRICT_RETRY if refuse else RETRY):
            try:
                if key in self._used_alone:
                    await self._shared.run(key, plan, "drain")
                    self._used_alone.discard(key)
                turn = await self._shared.run(key, plan, act, *values)
            except StoreUnavailable as error:
                self._note_loss(error)
            else:
                self._note_return()
                self._used_at[key] = now
                return turn
        if refuse and self._lost is not None:
            raise self._lost
        self._used_alone.add(key)
        share = Rate(plan.rate.per_second * self._share, max(1, int(plan.rate.burst * self._share)))
        plan = replace(plan, rate=share, empty=plan.empty or self._share < 1)
        if act == "follow":
            values = (float(values[0]) * self._share,)
        return await self._alone.run(key, plan, act, *values)

    async def snapshots(self, account: str) -> Sequence[BucketSnapshot]:
        return await self._shared.snapshots(account)

    async def aclose(self) -> None:
        await self._shared.aclose()

    def _note_loss(self, error: StoreUnavailable) -> None:
        if self._lost is None:
            self._share = SHARE if error.others_go_on else 1.0
            share = f", at {self._share:.0%} of each rate" if error.others_go_on else ""
            log.warning(
                "The shared quota cannot be used: %s. Until then this process counts by itself%s.", error, share
            )
        self._lost, self._lost_at = error, self._clock.monotonic()

    def _note_return(self) -> None:
        if self._lost is not None:
            log.info("The shared quota is in use again.")
            self._lost = None
            # The next loss of the shared store starts with new buckets.
            self._alone = MemoryStore(self._clock)
