"""`sp-mcp history`: what was changed, what became of it, and settling what is unknown."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread
import click

from sp_mcp.accounts.account import Account
from sp_mcp.cli.common import Common, common_options
from sp_mcp.cli.terminal import FAILED, OK, UsageError, complain, say
from sp_mcp.ledger.entry import Entry, LedgerUnavailable, Resolution, utc_text
from sp_mcp.outcome import Outcome
from sp_mcp.settings import Settings
from sp_mcp.text import counted, shown

_SHOWN = 20
_MOST = 1_000_000

_DECISIONS = {"happened": Resolution.HAPPENED, "did-not": Resolution.DID_NOT}


def _count(_: click.Context, __: click.Parameter, value: str | None) -> int | None:
    """A whole number from 1 on. Raises BadParameter."""
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) <= len(str(_MOST)) and 1 <= int(value) <= _MOST):
        raise click.BadParameter(f"must be a whole number from 1 to {_MOST}")
    return int(value)


@dataclass(frozen=True)
class _Options:
    """What the command line asks for; see the options' help."""

    order: str | None
    operation: str | None
    outcome: str | None
    unsettled: bool
    everybody: bool
    limit: int | None
    settle: bool
    decide: tuple[str, str] | None
    export: str | None


@click.command("history")
@click.option("--order", metavar="NUMBER", help="Only changes of this order.")
@click.option("--operation", metavar="TEXT", help="Only tools with this in their name.")
@click.option(
    "--outcome",
    type=click.Choice([outcome.value for outcome in Outcome], case_sensitive=False),
    help="Only changes with this outcome.",
)
@click.option("--unsettled", is_flag=True, help="Only changes whose outcome is unknown.")
@click.option("--all", "everybody", is_flag=True, help="Changes of every account in the ledger.")
@click.option(
    "--limit",
    metavar="NUMBER",
    callback=_count,
    help=f"Most changes to show. Default {_SHOWN}; no limit with --export or --settle.",
)
@click.option("--settle", is_flag=True, help="Read from Amazon what became of changes whose outcome is unknown.")
@click.option(
    "--decide",
    nargs=2,
    metavar="CHANGE WHAT",
    help=f"Record what a person found out about such a change: {' or '.join(_DECISIONS)}.",
)
@click.option("--export", metavar="FILE", help="Write the changes to a new file: .jsonl (JSON lines) or .csv.")
@common_options
@click.pass_obj
def command(
    common: Common,
    order: str | None,
    operation: str | None,
    outcome: str | None,
    unsettled: bool,
    everybody: bool,
    limit: int | None,
    settle: bool,
    decide: tuple[str, str] | None,
    export: str | None,
) -> int:
    """Show what was changed and what became of it; settle what is unknown."""
    options = _Options(order, operation, outcome, unsettled, everybody, limit, settle, decide, export)
    if sum([settle, bool(decide), export is not None]) > 1:
        raise click.UsageError("--settle, --decide and --export: only one of them.")
    if everybody and (settle or decide):
        raise UsageError("--settle and --decide go for the account of the settings: leave --all out.")
    return anyio.run(_history, common.settings(), options)


async def _history(settings: Settings, options: _Options) -> int:
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


async def _chosen(account: Account, options: _Options) -> Sequence[Entry]:
    from sp_mcp.apis import operations
    from sp_mcp.ledger.table import Filter
    from sp_mcp.results.changes import UnknownOperation, matching_tools

    try:
        named = None
        if options.operation is not None:
            named = matching_tools(options.operation, [each.name for each in operations() if each.changes])
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
    return await account.ledger().entries(which, "everybody" if options.everybody else "account")


def _readable(text: str) -> str:
    """What came from a command line, where bytes that are no text become half characters."""
    return text.strip().encode(errors="replace").decode()


def _show(entries: Sequence[Entry]) -> int:
    for entry in entries:
        for line in _lines(entry):
            say(line)
    say(_summary(entries))
    return OK


def _lines(entry: Entry) -> Iterator[str]:
    """A change for a terminal."""
    outcome = f"{entry.outcome}, {entry.resolution}" if entry.resolution else str(entry.outcome)
    yield f"{utc_text(entry.at)}  {entry.id}  {entry.operation}: {outcome}"
    about = [shown(subject, 40) for subject in entry.subjects[:10]]
    if len(entry.subjects) > len(about):
        about.append(f"{len(entry.subjects) - len(about)} more")
    details = [f"for {', '.join(about)}"] if about else []
    details.append(f"consent: {entry.consent}")
    if entry.done is not None:
        details.append(f"{entry.done} done, {entry.not_done} not")
    if entry.codes:
        details.append(", ".join(entry.codes))
    if entry.request_id:
        details.append(f"request id {entry.request_id}")
    details.append(f"{shown(entry.label)} ({entry.environment})")
    yield f"    {'; '.join(details)}"


def _summary(entries: Iterable[Entry]) -> str:
    """How many changes there are, and how many are unsettled."""
    listed = list(entries)
    unsettled = sum(entry.unsettled for entry in listed)
    return f"{counted(len(listed), 'change')}, {unsettled} unsettled"


def _export(entries: Sequence[Entry], name: str) -> int:
    from sp_mcp.cli.change_export import FORMATS

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
    from sp_mcp.ledger.table import Filter
    from sp_mcp.workflows.reconciliation import find_out

    known = {operation.name: operation for operation in operations()}
    here = {other.id: other for other in await account.ledger().entries(Filter(), "here")}
    settled = 0
    for entry in entries:
        about = _about(entry)
        if entry.id not in here:
            say(f"{about}: It went to another address than the one that is set (SP_API_ENDPOINT).")
            continue
        try:
            finding = await find_out(entry, here.values(), known, account.client(), account.clock)
        except NotSent as error:
            complain(f"Amazon cannot be asked: {error.reason}")
            return FAILED
        say(f"{about}: {finding.words}")
        if finding.resolution is not None:
            await account.ledger().settle(entry, finding.resolution)
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
    say(f"{_about(entry)}: {_DECISIONS[what]}")
    return OK


def _about(entry: Entry) -> str:
    return f"{entry.id}  {entry.operation} for {', '.join(entry.subjects) or 'unknown'}"
