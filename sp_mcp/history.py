"""`sp-mcp history`: what was changed, what became of it, and settling what is unknown."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import anyio.to_thread

from sp_mcp.account import Account
from sp_mcp.ledger.entry import Entry, LedgerUnavailable, Outcome
from sp_mcp.settings import API_NAMES, Settings
from sp_mcp.terminal import FAILED, OK, UsageError, complain, say

_SHOWN = 20


def add_to(commands: Any) -> None:
    """Add the command and its options to the parser."""
    parser = commands.add_parser("history", help="show what was changed and what became of it; settle what is unknown")
    parser.add_argument("--order", metavar="NUMBER", help="only changes of this order")
    parser.add_argument("--operation", metavar="TEXT", help="only tools with this in their name")
    parser.add_argument("--outcome", choices=[outcome.value for outcome in Outcome], help="only this outcome")
    parser.add_argument("--unsettled", action="store_true", help="only those nobody knows the outcome of")
    parser.add_argument("--all", action="store_true", help="of every account in the ledger")
    parser.add_argument("--limit", type=_positive, help=f"how many; default {_SHOWN}, and all for the options below")
    parser.add_argument("--settle", action="store_true", help="look at Amazon for what became of the unsettled ones")
    parser.add_argument("--export", metavar="FILE", help="write them to a new file: .jsonl (JSON lines) or .csv")


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError("less than 1")
    return number


async def history(settings: Settings, options: argparse.Namespace) -> int:
    """Run the command; answers the exit code."""
    from sp_mcp.ledger.table import Filter

    if options.settle and options.all:
        raise UsageError("--settle asks Amazon, and so goes for the account of the settings: leave --all out.")
    account = Account(settings)
    which = Filter(
        subject=options.order,
        operation=options.operation,
        outcome=Outcome(options.outcome) if options.outcome else None,
        unsettled=options.unsettled or options.settle,
        limit=options.limit if options.settle or options.export else options.limit or _SHOWN,
    )
    try:
        entries = await account.ledger().entries(which, everybody=options.all)
        if options.export:
            return await anyio.to_thread.run_sync(_export, entries, Path(options.export))
        return await _settle(account, entries) if options.settle else _show(entries)
    except LedgerUnavailable as error:
        complain(f"{error}.")
        return FAILED
    finally:
        await account.aclose()


def _show(entries: Sequence[Entry]) -> int:
    from sp_mcp.ledger.history import lines, summary

    for entry in entries:
        for line in lines(entry):
            say(line)
    say(summary(entries))
    return OK


def _export(entries: Sequence[Entry], path: Path) -> int:
    from sp_mcp.ledger.history import FORMATS

    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise UsageError(f"--export: the name must end in {' or '.join(FORMATS)}.")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.writelines(form(entries))
    except FileExistsError:
        raise UsageError(f"--export: {path} is there already; name a new file.") from None
    except OSError as error:
        complain(f"{path} cannot be written: {error.strerror}.")
        return FAILED
    say(f"{len(entries)} written to {path}")
    return OK


async def _settle(account: Account, entries: Iterable[Entry]) -> int:
    from sp_mcp.apis import operations
    from sp_mcp.ledger.settling import find_out

    known = {operation.name: operation for operation in operations(API_NAMES)}
    settled = left = 0
    for entry in entries:
        finding = await find_out(entry, known, account.client(), account.clock)
        say(f"{entry.id}  {entry.operation} for {', '.join(entry.subjects) or 'unknown'}: {finding.words}")
        if finding.verdict is None:
            left += 1
        else:
            await account.ledger().settle(entry, finding.verdict)
            settled += 1
    say(f"{settled} settled, {left} still unsettled")
    return OK
