"""Time, as a thing that is passed in, so that tests need not wait for it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import anyio


class Clock:
    """The machine's clocks. Everything that measures or spends time is given one."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back; only differences mean something."""
        return time.monotonic()

    def now(self) -> datetime:
        """The wall clock, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds`; cancellable."""
        await anyio.sleep(seconds)

    async def wait(self, event: anyio.Event, seconds: float) -> None:
        """Wait until `event` is set, but at most `seconds`; cancellable."""
        with anyio.move_on_after(seconds):
            await event.wait()
