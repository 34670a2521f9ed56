"""The token bucket: what Amazon gives an account for one operation, and who stands in line for it.

Amazon's buckets hold `burst` tokens at most and gain `per_second` (sp-api-facts 3.8). Processes stand in line
with one ticket each and come back when their turn is due; a token is taken then, and not before, so a process
that stops in between has taken nothing. One that does not come back when it said it would loses its place.
Instants are seconds on the clock of whoever keeps the bucket. `bucket.lua` is the same for Redis.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any, Literal

HEARTBEAT = 1.0
"""Longest time, in seconds, after which a process in line comes back to show that it is alive."""

SHORTEST_GRACE, LONGEST_GRACE = 0.1, 0.5
"""Seconds a ticket outlives the moment at which its process wanted to be back: wake-ups are late at times."""

IDLE = 3600.0
"""Seconds without use after which a bucket is full again, and forgets the rate it was told."""

BAND = 10.0
"""How many times more or less than documented a rate can be and still be believed."""

_CLOCK_WENT_BACK = 1.0
_ROUNDING = 1e-6
_MOST_DOUBLINGS = 7

Act = Literal["ask", "leave", "refund", "drain", "follow", "pause", "look"]
"""What can be done to a bucket; each is a method of Bucket and a function of bucket.lua."""


@dataclass(frozen=True)
class Rate:
    """A usage plan: requests per second, and how many may come at once."""

    per_second: float
    burst: int


@dataclass(frozen=True)
class Plan:
    """What a bucket is made from where there is none.

    `jitter` is how many seconds a request may arrive earlier, relative to those before it, than it was
    permitted; `empty` says that tokens which were taken before are not known.
    """

    rate: Rate
    jitter: float
    empty: bool = False


@dataclass(frozen=True)
class Turn:
    """How a bucket stands for whoever asked.

    `granted`: a token was taken, go. Otherwise `seconds` is how long until the turn, `back_in` after how many
    seconds to ask again at the latest, and `joined` whether the ticket is in line. `interval` is the time between
    two turns, and `others` how many calls each other process has that may go after this one's turn.
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
    """A place in line. `waiting` counts the calls behind it in its process, itself included."""

    id: str
    back_by: float
    waiting: int


