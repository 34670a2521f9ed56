"""The quota as a person reads it."""

from __future__ import annotations

from collections.abc import Sequence

from sp_mcp.quota.store import Kept
from sp_mcp.wording import counted

NOTHING = "No bucket was used within the last hour."


def table(kept: Sequence[Kept], label: str) -> list[str]:
    """A line for each bucket in use, and one for each process that waits there. `label` is the asking account."""
    if not kept:
        return [NOTHING]
    lines = []
    account = None
    for entry in kept:
        if entry.account != account:
            account = entry.account
            lines.append(f"account: {label if entry.mine else f'another, kept as {account[:8]}'}")
            lines.append(f"  {'operation':<46}{'rate/s':>8}{'tokens':>9}  next turn")
        bucket = entry.bucket
        seconds = bucket.look(entry.now).seconds
        turn = "now" if seconds <= 0 else f"in {seconds:.1f} s"
        tokens = f"{bucket.tokens} of {bucket.plan.rate.burst}"
        lines.append(f"  {entry.operation:<46}{bucket.per_second:>8g}{tokens:>9}  {turn}")
        for ticket in bucket.line:
            lines.append(f"    waiting: {counted(ticket.waiting, 'call')} of process {ticket.id.rsplit('/', 2)[0]}")
    return lines
