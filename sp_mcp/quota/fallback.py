"""Going on when shared buckets are gone: on buckets of this process, until the shared ones are back."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from sp_mcp.clock import Clock
from sp_mcp.quota.bucket import IDLE, Act, Plan, Rate, Turn
from sp_mcp.quota.store import Kept, Key, MemoryStore, Store, StoreUnavailable

log = logging.getLogger(__name__)

RETRY = 5.0
"""Seconds after which shared buckets that were gone are tried again."""

STRICT_RETRY = 1.0
"""The same for what cannot go on without them."""

SHARE = 0.25
"""The part of each rate and burst a process takes while it cannot see what other processes take."""


class FallbackStore(Store):
    """`shared` where it can be had, and otherwise buckets of this process.

    With `refuse_strict` what is asked for as strict is not done on those.
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
        # A bucket that was used here and is not there any more was lost, and its tokens may be used up.
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

    async def look(self, account: str) -> Sequence[Kept]:
        return await self._shared.look(account)

    async def aclose(self) -> None:
        await self._shared.aclose()

    def _note_loss(self, error: StoreUnavailable) -> None:
        if self._lost is None:
            self._share = SHARE if error.others_go_on else 1.0
            share = f", at {self._share:.0%} of each rate" if error.others_go_on else ""
            log.warning(
                "The shared quota cannot be used: %s. This process counts by itself%s until it can.", error, share
            )
        self._lost, self._lost_at = error, self._clock.monotonic()

    def _note_return(self) -> None:
        if self._lost is not None:
            log.info("The shared quota is in use again.")
            self._lost = None
            # What is left here of its tokens is not for the next time.
            self._alone = MemoryStore(self._clock)
