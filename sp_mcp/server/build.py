"""The MCP server: a low-level `Server` that serves both protocol eras on any transport."""

from __future__ import annotations

from typing import Any

import mcp_types as types
from mcp.server import Server
from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.shared.exceptions import MCPError

from sp_mcp import __version__
from sp_mcp.clock import Clock
from sp_mcp.ledger.consent_tokens import LIFETIME
from sp_mcp.server.mcp_context import McpContext, call_context
from sp_mcp.server.prompts_and_resources import PromptsAndResources
from sp_mcp.server.registry import ToolRegistry

NAME = "sp-mcp"

# Longer than a consent lives, so that the text about an expired one is ours.
_STATE_SECONDS = 6 * LIFETIME

_LISTS: tuple[CacheableMethod, ...] = ("tools/list", "prompts/list", "resources/list", "resources/templates/list")
"""What stays the same for as long as the process lives."""

_LIST_SECONDS = 3600


def build_server(
    registry: ToolRegistry, prompts_and_resources: PromptsAndResources, instructions: str, clock: Clock
) -> Server[Any]:
    """An MCP server of these parts."""

    async def list_tools(_: McpContext, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=registry.definitions)

    async def call_tool(
        context: McpContext, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        tool = registry.tool(params.name)
        if tool is None:
            raise MCPError(code=types.INVALID_PARAMS, message=registry.why_missing(params.name))
        return await tool.call(params.arguments, call_context(context, params, clock))

    server: Server[Any] = Server(
        NAME,
        version=__version__,
        title="Selling Partner API",
        instructions=instructions,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        get_tool_input_schema=registry.input_schema,
        cache_hints=dict.fromkeys(_LISTS, CacheHint(ttl_ms=_LIST_SECONDS * 1000, scope="public")),
        **prompts_and_resources.handlers(),
    )
    security = RequestStateSecurity.ephemeral(ttl=_STATE_SECONDS)
    server.middleware.append(RequestStateBoundary(security, default_audience=NAME))
    return server
