"""The tools of one account: what is listed, and what is called."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mcp_types as types

from sp_mcp.server.definitions import definition, definitions
from sp_mcp.server.result_writer import Tool
from sp_mcp.text import shown


@dataclass(frozen=True)
class ListedTool:
    """A tool that is listed. `operation` is Amazon's name of it, or None for a workflow."""

    name: str
    api: str | None
    operation: str | None


class ToolRegistry:
    """`apis` are those that are switched on, in the order of their tools; the tools of our own come last.

    `defaults` are arguments that calls may leave out. `make` makes a tool when it is called first.
    """

    def __init__(
        self, apis: Sequence[str], *, read_only: bool, defaults: frozenset[str], make: Callable[[ListedTool], Tool]
    ) -> None:
        self._apis = apis
        self._read_only = read_only
        self._defaults = defaults
        self._make = make
        self._made: dict[str, Tool] = {}

    def tool(self, name: str) -> Tool | None:
        """A tool by its name, if it is listed."""
        if name in self._listed and name not in self._made:
            self._made[name] = self._make(self._listed[name])
        return self._made.get(name)

    @property
    def definitions(self) -> list[types.Tool]:
        """What `tools/list` answers; the same for as long as the process lives."""
        shown_to_client = {
            each.name: each.for_client(self._defaults) for each in definitions() if each.name in self._listed
        }
        return [shown_to_client[name] for name in self._listed]

    def input_schema(self, name: str) -> Mapping[str, Any] | None:
        """The arguments of one tool, for the SDK's header check."""
        found = definition(name) if name in self._listed else None
        return found.input if found else None

    def why_missing(self, name: str) -> str:
        """What to say about a tool that is not listed."""
        if hidden := definition(name):
            if hidden.api is None or hidden.api in self._apis:
                return f"{name} is not listed because SP_MCP_READ_ONLY is set."
            return f"{name} is not listed because SP_MCP_APIS does not switch on {hidden.api}."
        spelt = {each: each for each in self._listed}
        spelt |= {listed.operation: each for each, listed in self._listed.items() if listed.operation}
        near = difflib.get_close_matches(name[:80], spelt, n=1)
        meant = f" Did you mean {spelt[near[0]]}?" if near else ""
        return f"There is no tool of this name: {shown(name, 60)}.{meant}"

    @cached_property
    def _listed(self) -> dict[str, ListedTool]:
        """The tools that are listed, in their order."""
        order = {api: number for number, api in enumerate(self._apis)}
        # Names only: schemas of all tools at once would be the most that a server ever has in memory.
        wanted = [
            (
                (order[each.api] if each.api and each.operation else len(order), each.position),
                ListedTool(each.name, each.api, each.operation),
            )
            for each in definitions()
            if (each.api is None or each.api in order) and not (self._read_only and each.hidden_when_read_only)
        ]
        wanted.sort(key=lambda entry: entry[0])
        return {tool.name: tool for _, tool in wanted}
