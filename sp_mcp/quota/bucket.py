"""The token bucket: the quota of an account for one operation, and the processes that wait in line for it.

Amazon's buckets hold `burst` tokens at most and gain `per_second` (docs/facts/sp-api.md#quotas). Each process waits in
line with one ticket and comes back when its turn is due. It takes a token only then, so a process that stops before has
taken nothing. A ticket whose process does not come back in time leaves the line. Instants are seconds on the clock of
the store that keeps the bucket. `bucket.lua` is the same algorithm for Redis.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any, Literal

from sp_mcp.endpoint import Rate

HEARTBEAT = 1.0
"""Most seconds after which a process in line comes back to show that it is alive."""

SHORTEST_GRACE, LONGEST_GRACE = 0.1, 0.5
"""Seconds for which a ticket stays in line after its process should have been back, because processes can wake late."""

IDLE = 3600.0
"""Seconds without use after which a bucket is full again and returns to the documented rate."""

BAND = 10.0
"""How many times more or less than the documented rate a bucket adopts."""

_CLOCK_WENT_BACK = 1.0
_ROUNDING = 1e-6
_MOST_DOUBLINGS = 7

Act = Literal["ask", "leave", "refund", "drain", "follow", "pause", "peek"]
"""What can be done to a bucket; each is a method of Bucket and a function of bucket.lua."""


@dataclass(frozen=True)
class Plan:
    """What a new bucket is made from.

    `rate` is the documented rate. `jitter` is how many seconds a request may arrive earlier, relative to those before
    it, than it was permitted. `empty` is for a bucket whose earlier use is unknown: it begins without tokens.
    """

    rate: Rate
    jitter: float
    empty: bool = False


@dataclass(frozen=True)
class Turn:
    """What a bucket says to the process that asked.

    `granted` means that a token was taken and the call can be sent. Otherwise `seconds` is the time until the turn,
    `back_in` the seconds after which to ask again at the latest, and `joined` whether the ticket is in line. `interval`
    is the seconds between two turns, and `per_second` the rate that the bucket uses. `others` holds for each other
    process how many of its calls can go after this turn.
    """

    granted: bool
    joined: bool
    seconds: float
    back_in: float
    interval: float
    per_second: float
    others: tuple[int, ...] = ()


@dataclass
class Ticket:
    """A process's position in line. `waiting` counts the calls of the process that wait, `back_by` is an instant."""

    id: str
    back_by: float
    waiting: int


