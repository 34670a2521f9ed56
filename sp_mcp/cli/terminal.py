"""The terminal: what the commands write to it, and asking the person who sits there."""

from __future__ import annotations

import io
import os
import sys
import textwrap
from collections.abc import Callable
from typing import Any

import anyio.to_thread
import mcp_types as types

from sp_mcp.consent.host import ANSWER_FIELD

WIDTH = 80

OK, FAILED, USAGE = 0, 1, 2
"""Exit codes: done; the call or a part of it failed; the command line or the settings cannot be used."""

Say = Callable[[str], None]


class UsageError(Exception):
    """The command line cannot be used as it is."""


def replace_unprintable() -> None:
    """Let a console that cannot show a character show a question mark, instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(text: str = "") -> None:
    """Write a line to stdout. Where nobody reads it any more, work goes on and the rest is not written."""
    if sys.stdout is not None:
        try:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(text: str) -> None:
    """Write a line to stderr."""
    if sys.stderr is not None:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def has_person() -> bool:
    """Whether somebody sits at this terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def wrapped(text: str, indent: str = "  ") -> str:
    """Text in at most 80 columns, each of its lines wrapped on its own."""
    lines: list[str] = []
    for line in text.splitlines():
        lines += textwrap.wrap(
            line, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
        ) or [""]
    return "\n".join(lines)


def asker(say: Say, *, always_yes: bool = False) -> Any:
    """An elicitation callback for an MCP client: shows the question through `say`, reads y or n.

    Anything but a yes is a no. `always_yes` answers without reading.
    """

    async def ask(_: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        say("\n  A person is asked:\n")
        say(wrapped(params.message, "  | "))
        if always_yes:
            say("\n  Do this? [y/N] y   (--yes)")
            agreed = True
        else:
            say("\n  Do this? [y/N]")
            agreed = await anyio.to_thread.run_sync(_read_yes, abandon_on_cancel=True)
        if agreed:
            return types.ElicitResult(action="accept", content={ANSWER_FIELD: True})
        return types.ElicitResult(action="decline")

    return ask


def _read_yes() -> bool:
    try:
        return input().strip().lower() in ("y", "yes")
    except EOFError:
        return False
