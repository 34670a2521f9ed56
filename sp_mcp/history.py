"""`sp-mcp history`: what was changed, what became of it, and settling what is unknown."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio.to_thread

from sp_mcp.account import Account
from sp_mcp.ledger.entry import Entry, LedgerUnavailable, Outcome, Verdict
from sp_mcp.settings import API_NAMES, Settings
from sp_mcp.terminal import FAILED, OK, UsageError, complain, say

_SHOWN = 20
_MOST = 1_000_000

_DECISIONS = {"happened": Verdict.HAPPENED, "did-not": Verdict.DID_NOT}


def add_to(commands: Any) -> None:
    """Add the command and its options to the parser."""
    parser = commands.add_parser("history", help="show what was changed and what became of it; settle what is unknown")
    parser.add_argument("--order", metavar="NUMBER", help="only changes of this order")
    parser.add_argument("--operation", metavar="TEXT", help="only tools with this in their name")
    parser.add_argument(
        "--outcome", type=str.lower, choices=[outcome.value for outcome in Outcome], help="only this outcome"
    )
    parser.add_argument("--unsettled", action="store_true", help="only those nobody knows the outcome of")
    parser.add_argument("--all", action="store_true", help="of every account in the ledger")
    parser.add_argument("--limit", type=_number, help=f"how many; default {_SHOWN}, and all for --export and --settle")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--settle", action="store_true", help="look at Amazon for what became of the unsettled ones")
    action.add_argument(
        "--decide",
        nargs=2,
        metavar=("CHANGE", "WHAT"),
        help=f"record what a person found out about an unsettled one: {' or '.join(_DECISIONS)}",
    )
    action.add_argument("--export", metavar="FILE", help="write them to a new file: .jsonl (JSON lines) or .csv")


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= _MOST or len(text) > len(str(_MOST)):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {_MOST}")
    return int(text)


async def history(settings: Settings, options: argparse.Namespace) -> int:
    """Run the command; answers the exit code."""
    if options.all and (options.settle or options.decide):
        raise UsageError("--settle and --decide go for the account of the settings: leave --all out.")
    account = Account(settings)
    try:
        if options.decide:
            return await _decide(account, *options.decide)
        entries = await _chosen(account, options)
        if options.export is not None:
            return await anyio.to_thread.run_sync(_export, entries, options.export)
        return await _settle(account, entries) if options.settle else _show(entries)
    except LedgerUnavailable as error:
        complain(f"{error}.")
        return FAILED
    finally:
        await account.aclose()


async def _chosen(account: Account, options: argparse.Namespace) -> Sequence[Entry]:
    from sp_mcp.apis import operations
    from sp_mcp.ledger.history import UnknownOperation, meant_by
    from sp_mcp.ledger.table import Filter

    try:
        named = None
        if options.operation is not None:
            named = meant_by(options.operation, [o.name for o in operations(API_NAMES) if o.changes])
    except UnknownOperation as error:
        raise UsageError(f"--operation: {error}") from None
    everything = options.settle or options.export is not None
    which = Filter(
        subject=None if options.order is None else _readable(options.order),
        operations=named,
        outcome=Outcome(options.outcome) if options.outcome else None,
        unsettled=options.unsettled or options.settle,
        limit=options.limit if everything else options.limit or _SHOWN,
    )
    return await account.ledger().entries(which, "everybody" if options.all else "account")


def _readable(text: str) -> str:
    """What came from a command line, where bytes that are no text become half characters."""
    return text.strip().encode(errors="replace").decode()


def _show(entries: Sequence[Entry]) -> int:
    from sp_mcp.ledger.history import lines, summary

    for entry in entries:
        for line in lines(entry):
            say(line)
    say(summary(entries))
    return OK


def _export(entries: Sequence[Entry], name: str) -> int:
    from sp_mcp.ledger.history import FORMATS

    path = Path(name)
    form = next((form for ending, form in FORMATS.items() if name.lower().endswith(ending)), None)
    if form is None:
        raise UsageError(f"--export: the name must end in {' or '.join(FORMATS)}.")
    made = False
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        made = True
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.writelines(form(entries))
    except FileExistsError:
        raise UsageError(f"--export: {path} is there already; name a new file.") from None
    except OSError as error:
        if made:
            path.unlink(missing_ok=True)
        complain(f"{path} cannot be written: {error.strerror}.")
        return FAILED
    say(f"{len(entries)} written to {path}")
    return OK


async def _settle(account: Account, entries: Sequence[Entry]) -> int:
    from sp_mcp.amazon.errors import NotSent
    from sp_mcp.apis import operations
    from sp_mcp.ledger.settling import find_out
    from sp_mcp.ledger.table import Filter

    known = {operation.name: operation for operation in operations(API_NAMES)}
    here = {other.id: other for other in await account.ledger().entries(Filter(), "here")}
    settled = 0
    for entry in entries:
        about = f"{entry.id}  {entry.operation} for {', '.join(entry.subjects) or 'unknown'}"
        if entry.id not in here:
            say(f"{about}: It went to another address than the one that is set (SP_API_ENDPOINT).")
            continue
        try:
            finding = await find_out(entry, here.values(), known, account.client(), account.clock)
        except NotSent as error:
            complain(f"Amazon cannot be asked: {error.reason}")
            return FAILED
        say(f"{about}: {finding.words}")
        if finding.verdict is not None:
            await account.ledger().settle(entry, finding.verdict)
            settled += 1
    say(f"{settled} settled, {len(entries) - settled} still unsettled")
    return OK


async def _decide(account: Account, change: str, what: str) -> int:
    from sp_mcp.ledger.table import Filter

    if what not in _DECISIONS:
        raise UsageError(f"--decide: {' or '.join(_DECISIONS)}, and not {what[:40]}.")
    unsettled = await account.ledger().entries(Filter(unsettled=True))
    entry = next((entry for entry in unsettled if entry.id == change), None)
    if entry is None:
        raise UsageError(f"--decide: no unsettled change of this account is called {change[:40]}.")
    await account.ledger().settle(entry, _DECISIONS[what])
    say(f"{entry.id}  {entry.operation} for {', '.join(entry.subjects) or 'unknown'}: {_DECISIONS[what]}")
    return OK
