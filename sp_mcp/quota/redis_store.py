"""Buckets on the team's Redis, shared by any number of machines. The clock is that of the Redis server."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from sp_mcp.clock import Clock
from sp_mcp.quota.bucket import Act, Bucket, Plan, Turn
from sp_mcp.quota.store import BucketSnapshot, Key, Store, StoreUnavailable, in_use
from sp_mcp.storage.redis import Redis, RedisUnavailable

KEY = "sp-mcp:quota"


class RedisStore(Store):
    """Buckets on `redis`. `clock` replaces the server's clock in tests."""

    def __init__(self, redis: Redis, clock: Clock | None = None) -> None:
        self._redis = redis
        self._clock = clock
        self._salt = secrets.token_hex(16)

    async def run(self, key: Key, plan: Plan, act: Act, *values: str | float, strict: bool = False) -> Turn:
        rate = plan.rate
        begin = f"{rate.per_second!r} {rate.burst} {plan.jitter!r} {plan.empty:d}"
        answer = await self._run(act, key.account, key.operation, begin, values)
        granted, joined, seconds, back_in, interval, per_second, *others = answer.split(" ")
        numbers = (float(seconds), float(back_in), float(interval), float(per_second))
        return Turn(granted == "1", joined == "1", *numbers, tuple(map(int, others)))

    async def snapshots(self, account: str) -> Sequence[BucketSnapshot]:
        mine, now, *found = await self._run("list", account)
        buckets = []
        for name, *values in found:
            owner, _, operation = name.partition("/")
            with suppress(ValueError, TypeError):
                buckets.append((Key(owner, operation), Bucket.of(values)))
        return in_use(buckets, mine, float(now))

    async def _run(
        self, act: str, account: str, operation: str = "", begin: str = "", values: Sequence[str | float] = ()
    ) -> Any:
        now = "" if self._clock is None else repr(self._clock.monotonic())
        try:
            return await self._redis.run(_script(), KEY, act, account, operation, self._salt, now, begin, *values)
        except RedisUnavailable as error:
            raise StoreUnavailable(str(error), others_go_on=True) from None


@cache
def _script() -> str:
    return Path(__file__).with_name("bucket.lua").read_text(encoding="utf-8")
