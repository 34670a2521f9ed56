"""Waiting for a turn in Amazon's quota.

The calls of this process that want the same bucket stand in one line, and the first of them holds the process's
ticket in the bucket (quota/bucket.py). So a process that is killed leaves one ticket behind and not many,
processes take turns, and a call that is given up hands its place to the next.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import anyio
import anyio.lowlevel

from sp_mcp.amazon.errors import QuotaUnavailable, WaitTooLong
from sp_mcp.clock import Clock
from sp_mcp.quota.bucket import HEARTBEAT, Act, Plan, Rate, Turn
from sp_mcp.quota.store import Key, Store, StoreUnavailable

JITTER = 0.1
"""Seconds by which requests may travel faster than those before them, over the internet."""

LOOPBACK_JITTER = 0.05
"""The same on one machine, where only its processor makes requests late."""

LISTENING = 0.05
"""Seconds within which a caller must have taken in how long it still takes."""

WORTH_TELLING = 0.5
"""Seconds: a shorter wait is over before anybody has read of it."""

OnWait = Callable[[float], Awaitable[None]]
"""Told the seconds left while a call waits for its turn."""


@dataclass(eq=False)
class _Call:
    """One call in line: until when it may wait, how long it takes as far as is known, when its caller last heard it."""

    deadline: float
    woken: anyio.Event = field(default_factory=anyio.Event)
    left: float | None = None
    told_at: float | None = None


@dataclass
class _Line:
    """The calls of this process that wait for one bucket, and what is known of its turns.

    `turn_at` is the first call's turn on this process's clock, None until the bucket has told it; `followed` the rate
    that Amazon told last, and what the bucket made of it.
    """

    ticket: str
    calls: deque[_Call] = field(default_factory=deque)
    joined: bool = False
    turn_at: float | None = None
    interval: float = 0.0
    others: tuple[int, ...] = ()
    per_second: float | None = None
    followed: tuple[float, float] | None = None

    def tell(self) -> None:
        """Let those look again who did not know when their turn is."""
        for call in self.calls:
            if call.left is None and call is not self.calls[0]:
                call.woken.set()

    def wake(self) -> None:
        """Let every call look again: what was known of the turns does not hold any more."""
        for call in self.calls:
            call.woken.set()

    def seconds_until_turn(self, place: int, now: float) -> float | None:
        """About how long the call at `place` has to wait; None where that is not known yet."""
        if self.turn_at is None:
            return None
        # Processes take turns: before this call's, each of the others has one for each of its own, if it has calls.
        rounds = place + sum(min(place, waiting) for waiting in self.others)
        return max(self.turn_at - now, 0.0) + rounds * self.interval


class RateLimiter:
    """Turns in the buckets of one account, which `store` keeps. `process` names this process to others."""

    def __init__(self, store: Store, clock: Clock, *, account: str, process: str, jitter: float = JITTER) -> None:
        self._store = store
        self._clock = clock
        self._account = account
        self._process = process
        self._jitter = jitter
        self._lines: dict[str, _Line] = {}
        self._tickets = itertools.count()

    async def turn(
        self,
        operation: str,
        rate: Rate,
        most: float,
        *,
        longest: float,
        strict: bool = False,
        on_wait: OnWait | None = None,
    ) -> float:
        """Wait for a turn in the bucket of `operation`; answers the seconds waited.

        `most` is how many seconds this may take; `longest` is only for the text. `strict`: rather not at all
        than on a quota that others do not see. Raises WaitTooLong, at once, when the turn is later than that,
        and QuotaUnavailable. Cancelling gives the place in line back, and a token that was taken.
        """
        start = self._clock.monotonic()
        line = self._line(operation)
        call = _Call(start + most)
        line.calls.append(call)
        try:
            while True:
                now = self._clock.monotonic()
                patience = max(call.deadline - now, 0.0)
                # Whatever happens from here on is looked at in the next round.
                call.woken = anyio.Event()
                if line.calls[0] is call:
                    turn = await self._ask(operation, rate, line, now, strict=strict)
                    if turn.granted:
                        return self._clock.monotonic() - start
                    call.left, back_in = turn.seconds, turn.back_in
                    now = self._clock.monotonic()
                else:
                    call.left = line.seconds_until_turn(line.calls.index(call), now)
                    back_in = HEARTBEAT
                if call.left is not None and call.left > patience:
                    raise WaitTooLong(operation, call.left, longest)
                await self._wait(call, now + back_in, on_wait)
        finally:
            await self._step_out(operation, rate, line, call)

    async def follow(self, operation: str, rate: Rate, per_second: float) -> None:
        """Amazon said which rate it applies (x-amzn-RateLimit-Limit)."""
        line = self._line(operation)
        # A rate that is not believed as it is told (see Bucket.follow) is no news each time either.
        if line.per_second != per_second and line.followed != (per_second, line.per_second):
            turn = await self._run(operation, rate, line, "follow", per_second)
            line.followed = (per_second, turn.per_second)
            line.wake()

    async def pause(self, operation: str, rate: Rate, seconds: float | None, times: int = 1) -> None:
        """Amazon answered a call with 429 for the `times`-th time, perhaps with a Retry-After in seconds."""
        line = self._line(operation)
        await self._run(operation, rate, line, "pause", seconds or 0.0, float(times))
        line.wake()

    async def aclose(self) -> None:
        """Let go of what keeps the buckets."""
        await self._store.aclose()

    def _line(self, operation: str) -> _Line:
        if operation not in self._lines:
            self._lines[operation] = _Line(self._new_ticket())
        return self._lines[operation]

    def _new_ticket(self) -> str:
        return f"{self._process}/{next(self._tickets)}"

    async def _ask(self, operation: str, rate: Rate, line: _Line, now: float, *, strict: bool) -> Turn:
        # The ticket is for all calls in line, so the most patient one counts.
        patience = max(max(call.deadline for call in line.calls) - now, 0.0)
        try:
            turn = await self._run(
                operation, rate, line, "ask", line.ticket, float(len(line.calls)), patience, strict=strict
            )
        except StoreUnavailable as error:
            raise QuotaUnavailable(f"{error}, so this call's turn in the quota cannot be had.") from None
        line.joined = turn.joined
        if turn.granted:
            line.turn_at = None
            try:
                await anyio.lowlevel.checkpoint_if_cancelled()
            except BaseException:
                await self._run(operation, rate, line, "refund")
                raise
            return turn
        news = line.turn_at is None
        line.turn_at = self._clock.monotonic() + turn.seconds
        line.interval, line.others = turn.interval, turn.others
        if news:
            line.tell()
        return turn

    async def _run(
        self, operation: str, rate: Rate, line: _Line, act: Act, *values: str | float, strict: bool = False
    ) -> Turn:
        # Not cut short: what became of a ticket or a token must be known.
        with anyio.CancelScope(shield=True):
            turn = await self._store.run(
                Key(self._account, operation), Plan(rate, self._jitter), act, *values, strict=strict
            )
        line.per_second = turn.per_second
        return turn

    async def _wait(self, call: _Call, until: float, on_wait: OnWait | None) -> None:
        now = self._clock.monotonic()
        due = call.told_at is None or now >= call.told_at + HEARTBEAT
        if on_wait is not None and call.left is not None and call.left >= WORTH_TELLING and due:
            call.told_at = now
            # Somebody who does not listen must not hold up the line behind this call.
            with anyio.move_on_after(LISTENING):
                await on_wait(call.left)
        await self._clock.wait(call.woken, max(until - self._clock.monotonic(), 0.0))

    async def _step_out(self, operation: str, rate: Rate, line: _Line, call: _Call) -> None:
        line.calls.remove(call)
        if line.calls:
            # Whoever is first now goes on with the same ticket, or with a new one where this call has gone.
            line.calls[0].woken.set()
            return
        line.turn_at = None
        if line.joined:
            # A call that comes meanwhile must not lose the place it takes.
            left, line.ticket, line.joined = line.ticket, self._new_ticket(), False
            with suppress(StoreUnavailable):
                await self._run(operation, rate, line, "leave", left)
