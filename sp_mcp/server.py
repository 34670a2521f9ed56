"""The MCP server: a low-level `Server` made from the operations, and its stdio transport."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import Any, NoReturn

import anyio
import mcp_types as types
from mcp.server import Server
from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from sp_mcp import __version__
from sp_mcp.account import Account
from sp_mcp.caller import Context, caller_of
from sp_mcp.instructions import instructions
from sp_mcp.ledger.consent import LIFETIME
from sp_mcp.ledger.entry import ConsentBy
from sp_mcp.library import Library
from sp_mcp.toolbox import Toolbox

log = logging.getLogger(__name__)

NAME = "sp-mcp"

# Longer than a consent lives, so that the text about an expired one is ours.
_STATE_SECONDS = 6 * LIFETIME

_LISTS: tuple[CacheableMethod, ...] = ("tools/list", "prompts/list", "resources/list", "resources/templates/list")
"""What stays the same for as long as the process lives."""

_LIST_SECONDS = 3600

_UNREAD_SECONDS = 2.0


def build_server(account: Account, asked_by: ConsentBy = ConsentBy.HOST) -> Server[Any]:
    """An MCP server for `account`; it serves both protocol eras on any transport.

    `asked_by` is how a person is asked who is asked through it.
    """
    toolbox = Toolbox(account, asked_by)

    async def list_tools(_: Context, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=toolbox.definitions)

    async def call_tool(
        context: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        tool = toolbox.tool(params.name)
        if tool is None:
            raise MCPError(code=types.INVALID_PARAMS, message=toolbox.missing(params.name))
        outcome: types.CallToolResult | types.InputRequiredResult
        outcome = await tool.call(params.arguments, caller_of(context, params, account.clock))
        return outcome

    server: Server[Any] = Server(
        NAME,
        version=__version__,
        title="Selling Partner API",
        instructions=instructions(account.settings),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        get_tool_input_schema=toolbox.input_schema,
        cache_hints=dict.fromkeys(_LISTS, CacheHint(ttl_ms=_LIST_SECONDS * 1000, scope="public")),
        **Library(account).handlers(),
    )
    security = RequestStateSecurity.ephemeral(ttl=_STATE_SECONDS)
    server.middleware.append(RequestStateBoundary(security, default_audience=NAME))
    return server


async def serve_stdio(account: Account) -> None:
    """Serve one client over stdin and stdout until it closes, or until SIGINT or SIGTERM.

    Either way nothing new is sent then, and a change that has left is seen through first.
    """
    server = build_server(account)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(leave_on_signal, account)
        tasks.start_soon(account.tidy)
        try:
            async with stdio_server() as (read, write):
                await server.run(read, write, server.create_initialization_options())
                await account.settle()
                tasks.start_soon(_leave_unread)
        except* BrokenPipeError:
            log.info("the host has closed the connection")
        await account.settle()
        await account.aclose()
        tasks.cancel_scope.cancel()


async def _leave_unread() -> None:
    """A host that ended the input and does not read the rest of the output must not keep the process alive."""
    await anyio.sleep(_UNREAD_SECONDS)
    _leave(0)


async def leave_on_signal(account: Account) -> None:
    """Leave with 128 + signal: after the first, once changes have their outcome; after the second, at once."""
    if sys.platform == "win32":
        return  # anyio receives no signals there; Ctrl-C raises KeyboardInterrupt
    async with anyio.create_task_group() as tasks:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            leaving = False
            async for received in signals:
                if leaving:
                    _leave(128 + received)
                leaving = True
                tasks.start_soon(_settle_and_leave, account, 128 + received)


async def _settle_and_leave(account: Account, code: int) -> None:
    await account.settle()
    # Let an answer that is ready reach the client before the end.
    await anyio.sleep(0.05)
    _leave(code)


def _leave(code: int) -> NoReturn:
    # Not sys.exit: a thread may be blocked on stdin or stdout, and joining it would wait for the host.
    sys.stderr.flush()
    os._exit(code)
