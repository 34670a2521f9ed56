"""A consent that waits for its answer, and a recorded change that waits for its outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sp_mcp.ledger.entry import Earlier, Result

if TYPE_CHECKING:
    from sp_mcp.ledger.ledger import Ledger


@dataclass(frozen=True)
class Issued:
    """A consent that waits for its answer. `earlier` is the equal change that the question must mention, or None."""

    secret: str = field(repr=False)
    earlier: Earlier | None


class PendingChange:
    """A change that is recorded and has no outcome yet. Its owner calls `close` once, whatever happens.

    `left` is whether it was sent. `parts` is how many orders or other subjects it is about.
    """

    def __init__(self, ledger: Ledger, change: str, digest: str, parts: int) -> None:
        self.id = change
        self.digest = digest
        self._parts = parts
        self.left = False
        self._ledger = ledger

    async def sending(self) -> None:
        """Record that the change is sent now. Called right before every send.

        Raises NotRecorded or ShuttingDown; the change must not be sent then.
        """
        await self._ledger.sending(self)
        self.left = True

    async def not_executed(self) -> None:
        """Record that Amazon did not carry out the last send. Called before the change is sent again."""
        self.left = False
        await self._ledger.not_executed(self)

    def undone_by(self, result: Result) -> bool:
        """Whether Amazon refused all parts of the change, such as orders."""
        return result.done == 0 and (result.not_done or 0) >= self._parts

    async def close(self, result: Result | None) -> str | None:
        """Record the outcome; None means that the call was interrupted. Returns why that failed, or None."""
        return await self._ledger.complete(self, result)
