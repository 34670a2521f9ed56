"""What every tool is to the server: something to list and to call, with results of one form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import mcp_types as types

from sp_mcp.account import Account
from sp_mcp.caller import Caller
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.results import compact
from sp_mcp.schema import input_schema, output_schema
from sp_mcp.strangers import NOTE, marked

Answered = types.CallToolResult | types.InputRequiredResult


class Described(Protocol):
    """What is told of a tool before it is called."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def request(self) -> type[RequestModel]: ...
    @property
    def response(self) -> type[ResponseModel]: ...


class Tool(ABC):
    """A tool on one account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    @abstractmethod
    def definition(self) -> types.Tool:
        """The tool as `tools/list` shows it."""

    @abstractmethod
    async def call(self, arguments: Mapping[str, Any] | None, caller: Caller) -> Answered:
        """Do what the tool is for. Never raises for anything a caller, a person or Amazon does."""

    def _listed(self, what: Described, hints: types.ToolAnnotations, *, changes: bool = False) -> types.Tool:
        """`what` as it is listed; arguments that the settings fill in may be left out."""
        return types.Tool(
            name=what.name,
            title=what.title,
            description=what.description,
            input_schema=input_schema(what.request, changes=changes, defaults=frozenset(self._account.defaults)),
            output_schema=output_schema(what.response),
            annotations=hints,
        )

    def _succeeded(
        self,
        body: Mapping[str, Any],
        model: type[ResponseModel] | None,
        *notes: str,
        links: Iterable[types.ResourceLink] = (),
        **meta: Any,
    ) -> types.CallToolResult:
        """`body` as compact JSON and as structured content, with notes in texts of their own.

        `model` is what the body fits, or None. What strangers wrote is set off in the text and named in the structured
        content, and of what is too long the first items are shown in both.
        """
        given, more = dict(body), list[str]()
        if not self._account.results.fits(given):
            given, left_out = self._account.results.shorten(given, marked(model, given)[0] if model else given)
            more.append(left_out)
        told, theirs = marked(model, given) if model else (given, [])
        structured = given
        if theirs:
            structured = {**given, "strangersText": theirs}
            more.append(NOTE)
        return types.CallToolResult(
            content=[
                *(types.TextContent(text=part) for part in (compact(told), *more, *notes)),
                *links,
            ],
            # Strict clients drop a result that does not match the schema; a change that took effect must not
            # look like a failure, so an answer of another shape travels under one property of its own.
            structured_content=structured if model else {"undocumentedAnswer": structured},
            _meta=self._meta(**meta),
        )

    def _failed(self, text: str, **meta: Any) -> types.CallToolResult:
        return types.CallToolResult(content=[types.TextContent(text=text)], is_error=True, _meta=self._meta(**meta))

    def _meta(self, **entries: Any) -> dict[str, Any]:
        known = {name: value for name, value in entries.items() if value is not None}
        return {"environment": self._account.settings.environment, **known}
