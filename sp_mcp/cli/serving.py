"""Bare `sp-mcp`: serving MCP over stdin and stdout. Hosts wait for this, so it loads as little as it can."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import anyio

from sp_mcp.accounts.account import Account
from sp_mcp.accounts.composition import server_for
from sp_mcp.accounts.loading import load
from sp_mcp.cli.logs import configure
from sp_mcp.cli.terminal import OK, UsageError, complain, has_person
from sp_mcp.settings import Settings


@dataclass
class ServingOptions:
    """`env_file` is the settings file, `debug` whether faults are shown with their tracebacks."""

    env_file: str | None = None
    debug: bool = False


def serving_options(arguments: Sequence[str]) -> ServingOptions | None:
    """The options of serving; None where the command line is anything else, which the commands then explain."""
    options, words = ServingOptions(), list(arguments)
    while words:
        word = words.pop(0)
        if word == "--debug":
            options.debug = True
        elif word.startswith("--env-file="):
            options.env_file = word.removeprefix("--env-file=")
        elif word == "--env-file" and words:
            options.env_file = words.pop(0)
        else:
            return None
    return options


def serve(options: ServingOptions) -> int:
    """Serve until the host closes; returns the exit code."""
    settings = load(options.env_file)
    configure(settings.log_level, tracebacks=options.debug)
    return anyio.run(_serve, settings)


async def _serve(settings: Settings) -> int:
    from sp_mcp.server.transports.stdio import serve_stdio

    gc.freeze()
    gc.enable()
    if sys.stdin is None or sys.stdout is None:
        raise UsageError("MCP needs stdin and stdout.")
    if has_person():
        complain("Serving MCP over stdin and stdout, for an assistant. Ctrl-C ends it; `sp-mcp demo` shows it.")
    account = Account(settings)
    await serve_stdio(server_for(account), account)
    return OK
