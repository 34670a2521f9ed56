"""Commands. Bare `sp-mcp` serves MCP over stdio.

Exit codes: 0 ok, 1 the call failed, 2 usage or settings.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import anyio

from sp_mcp import __version__
from sp_mcp.account import Account
from sp_mcp.history import add_to as add_history
from sp_mcp.history import history
from sp_mcp.ledger.entry import ConsentBy
from sp_mcp.logs import configure
from sp_mcp.settings import Settings, SettingsError, load
from sp_mcp.terminal import FAILED, OK, USAGE, UsageError, asker, bear_any_console, complain, has_person, say


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; answers the exit code."""
    bear_any_console()
    options = _parser().parse_args(argv)
    if options.command is not None:
        gc.enable()
    try:
        if options.command == "demo":
            from sp_mcp.demo import run

            configure("error")
            return anyio.run(run, options.yes)
        if options.command == "sandbox":
            configure("warning")
            return _sandbox(options.port)
        settings = load(options.env_file)
        configure(settings.log_level)
        if options.command == "tools":
            return anyio.run(_tools, settings, options.json)
        if options.command == "quota":
            return anyio.run(_quota, settings)
        if options.command == "history":
            return anyio.run(history, settings, options)
        if options.command == "call":
            return anyio.run(_call, settings, options.tool, _json_object(options.arguments))
        return anyio.run(_serve, settings)
    except (SettingsError, UsageError) as error:
        complain(str(error))
        return USAGE
    except Exception as error:  # the outermost door: the text of what escapes may hold what a caller wrote
        complain(f"sp-mcp has an internal fault ({type(error).__name__}).")
        return FAILED
    except KeyboardInterrupt:
        # Not by returning: a thread may wait for an answer at the terminal, and would be waited for.
        os._exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sp-mcp",
        description="Amazon seller and vendor accounts as MCP tools. Without a command: serve MCP over stdio.",
    )
    parser.add_argument("--version", action="version", version=f"sp-mcp {__version__}")
    parser.add_argument("--env-file", metavar="PATH", help="another .env; absolute, or relative to the home folder")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    demo = commands.add_parser("demo", help="see the three jobs done, with no account")
    demo.add_argument("--yes", action="store_true", help="answer every question with yes")
    sandbox = commands.add_parser("sandbox", help="serve the local Selling Partner over HTTP on 127.0.0.1")
    sandbox.add_argument("--port", type=int, default=8765, help="port, default 8765; 0 takes a free one")
    tools = commands.add_parser("tools", help="list the tools")
    tools.add_argument("--json", action="store_true", help="as a client sees them")
    commands.add_parser("quota", help="show the quota: each bucket in use, its rate, its tokens, who waits")
    add_history(commands)
    call = commands.add_parser("call", help="call one tool; a change is asked about at the terminal")
    call.add_argument("tool", metavar="TOOL")
    call.add_argument("arguments", metavar="JSON", nargs="?", default="{}")
    return parser


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The arguments are not JSON ({type(error).__name__}).") from None
    if not isinstance(value, dict):
        raise UsageError('The arguments must be a JSON object such as \'{"purchaseOrderNumber": "4Z32PABC"}\'.')
    return value


async def _serve(settings: Settings) -> int:
    from sp_mcp.server import serve_stdio

    gc.freeze()
    gc.enable()
    if sys.stdin is None or sys.stdout is None:
        raise UsageError("MCP needs stdin and stdout.")
    if has_person():
        complain("Serving MCP over stdin and stdout, for an assistant. Ctrl-C ends it; `sp-mcp demo` shows it.")
    await serve_stdio(Account(settings))
    return OK


async def _tools(settings: Settings, as_json: bool) -> int:
    from sp_mcp.toolbox import Toolbox

    definitions = Toolbox(Account(settings)).definitions
    if as_json:
        listed = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in definitions]
        say(json.dumps(listed, ensure_ascii=False, indent=2))
    else:
        for tool in definitions:
            effect = "changes" if tool.annotations and tool.annotations.destructive_hint else "reads"
            say(f"{tool.name:<44}{effect:<9}{tool.title}")
    return OK


async def _quota(settings: Settings) -> int:
    from sp_mcp.quota.report import table
    from sp_mcp.quota.store import StoreUnavailable

    account = Account(settings)
    if settings.base_url is None:
        say("The practice account lives in each process, and so does its quota: there is nothing to share.")
        return OK
    quota = account.quota()
    try:
        for line in table(await quota.look(account.quota_key), account.label):
            say(line)
    except StoreUnavailable as error:
        complain(f"The shared quota cannot be read: {error}.")
        return FAILED
    finally:
        await quota.aclose()
        await account.aclose()
    return OK


async def _call(settings: Settings, name: str, arguments: dict[str, Any]) -> int:
    from mcp import Client
    from mcp.shared.exceptions import MCPError

    from sp_mcp.server import build_server, leave_on_signal

    account = Account(settings)
    ask = asker(complain) if has_person() else None

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        complain(message or f"{progress} of {total}")

    code, problem = FAILED, ""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(leave_on_signal, account)
        async with Client(build_server(account, ConsentBy.TERMINAL), elicitation_callback=ask) as client:
            try:
                result = await client.call_tool(name, arguments, progress_callback=tell)
                # Here, and not after the client has ended: whoever interrupts a change is to see what became of it.
                for block in result.content:
                    (complain if result.is_error else say)(getattr(block, "text", "") or getattr(block, "uri", ""))
                code = FAILED if result.is_error else OK
            except MCPError as error:
                # Kept, not raised: the client's task group would wrap it.
                problem = f"{error.error.message} `sp-mcp tools` lists what there is."
        tasks.cancel_scope.cancel()
    await account.aclose()
    if problem:
        raise UsageError(problem)
    return code


def _sandbox(port: int) -> int:
    from sp_mcp.sandbox.serve import serve

    try:
        serve(port, say)
    except (OSError, OverflowError) as error:
        raise UsageError(f"Port {port} cannot be had: {error}. --port 0 takes a free one.") from None
    return OK
