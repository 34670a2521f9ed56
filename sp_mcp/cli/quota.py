"""`sp-mcp quota`: the shared token buckets, and who waits for a turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import anyio
import click

from sp_mcp.accounts.account import Account
from sp_mcp.cli.common import Common, common_options
from sp_mcp.cli.terminal import FAILED, OK, complain, say
from sp_mcp.settings import Settings
from sp_mcp.text import counted

if TYPE_CHECKING:
    from sp_mcp.quota.store import BucketSnapshot


@click.command("quota")
@common_options
@click.pass_obj
def command(common: Common) -> int:
    """Show the quota: each bucket in use, its rate, its tokens, who waits."""
    return anyio.run(_quota, common.settings())


async def _quota(settings: Settings) -> int:
    from sp_mcp.quota.store import StoreUnavailable

    account = Account(settings)
    if settings.base_url is None:
        say("The practice account lives in each process, and so does its quota: there is nothing to share.")
        return OK
    try:
        for line in _lines(await account.quota_buckets(), account.label):
            say(line)
    except StoreUnavailable as error:
        complain(f"The shared quota cannot be read: {error}.")
        return FAILED
    finally:
        await account.quota().aclose()
        await account.aclose()
    return OK


def _lines(buckets: Sequence[BucketSnapshot], label: str) -> Iterator[str]:
    """A line for each bucket in use, and one for each process that waits there. `label` names our account."""
    if not buckets:
        yield "No bucket was used within the last hour."
    account = None
    for entry in buckets:
        if entry.account != account:
            account = entry.account
            yield f"account: {label if entry.mine else f'another, kept as {account[:8]}'}"
            yield f"  {'operation':<46}{'rate/s':>8}{'tokens':>9}  next turn"
        bucket = entry.bucket
        seconds = bucket.peek(entry.now).seconds
        turn = "now" if seconds <= 0 else f"in {seconds:.1f} s"
        tokens = f"{bucket.tokens} of {bucket.plan.rate.burst}"
        yield f"  {entry.operation:<46}{bucket.per_second:>8g}{tokens:>9}  {turn}"
        for ticket in bucket.line:
            yield f"    waiting: {counted(ticket.waiting, 'call')} of process {ticket.id.rsplit('/', 2)[0]}"
