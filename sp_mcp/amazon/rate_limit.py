"""Waits for a turn in Amazon's quota.

The calls of this process that need the same bucket wait in one line, and the first call in it holds the process's
ticket in the bucket (quota/bucket.py). So a process that is killed leaves only one ticket behind, processes take turns,
and the ticket of a cancelled call passes to the next call in line.
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
from sp_mcp.endpoint import Rate
from sp_mcp.quota.bucket import HEARTBEAT, Act, Plan, Turn
from sp_mcp.quota.store import Key, Store, StoreUnavailable

JITTER = 0.1
"""Seconds by which a request may travel faster than those before it, over the internet."""

LOOPBACK_JITTER = 0.05
"""The same for a server on this machine, where only a busy processor delays requests."""

LISTENING = 0.05
"""Seconds that an `on_wait` may take."""

WORTH_TELLING = 0.5
"""Seconds of waiting below which `on_wait` is not called."""

OnWait = Callable[[float], Awaitable[None]]
"""Is called with the seconds left while a call waits for its turn."""


@dataclass(eq=False)
class _Call:
    """One call in line. `deadline` is until when it waits at most, and `told_at` when `on_wait` was last called, both
    monotonic. `left` is the seconds until its turn, None while unknown. `woken` is set when it should check again.
    """

    deadline: float
    woken: anyio.Event = field(default_factory=anyio.Event)
    left: float | None = None
    told_at: float | None = None


@dataclass
class _Line:
    """The calls of this process that wait for one bucket, and what the bucket said of their turns.

    `turn_at` is the first call's turn on this process's clock, None while unknown. `interval` is the seconds between
    two turns, and `others` how many calls of each other process may go in between. `followed` is the rate that Amazon
    stated last, and the rate that the bucket adopted for it.
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
        """Wake the calls that do not know when their turn is, except the first."""
        for call in self.calls:
            if call.left is None and call is not self.calls[0]:
                call.woken.set()

    def wake(self) -> None:
        """Wake every call, because the known turns are no longer right."""
        for call in self.calls:
            call.woken.set()

    def seconds_until_turn(self, index: int, now: float) -> float | None:
        """About how many seconds the call at `index` in the line has to wait; None if that is not known yet."""
        if self.turn_at is None:
            return None
        # Processes take turns: for each turn of this process before that of the call, every other process has one too,
        # as long as it has waiting calls.
        rounds = index + sum(min(index, waiting) for waiting in self.others)
        return max(self.turn_at - now, 0.0) + rounds * self.interval


class RateLimiter:
    """Gives out turns in the buckets of one account, which `store` keeps.

    `process` is this process's name in tickets. `jitter` is in seconds (see Plan).
    """

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
        """Wait for a turn in the bucket of `operation`. Returns the seconds waited.

        `most` is the most seconds to wait; `longest` only appears in the error's text. With `strict`, it fails rather
        than use a quota that other processes do not see. Raises WaitTooLong at once if the turn is later than `most`,
        and QuotaUnavailable. If it is cancelled, the call leaves the line and a token that it took is put back.
        """
        start = self._clock.monotonic()
        line = self._line(operation)
        call = _Call(start + most)
        line.calls.append(call)
        try:
            while True:
                now = self._clock.monotonic()
                patience = max(call.deadline - now, 0.0)
                # An event after this line is seen in the next round.
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
        """Let the bucket adopt the rate that Amazon stated, in requests per second (x-amzn-RateLimit-Limit)."""
        line = self._line(operation)
        # The bucket may adopt another rate than the stated one (see Bucket.follow), so both are compared.
        if line.per_second != per_second and line.followed != (per_second, line.per_second):
            turn = await self._run(operation, rate, line, "follow", per_second)
            line.followed = (per_second, turn.per_second)
            line.wake()

    async def pause(self, operation: str, rate: Rate, seconds: float | None, times: int = 1) -> None:
        """Pause the bucket after the `times`-th 429 of a call. `seconds` is Amazon's Retry-After, None without one."""
        line = self._line(operation)
        await self._run(operation, rate, line, "pause", seconds or 0.0, float(times))
        line.wake()

    async def aclose(self) -> None:
        """Close the store of the buckets."""
        await self._store.aclose()

    def _line(self, operation: str) -> _Line:
        if operation not in self._lines:
            self._lines[operation] = _Line(self._new_ticket())
        return self._lines[operation]

    def _new_ticket(self) -> str:
        return f"{self._process}/{next(self._tickets)}"

    async def _ask(self, operation: str, rate: Rate, line: _Line, now: float, *, strict: bool) -> Turn:
        # The ticket is for all calls in line, so the latest deadline counts.
        patience = max(max(call.deadline for call in line.calls) - now, 0.0)
        try:
            turn = await self._run(
                operation, rate, line, "ask", line.ticket, float(len(line.calls)), patience, strict=strict
            )
        except StoreUnavailable as error:
            raise QuotaUnavailable(f"{error}, so this call cannot get a turn in the quota.") from None
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
        # Shielded, because a cancelled call must know what became of its ticket and token.
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
            # A slow `on_wait` must not hold up the calls behind this one.
            with anyio.move_on_after(LISTENING):
                await on_wait(call.left)
        await self._clock.wait(call.woken, max(until - self._clock.monotonic(), 0.0))

    async def _step_out(self, operation: str, rate: Rate, line: _Line, call: _Call) -> None:
        line.calls.remove(call)
        if line.calls:
            # The call that is first now continues with the same ticket; if this call used it, it joins the line anew.
            line.calls[0].woken.set()
            return
        line.turn_at = None
        if line.joined:
            # A call that comes meanwhile gets a new ticket, which this `leave` does not remove.
            left, line.ticket, line.joined = line.ticket, self._new_ticket(), False
            with suppress(StoreUnavailable):
                await self._run(operation, rate, line, "leave", left)
