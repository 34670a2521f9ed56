"""What a host can offer a person besides tools: prompts, resources, and values to complete their arguments with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import mcp_types as types
from mcp.shared.exceptions import MCPError

from sp_mcp.server.mcp_context import McpContext
from sp_mcp.text import shown

if TYPE_CHECKING:
    from sp_mcp.server.prompts import Prompt
    from sp_mcp.server.resources import Resources

_MOST_VALUES = 100
"""What one completion may hold, by the protocol."""


class PromptsAndResources:
    """The prompts and resources of one account; loaded on first use, since saying hello needs none of it.

    `apis` are those that are switched on. `recent_orders` returns the orders that were changed of late.
    """

    def __init__(
        self,
        *,
        apis: Sequence[str],
        read_only: bool,
        resources: Callable[[], Resources],
        recent_orders: Callable[[], Awaitable[list[str]]],
    ) -> None:
        self._apis = apis
        self._read_only = read_only
        self._resources = resources
        self._recent_orders = recent_orders

    def handlers(self) -> dict[str, Any]:
        """What the server is to call, by the names of its parameters."""
        return {
            "on_list_prompts": self._list_prompts,
            "on_get_prompt": self._get_prompt,
            "on_list_resources": self._list_resources,
            "on_list_resource_templates": self._list_templates,
            "on_read_resource": self._read_resource,
            "on_completion": self._complete,
        }

    def _prompts(self) -> dict[str, Prompt]:
        from sp_mcp.server.prompts import available

        return {prompt.name: prompt for prompt in available(self._apis, read_only=self._read_only)}

    async def _list_prompts(self, _: McpContext, __: Any) -> types.ListPromptsResult:
        return types.ListPromptsResult(prompts=[prompt.definition() for prompt in self._prompts().values()])

    async def _get_prompt(self, _: McpContext, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        from sp_mcp.server.prompts import ArgumentsWrong, request

        prompt = self._prompts().get(params.name)
        if prompt is None:
            names = ", ".join(self._prompts())
            raise _wrong(f"There is no prompt of this name here: {shown(params.name, 60)}. There are {names}.")
        try:
            text = request(prompt, params.arguments or {})
        except ArgumentsWrong as error:
            raise _wrong(str(error)) from None
        message = types.PromptMessage(role="user", content=types.TextContent(text=text))
        return types.GetPromptResult(description=prompt.description, messages=[message])

    async def _list_resources(self, _: McpContext, __: Any) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=self._resources().listed())

    async def _list_templates(self, _: McpContext, __: Any) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=self._resources().templates())

    async def _read_resource(self, _: McpContext, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        from sp_mcp.server.resources import NoSuchResource

        try:
            return await self._resources().read(str(params.uri))
        except NoSuchResource as error:
            raise _wrong(str(error)) from None

    async def _complete(self, _: McpContext, params: types.CompleteRequestParams) -> types.CompleteResult:
        begun = params.argument.value.strip().casefold()
        if isinstance(params.ref, types.PromptReference):
            values = await self._argument_values(params.ref.name, params.argument.name, begun)
        else:
            values = self._template_values(str(params.ref.uri), begun)
        completion = types.Completion(
            values=values[:_MOST_VALUES], total=len(values), has_more=len(values) > _MOST_VALUES
        )
        return types.CompleteResult(completion=completion)

    async def _argument_values(self, prompt: str, argument: str, begun: str) -> list[str]:
        known = self._prompts().get(prompt)
        which = next((a.values for a in known.arguments if a.name == argument), None) if known else None
        if which == "marketplaces":
            return _marketplaces(begun)
        if which == "handovers":
            return [value for value in ("PICKUP", "DROPOFF") if value.casefold().startswith(begun)]
        if which == "orders":
            return [order for order in await self._recent_orders() if order.casefold().startswith(begun)]
        return []

    def _template_values(self, uri: str, begun: str) -> list[str]:
        from sp_mcp.server.resources import OPERATION

        if not uri.startswith(OPERATION):
            return []
        return [name for name in self._resources().operation_names() if begun in name]


def _marketplaces(begun: str) -> list[str]:
    """Ids of the marketplaces whose id, country or name begins like this."""
    from sp_mcp.regions import MARKETPLACES

    return [
        identifier
        for identifier, marketplace in MARKETPLACES.items()
        if any(word.casefold().startswith(begun) for word in (identifier, marketplace.country, marketplace.name))
    ]


def _wrong(text: str) -> MCPError:
    return MCPError(code=types.INVALID_PARAMS, message=text)