@dataclass
class Bucket:
    """One bucket. `level` is its tokens, below zero during the pause after a 429. `at` is when `level` was right.

    `per_second` is the rate in use.
    """

    plan: Plan
    per_second: float
    level: float
    at: float
    paused_until: float
    line: list[Ticket] = field(default_factory=list)

    @classmethod
    def begin(cls, plan: Plan, now: float) -> Bucket:
        """Returns a full bucket, or one without tokens if `plan.empty`."""
        bucket = cls(plan, plan.rate.per_second, 0.0, now, now)
        if not plan.empty:
            bucket.level = bucket.capacity
        return bucket

    @property
    def _slack(self) -> float:
        # Derivation: docs/facts/rate-limits.md#slack.
        return self.plan.rate.burst - self.per_second * self.plan.jitter

    @property
    def capacity(self) -> float:
        """Most tokens that the bucket holds: a little less than the burst, because requests arrive with some jitter."""
        return max(1.0, self._slack)

    @property
    def tokens(self) -> int:
        """The number of whole tokens."""
        return max(0, int(self.level + _ROUNDING))

    @property
    def interval(self) -> float:
        """Seconds per token: longer than the rate says if the burst leaves no room for jitter."""
        interval = 1 / self.per_second
        if self._slack < 1:
            interval += self.plan.jitter - (self.plan.rate.burst - 1) / self.per_second
        return interval

    @property
    def grace(self) -> float:
        """Seconds for which a late ticket stays in line: at most the time the bucket takes to fill, to waste little."""
        return min(max(self.capacity * self.interval, SHORTEST_GRACE), LONGEST_GRACE)

    def arrive(self, now: float) -> None:
        """Bring the bucket to the instant `now`: add tokens, and remove tickets whose process did not come back."""
        if now < self.at - _CLOCK_WENT_BACK:
            # The machine was restarted or its clock was set, so earlier instants mean nothing.
            self.level, self.at, self.paused_until, self.line = 0.0, now, now, []
        elif now - self.at > max(IDLE, self.capacity * self.interval):
            self.per_second, self.level, self.line = self.plan.rate.per_second, math.inf, []
        now = max(now, self.at)
        self.level = min(self.capacity, self.level + (now - self.at) / self.interval)
        self.at = now
        self.line = [ticket for ticket in self.line if now < ticket.back_by + self.grace]

    def ask(self, now: float, id: str, waiting: float, patience: float) -> Turn:
        """Take a token for the ticket `id` if it is its turn; otherwise put the ticket in line or keep it there.

        If the turn is more than `patience` seconds away, the ticket is removed from the line. `waiting` is how many
        calls of the process wait.
        """
        index = next((number for number, ticket in enumerate(self.line) if ticket.id == id), len(self.line))
        ahead, behind = self.line[:index], self.line[index + 1 :]
        seconds = self._until(now, index)
        if seconds <= 0:
            self.level -= 1
            self.line = ahead + behind
            return self._turn(granted=True)
        if seconds > patience:
            self.line = ahead + behind
            return self._turn(seconds)
        others = tuple([ticket.waiting - 1 for ticket in ahead] + [ticket.waiting for ticket in behind])
        back_in = min(seconds, HEARTBEAT)
        self.line = [*ahead, Ticket(id, now + back_in, int(waiting)), *behind]
        return self._turn(seconds, back_in, joined=True, others=others)

    def leave(self, now: float, id: str) -> Turn:
        """Remove a ticket from the line; the tickets behind it move up."""
        self.line = [ticket for ticket in self.line if ticket.id != id]
        return self.peek(now)

    def refund(self, now: float) -> Turn:
        """Put back a token that was taken and not used. During a pause the token is not put back."""
        if self.paused_until <= now:
            self.level += 1
        return self.peek(now)

    def drain(self, now: float) -> Turn:
        """Count all tokens as used, because processes took tokens while they could not reach this bucket."""
        self.level = min(self.level, 0.0)
        return self.peek(now)

    def follow(self, now: float, per_second: float) -> Turn:
        """Adopt the rate that Amazon states, but at most BAND times more or less than the documented one."""
        documented = self.plan.rate.per_second
        self.per_second = min(max(per_second, documented / BAND), documented * BAND)
        if self.paused_until > now:
            # As `pause` sets it, at the new interval: a changed rate must not change the length of a pause.
            self.level = 1 - (self.paused_until - now) / self.interval
        return self.peek(now)

    def pause(self, now: float, seconds: float, times: float) -> Turn:
        """Empty the bucket and grant no token for `seconds`, after the `times`-th 429 of a call.

        The pause is at least one interval, and twice as long with each further 429, because another program must be
        using the quota too.
        """
        doubled = self.interval * 2 ** (min(times, _MOST_DOUBLINGS) - 1)
        seconds = max(seconds, doubled, self.paused_until - now)
        # The level reaches one token as the pause ends, so that the first in line need not wait another interval.
        self.level = min(self.level, 1 - seconds / self.interval)
        self.paused_until = now + seconds
        return self.peek(now)

    def peek(self, now: float) -> Turn:
        """Returns how long a ticket that joined now would have to wait."""
        return self._turn(max(self._until(now, len(self.line)), 0.0))

    def _until(self, now: float, index: int) -> float:
        missing = index + 1 - self.level
        return max(missing * self.interval if missing > _ROUNDING else 0.0, self.paused_until - now)

    def _turn(
        self,
        seconds: float = 0.0,
        back_in: float = 0.0,
        *,
        granted: bool = False,
        joined: bool = False,
        others: tuple[int, ...] = (),
    ) -> Turn:
        return Turn(granted, joined, seconds, back_in, self.interval, self.per_second, others)

    def dump(self) -> str:
        """Returns the bucket as text."""
        rate = self.plan.rate
        line = [[ticket.id, ticket.back_by, ticket.waiting] for ticket in self.line]
        fixed = [rate.per_second, rate.burst, self.plan.jitter]
        return json.dumps([*fixed, self.per_second, self.level, self.at, self.paused_until, line])

    @classmethod
    def load(cls, text: str, plan: Plan | None = None) -> Bucket:
        """Returns the bucket that `dump` wrote. `plan` replaces the plan it was made from. Raises ValueError."""
        try:
            return cls.of(json.loads(text), plan)
        except (TypeError, AttributeError, LookupError, RecursionError) as error:
            raise ValueError("no bucket") from error

    @classmethod
    def of(cls, values: list[Any], plan: Plan | None = None) -> Bucket:
        """Returns a bucket from the values of `dump`, in the same order. Raises ValueError."""
        documented, burst, jitter, *numbers, line = values
        per_second, level, at, paused_until = (float(number) for number in numbers)
        if not (per_second > 0 and all(map(math.isfinite, (per_second, level, at, paused_until)))):
            raise ValueError("no bucket")
        tickets = [Ticket(str(id), float(back_by), int(waiting)) for id, back_by, waiting in line]
        plan = plan or Plan(Rate(float(documented), int(burst)), float(jitter))
        return cls(plan, per_second, level, at, paused_until, tickets)
