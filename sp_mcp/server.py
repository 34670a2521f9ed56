"""The MCP server: a low-level `Server` made from the operations, and its stdio transport."""

from __future__ import annotations

import difflib
import logging
import os
import signal
import sys
from collections.abc import Mapping
from functools import cached_property
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
from sp_mcp.confirmation import Confirmation
from sp_mcp.instructions import instructions
from sp_mcp.ledger.consent import LIFETIME
from sp_mcp.ledger.entry import ConsentBy
from sp_mcp.library import Library
from sp_mcp.wording import shown

log = logging.getLogger(__name__)

NAME = "sp-mcp"

# Longer than a consent lives, so that the text about an expired one is ours.
_STATE_SECONDS = 6 * LIFETIME

_LISTS: tuple[CacheableMethod, ...] = ("tools/list", "prompts/list", "resources/list", "resources/templates/list")
"""What stays the same for as long as the process lives."""

_LIST_SECONDS = 3600

_UNREAD_SECONDS = 2.0


class Toolbox:
    """The tools of one account, where consent is given in the way of `asked_by`.

    Made on first use: building all the models is not needed to say hello.
    """

    def __init__(self, account: Account, asked_by: ConsentBy = ConsentBy.HOST) -> None:
        self._account = account
        self._asked_by = asked_by

    @cached_property
    def tools(self) -> Mapping[str, Any]:
        """Name -> Tool, in the order of the catalogue, and our own after it."""
        from sp_mcp.apis import operations
        from sp_mcp.operation_tool import OperationTool
        from sp_mcp.workflows import catalogue
        from sp_mcp.workflows.workflow import Leaves, WorkflowTool

        settings = self._account.settings
        confirmation = Confirmation(
            setting=settings.confirm,
            ledger=self._account.ledger(),
            clock=self._account.clock,
            label=self._account.label,
            destination=self._account.destination,
            by=self._asked_by,
        )
        ours = {
            workflow.name: WorkflowTool(workflow, self._account)
            for workflow in catalogue()
            if (workflow.api is None or workflow.api in settings.apis)
            and not (settings.read_only and workflow.leaves is Leaves.FILES_THERE)
        }
        return {
            operation.name: OperationTool(operation, self._account, confirmation)
            for operation in operations(settings.apis)
            if not (settings.read_only and operation.changes)
        } | ours

    @cached_property
    def definitions(self) -> list[types.Tool]:
        """What `tools/list` answers; the same for as long as the process lives."""
        return [tool.definition() for tool in self.tools.values()]

    def missing(self, name: str) -> str:
        """What to say about a tool that is not listed."""
        from sp_mcp.apis import operations
        from sp_mcp.settings import API_NAMES
        from sp_mcp.workflows import catalogue

        known = {operation.name: operation for operation in operations(API_NAMES)}
        apis: dict[str, str | None] = {operation.name: operation.api for operation in known.values()}
        apis |= {workflow.name: workflow.api for workflow in catalogue()}
        if name in apis:
            hidden = "SP_MCP_READ_ONLY" if apis[name] in (None, *self._account.settings.apis) else "SP_MCP_APIS"
            return f"{name} is not listed here because of {hidden}."
        spelt = {n: n for n in self.tools}
        spelt |= {operation.operation_id: n for n, operation in known.items() if n in self.tools}
        near = difflib.get_close_matches(name[:80], spelt, n=1)
        meant = f" Did you mean {spelt[near[0]]}?" if near else ""
        return f"There is no tool of this name: {shown(name, 60)}.{meant}"

    def input_schema(self, name: str) -> Mapping[str, Any] | None:
        """The arguments of one tool, for the SDK's header check."""
        return next((tool.input_schema for tool in self.definitions if tool.name == name), None)


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
        tool = toolbox.tools.get(params.name)
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
