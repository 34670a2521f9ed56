"""Strict token buckets, as Amazon keeps them: empty means 429, at once."""

from __future__ import annotations

from dataclasses import dataclass

from sp_mcp.clock import Clock

# A request permitted for this very instant by another clock's rounding is not a violation.
_ROUNDING = 1e-6


@dataclass
class _Bucket:
    rate: float
    burst: float
    level: float
    filled_at: float


class Buckets:
    """One bucket for each operation; there is one account here."""

    def __init__(self, clock: Clock, *, enforce: bool = True) -> None:
        self._clock = clock
        self._enforce = enforce
        self._buckets: dict[str, _Bucket] = {}

    def take(self, operation_id: str, rate: float, burst: int) -> bool:
        """Use a token; False where there is none. `rate` and `burst` hold until `set_rate` says otherwise."""
        now = self._clock.monotonic()
        bucket = self._buckets.setdefault(operation_id, _Bucket(rate, burst, burst, now))
        bucket.level = min(bucket.burst, bucket.level + (now - bucket.filled_at) * bucket.rate)
        bucket.filled_at = now
        if self._enforce and bucket.level < 1 - _ROUNDING:
            return False
        bucket.level -= 1
        return True

    def rate(self, operation_id: str, documented: float) -> float:
        """The rate in force, for the x-amzn-RateLimit-Limit header."""
        bucket = self._buckets.get(operation_id)
        return bucket.rate if bucket else documented

    def set_rate(self, operation_id: str, rate: float, burst: int) -> None:
        """Give an operation another usage plan, beginning full."""
        self._buckets[operation_id] = _Bucket(rate, burst, burst, self._clock.monotonic())