@dataclass
class Bucket:
    """One bucket. `level` is below zero after a 429, as far as the pause asks for."""

    plan: Plan
    per_second: float
    level: float
    at: float
    paused_until: float
    line: list[Ticket] = field(default_factory=list)

    @classmethod
    def begin(cls, plan: Plan, now: float) -> Bucket:
        """A bucket nobody has used for long, or, where `plan.empty`, one whose tokens may all be gone."""
        bucket = cls(plan, plan.rate.per_second, 0.0, now, now)
        if not plan.empty:
            bucket.level = bucket.capacity
        return bucket

    @property
    def _slack(self) -> float:
        # Derivation: rate-limit-notes, "Slack".
        return self.plan.rate.burst - self.per_second * self.plan.jitter

    @property
    def capacity(self) -> float:
        """Tokens at most: a little less than the burst, because requests arrive with some jitter."""
        return max(1.0, self._slack)

    @property
    def tokens(self) -> int:
        """Whole tokens there are."""
        return max(0, int(self.level + _ROUNDING))

    @property
    def interval(self) -> float:
        """Seconds per token: longer than the rate says where the burst leaves no room for jitter."""
        interval = 1 / self.per_second
        if self._slack < 1:
            interval += self.plan.jitter - (self.plan.rate.burst - 1) / self.per_second
        return interval

    @property
    def grace(self) -> float:
        """Seconds a ticket outlives its promise: not longer than the bucket takes to fill, so that little is lost."""
        return min(max(self.capacity * self.interval, SHORTEST_GRACE), LONGEST_GRACE)

    def arrive(self, now: float) -> None:
        """Let the time until `now` pass."""
        if now < self.at - _CLOCK_WENT_BACK:
            # The machine was started anew, or its clock was set: what went before cannot be dated.
            self.level, self.at, self.paused_until, self.line = 0.0, now, now, []
        elif now - self.at > max(IDLE, self.capacity * self.interval):
            self.per_second, self.level, self.line = self.plan.rate.per_second, math.inf, []
        now = max(now, self.at)
        self.level = min(self.capacity, self.level + (now - self.at) / self.interval)
        self.at = now
        self.line = [ticket for ticket in self.line if now < ticket.back_by + self.grace]

    def ask(self, now: float, id: str, waiting: float, patience: float) -> Turn:
        """Take a token for the ticket `id` if it is its turn; otherwise stand in line, or stay there.

        A turn later than `patience` seconds from now is not waited for: the ticket is not in line then.
        """
        place = next((number for number, ticket in enumerate(self.line) if ticket.id == id), len(self.line))
        ahead, behind = self.line[:place], self.line[place + 1 :]
        seconds = self._until(now, place)
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
        """Step out of line without having gone; those behind move up."""
        self.line = [ticket for ticket in self.line if ticket.id != id]
        return self.look(now)

    def refund(self, now: float) -> Turn:
        """Put a token back that was taken and not used. One that a pause has voided is not given back."""
        if self.paused_until <= now:
            self.level += 1
        return self.look(now)

    def drain(self, now: float) -> Turn:
        """Count all tokens as used: some were taken where this bucket could not be seen."""
        self.level = min(self.level, 0.0)
        return self.look(now)

    def follow(self, now: float, per_second: float) -> Turn:
        """Adopt the rate Amazon says it applies, within a sane band around the documented one."""
        documented = self.plan.rate.per_second
        self.per_second = min(max(per_second, documented / BAND), documented * BAND)
        if self.paused_until > now:
            # As pause sets it: a pause is no longer for what its tokens would take at another rate.
            self.level = 1 - (self.paused_until - now) / self.interval
        return self.look(now)

    def pause(self, now: float, seconds: float, times: float) -> Turn:
        """After a call's 429 number `times`: empty, and nobody goes for `seconds`.

        It is one interval at least, and twice as long with each further 429, because somebody else must be
        using the quota too.
        """
        doubled = self.interval * 2 ** (min(times, _MOST_DOUBLINGS) - 1)
        seconds = max(seconds, doubled, self.paused_until - now)
        # Level and pause are set so that the first in line goes as the pause ends and not an interval later.
        self.level = min(self.level, 1 - seconds / self.interval)
        self.paused_until = now + seconds
        return self.look(now)

    def look(self, now: float) -> Turn:
        """How long somebody who came now would have to wait."""
        return self._turn(max(self._until(now, len(self.line)), 0.0))

    def _until(self, now: float, place: int) -> float:
        missing = place + 1 - self.level
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
        """The bucket as text."""
        rate = self.plan.rate
        line = [[ticket.id, ticket.back_by, ticket.waiting] for ticket in self.line]
        fixed = [rate.per_second, rate.burst, self.plan.jitter]
        return json.dumps([*fixed, self.per_second, self.level, self.at, self.paused_until, line])

    @classmethod
    def load(cls, text: str, plan: Plan | None = None) -> Bucket:
        """The bucket that was dumped as `text`; `plan` replaces the one it was made from. Raises ValueError."""
        try:
            return cls.of(json.loads(text), plan)
        except (TypeError, AttributeError, LookupError, RecursionError) as error:
            raise ValueError("no bucket") from error

    @classmethod
    def of(cls, values: list[Any], plan: Plan | None = None) -> Bucket:
        """A bucket from the values of `dump`, in its order."""
        documented, burst, jitter, *numbers, line = values
        per_second, level, at, paused_until = (float(number) for number in numbers)
        if not (per_second > 0 and all(map(math.isfinite, (per_second, level, at, paused_until)))):
            raise ValueError("no bucket")
        tickets = [Ticket(str(id), float(back_by), int(waiting)) for id, back_by, waiting in line]
        plan = plan or Plan(Rate(float(documented), int(burst)), float(jitter))
        return cls(plan, per_second, level, at, paused_until, tickets)
