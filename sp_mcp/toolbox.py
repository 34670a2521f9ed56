"""The tools of one account: what is listed, and what is called."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import mcp_types as types

from sp_mcp.account import Account
from sp_mcp.confirmation import Confirmation
from sp_mcp.ledger.entry import ConsentBy
from sp_mcp.listing import record, records
from sp_mcp.wording import shown

if TYPE_CHECKING:
    from sp_mcp.tool import Tool


class Toolbox:
    """Where consent is given in the way of `asked_by`. A tool is made when it is called first."""

    def __init__(self, account: Account, asked_by: ConsentBy = ConsentBy.HOST) -> None:
        self._account = account
        self._asked_by = asked_by
        self._made: dict[str, Tool] = {}

    def tool(self, name: str) -> Tool | None:
        """A tool by its name, if it is listed."""
        if name in self._listed and name not in self._made:
            self._made[name] = self._make(name, *self._listed[name])
        return self._made.get(name)

    @property
    def definitions(self) -> list[types.Tool]:
        """What `tools/list` answers; the same for as long as the process lives."""
        defaults = frozenset(self._account.defaults)
        made = {record.name: record.definition(defaults) for record in records() if record.name in self._listed}
        return [made[name] for name in self._listed]

    def input_schema(self, name: str) -> Mapping[str, Any] | None:
        """The arguments of one tool, for the SDK's header check."""
        found = record(name) if name in self._listed else None
        return found.input if found else None

    def missing(self, name: str) -> str:
        """What to say about a tool that is not listed."""
        if hidden := record(name):
            there = hidden.api is None or hidden.api in self._account.settings.apis
            return f"{name} is not listed here because of {'SP_MCP_READ_ONLY' if there else 'SP_MCP_APIS'}."
        spelt = {each: each for each in self._listed}
        spelt |= {operation_id: each for each, (_, operation_id) in self._listed.items() if operation_id}
        near = difflib.get_close_matches(name[:80], spelt, n=1)
        meant = f" Did you mean {spelt[near[0]]}?" if near else ""
        return f"There is no tool of this name: {shown(name, 60)}.{meant}"

    @cached_property
    def _listed(self) -> dict[str, tuple[str, str | None]]:
        """Name -> API and operation, of the APIs that are switched on in the order of the settings; ours come last."""
        settings = self._account.settings
        order = {api: number for number, api in enumerate(settings.apis)}
        wanted = [
            (each.name, each.api or "", each.operation_id)
            for each in records()
            if (each.api is None or each.api in order) and not (settings.read_only and each.hidden_when_read_only)
        ]
        # The sort is stable: within an API, and among our own, the order of the file stays.
        wanted.sort(key=lambda each: order[each[1]] if each[2] else len(order))
        return {name: (api, operation_id) for name, api, operation_id in wanted}

    def _make(self, name: str, api: str, operation_id: str | None) -> Tool:
        if operation_id is None:
            from sp_mcp.workflows import by_name
            from sp_mcp.workflows.workflow import WorkflowTool

            return WorkflowTool(by_name(name), self._account)
        from sp_mcp.apis import operation
        from sp_mcp.operation_tool import OperationTool

        return OperationTool(operation(api, operation_id), self._account, self._confirmation)

    @cached_property
    def _confirmation(self) -> Confirmation:
        return Confirmation(
            setting=self._account.settings.confirm,
            ledger=self._account.ledger(),
            clock=self._account.clock,
            label=self._account.label,
            destination=self._account.destination,
            by=self._asked_by,
        )
