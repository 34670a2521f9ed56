"""Token buckets: how many requests Amazon takes, per account and operation.

Amazon's buckets are per (application and selling partner, operation): `burst` tokens at most, refilled at
`per_second` (sp-api-facts 3.8). Here every waiter stands in one queue per bucket, knows its turn from the
start, sleeps until then and takes its token when it goes; a waiter who leaves moves the others up at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio

from sp_mcp.amazon.errors import WaitTooLong
from sp_mcp.clock import Clock

JITTER = 0.1
"""Seconds a request may arrive earlier, relative to the ones before it, than it was permitted."""

HEARTBEAT = 1.0
"""Longest time between two words about how long the wait still is, in seconds."""

_MOST_DOUBLINGS = 7

_BAND = 10.0
"""How many times more or less than documented a rate can be and still be believed."""

OnWait = Callable[[float], Awaitable[None]]
"""Told the seconds left while a call waits for its turn."""


@dataclass(frozen=True)
class Rate:
    """A usage plan: requests per second, and how many may come at once."""

    per_second: float
    burst: int


class Bucket:
    """One token bucket with its queue. Times are the clock's monotonic seconds."""

    def __init__(self, rate: Rate, now: float) -> None:
        self._documented = rate
        self._set_rate(rate.per_second)
        self._level = self._capacity
        self._filled_at = now
        self._paused_until = now
        self._queue: deque[object] = deque()
        self.changed = anyio.Event()

    def _set_rate(self, per_second: float) -> None:
        # Slack against jitter: a little less than the burst, or where that leaves less than one token, a
        # little longer between two requests. Derivation: rate-limit-notes, "Slack".
        self.rate = per_second
        slack = self._documented.burst - per_second * JITTER
        self._capacity = max(1.0, slack)
        interval = 1 / per_second
        if slack < 1:
            interval += JITTER - (self._documented.burst - 1) / per_second
        self._interval = interval

    def _refill(self, now: float) -> None:
        elapsed = max(0.0, now - self._filled_at)
        self._level = min(self._capacity, self._level + elapsed / self._interval)
        self._filled_at = now

    def _notify(self) -> None:
        changed, self.changed = self.changed, anyio.Event()
        changed.set()

    def seconds_until_turn(self, now: float, ticket: object | None = None) -> float:
        """Seconds until the turn of `ticket`, or of somebody who joined the queue now."""
        self._refill(now)
        ahead = self._queue.index(ticket) if ticket is not None else len(self._queue)
        missing = ahead + 1 - self._level
        # A billionth of a token short is rounding, not a reason to sleep again.
        refill = missing * self._interval if missing > 1e-9 else 0.0
        return max(refill, self._paused_until - now)

    def join(self) -> object:
        """Stand at the end of the queue; answers the ticket."""
        ticket = object()
        self._queue.append(ticket)
        return ticket

    def leave(self, ticket: object) -> None:
        """Step out of the queue without having gone; those behind move up."""
        self._queue.remove(ticket)
        self._notify()

    def take(self, ticket: object, now: float) -> None:
        """Use a token: this ticket's request goes now."""
        self._refill(now)
        self._queue.remove(ticket)
        self._level -= 1

    def follow(self, per_second: float, now: float) -> None:
        """Adopt the rate Amazon says it applies, within a sane band around the documented one."""
        documented = self._documented.per_second
        per_second = min(max(per_second, documented / _BAND), documented * _BAND)
        if per_second == self.rate:
            return
        self._refill(now)
        self._set_rate(per_second)
        self._notify()

    def pause(self, now: float, seconds: float | None, times: int) -> None:
        """After a call's 429 number `times`: empty, and nobody goes for `seconds`.

        It is one interval at least, and twice as long with each further 429, because somebody else must be
        using the quota too.
        """
        self._refill(now)
        doubled = self._interval * 2 ** (min(times, _MOST_DOUBLINGS) - 1)
        seconds = max(seconds or 0.0, doubled, self._paused_until - now)
        # Level and pause are set so that the first waiter goes as the pause ends and not an interval later.
        self._level = min(self._level, 1 - seconds / self._interval)
        self._paused_until = now + seconds
        self._notify()


class RateLimiter:
    """The buckets of this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}

    def _bucket(self, key: str, rate: Rate) -> Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(rate, self._clock.monotonic())
        return bucket

    async def turn(self, key: str, rate: Rate, most: float, *, longest: float, on_wait: OnWait | None = None) -> float:
        """Wait for a turn in the bucket `key`; answers the seconds waited.

        `most` is how many seconds this may take; `longest` is only for the text. Raises WaitTooLong, at
        once, when the turn is later than that. Cancelling gives the place in the queue back.
        """
        bucket = self._bucket(key, rate)
        start = self._clock.monotonic()
        _refuse_if_late(key, bucket.seconds_until_turn(start), most, longest)
        ticket = bucket.join()
        try:
            while (left := bucket.seconds_until_turn(now := self._clock.monotonic(), ticket)) > 0:
                _refuse_if_late(key, left, start + most - now, longest)
                changed = bucket.changed
                if on_wait is not None:
                    # Somebody who does not listen must not hold up the queue behind this ticket.
                    with anyio.move_on_after(HEARTBEAT):
                        await on_wait(left)
                await self._clock.wait(changed, min(left, HEARTBEAT))
        except BaseException:
            bucket.leave(ticket)
            raise
        now = self._clock.monotonic()
        bucket.take(ticket, now)
        return now - start

    def follow(self, key: str, rate: Rate, per_second: float) -> None:
        """Amazon said which rate it applies (x-amzn-RateLimit-Limit)."""
        self._bucket(key, rate).follow(per_second, self._clock.monotonic())

    def pause(self, key: str, rate: Rate, seconds: float | None, times: int = 1) -> None:
        """Amazon answered a call with 429 for the `times`-th time, perhaps with a Retry-After in seconds."""
        self._bucket(key, rate).pause(self._clock.monotonic(), seconds, times)


def _refuse_if_late(key: str, left: float, most: float, longest: float) -> None:
    if left > max(most, 0.0):
        raise WaitTooLong(key.rsplit("/", 1)[-1], left, longest)
