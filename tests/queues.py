"""Callers that wait for turns in one bucket."""

from __future__ import annotations

import anyio

from sp_mcp.amazon.rate_limit import RateLimiter
from sp_mcp.endpoint import Rate
from tests.fakes import FakeClock
from tests.keepers import Keeper

SLOW = Rate(1, 5)
OPERATION = "operation"


class Queue:
    """Callers of one bucket in several processes; `went` notes who went when, in seconds since the start."""

    def __init__(
        self, keeper: Keeper, rate: Rate = SLOW, *, clock: FakeClock | None = None, account: str = "a"
    ) -> None:
        self.clock = clock or FakeClock()
        self.keeper = keeper
        self.rate = rate
        self.account = account
        self.processes: list[RateLimiter] = []
        self.limiter = self.process()
        self.went: list[tuple[int, float]] = []
        self.start = self.clock.time

    def process(self) -> RateLimiter:
        """Another process of the same account."""
        name = f"process {len(self.processes)}"
        limiter = RateLimiter(self.keeper.open(self.clock), self.clock, account=self.account, process=name)
        self.processes.append(limiter)
        return limiter

    async def turn(self, number: int, most: float = 1000, process: int = 0, **options) -> None:
        await self.processes[process].turn(OPERATION, self.rate, most, longest=most, **options)
        self.went.append((number, round(self.clock.time - self.start, 3)))

    async def run(self, count: int) -> list[float]:
        async with anyio.create_task_group() as tasks:
            for number in range(count):
                tasks.start_soon(self.turn, number)
        return [when for _, when in self.went]

    async def drain(self) -> None:
        """Use the burst up; times count from here on."""
        await self.run(self.rate.burst)
        self.went.clear()
        self.start = self.clock.time

    async def follow(self, per_second: float, process: int = 0) -> None:
        await self.processes[process].follow(OPERATION, self.rate, per_second)

    async def pause(self, seconds: float | None, times: int = 1, process: int = 0) -> None:
        await self.processes[process].pause(OPERATION, self.rate, seconds, times)
