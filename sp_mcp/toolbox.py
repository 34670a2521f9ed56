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
from sp_mcp.listing import Record, records
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
        record = self._listed.get(name)
        if record is not None and name not in self._made:
            self._made[name] = self._make(record)
        return self._made.get(name)

    @cached_property
    def definitions(self) -> list[types.Tool]:
        """What `tools/list` answers; the same for as long as the process lives."""
        defaults = frozenset(self._account.defaults)
        return [record.definition(defaults) for record in self._listed.values()]

    def input_schema(self, name: str) -> Mapping[str, Any] | None:
        """The arguments of one tool, for the SDK's header check."""
        return next((tool.input_schema for tool in self.definitions if tool.name == name), None)

    def missing(self, name: str) -> str:
        """What to say about a tool that is not listed."""
        for record in records():
            if record.name == name:
                there = record.api is None or record.api in self._account.settings.apis
                hidden = "SP_MCP_READ_ONLY" if there else "SP_MCP_APIS"
                return f"{name} is not listed here because of {hidden}."
        spelt = {each: each for each in self._listed}
        spelt |= {record.operation_id: each for each, record in self._listed.items() if record.operation_id}
        near = difflib.get_close_matches(name[:80], spelt, n=1)
        meant = f" Did you mean {spelt[near[0]]}?" if near else ""
        return f"There is no tool of this name: {shown(name, 60)}.{meant}"

    @cached_property
    def _listed(self) -> dict[str, Record]:
        """Those of the APIs that are switched on, in the order of the settings, and our own after them."""
        settings = self._account.settings
        order = {api: number for number, api in enumerate(settings.apis)}
        wanted = [
            record
            for record in records()
            if (record.api is None or record.api in order) and not (settings.read_only and record.hidden_when_read_only)
        ]
        theirs = [record for record in wanted if record.operation_id]
        theirs.sort(key=lambda record: order[record.api or ""])
        ours = [record for record in wanted if not record.operation_id]
        return {record.name: record for record in (*theirs, *ours)}

    def _make(self, record: Record) -> Tool:
        if record.operation_id is None:
            from sp_mcp.workflows import by_name
            from sp_mcp.workflows.workflow import WorkflowTool

            return WorkflowTool(by_name(record.name), self._account)
        from sp_mcp.apis import operation
        from sp_mcp.operation_tool import OperationTool

        return OperationTool(operation(record.api or "", record.operation_id), self._account, self._confirmation)

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
