"""What every tool is to the server: something to call, with results of one form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import mcp_types as types

from sp_mcp.account import Account
from sp_mcp.caller import Caller
from sp_mcp.operation import ResponseModel
from sp_mcp.results import Kept, compact
from sp_mcp.strangers import NOTE, marked

Answered = types.CallToolResult | types.InputRequiredResult


class Tool(ABC):
    """A tool on one account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    @abstractmethod
    async def call(self, arguments: Mapping[str, Any] | None, caller: Caller) -> Answered:
        """Do what the tool is for. Never raises for anything a caller, a person or Amazon does."""

    def _succeeded(
        self,
        body: Mapping[str, Any],
        model: type[ResponseModel],
        *notes: str,
        documented: bool = True,
        links: Iterable[types.ResourceLink] = (),
        **meta: Any,
    ) -> types.CallToolResult:
        """`body` as compact JSON and as structured content, with notes in texts of their own.

        `documented` is whether the body fits the model. What strangers wrote is set off in the text and named in the
        structured content, and of what is too long the first items are shown in both.
        """
        given, more = dict(body), list[str]()
        told, theirs = marked(model, given)
        text = compact(told)
        if not self._account.results.fits(text):
            given, left_out = self._account.results.shorten(given, Kept(told, bool(theirs)))
            told, theirs = marked(model, given)
            text = compact(told)
            more.append(left_out)
        structured = given
        if theirs:
            structured = {**given, "strangersText": theirs}
            more.append(NOTE)
        return types.CallToolResult(
            content=[
                *(types.TextContent(text=part) for part in (text, *more, *notes)),
                *links,
            ],
            # Strict clients drop a result that does not match the schema; a change that took effect must not
            # look like a failure, so an answer of another shape travels under one property of its own.
            structured_content=structured if documented else {"undocumentedAnswer": structured},
            _meta=self._meta(**meta),
        )

    def _failed(self, text: str, **meta: Any) -> types.CallToolResult:
        return types.CallToolResult(content=[types.TextContent(text=text)], is_error=True, _meta=self._meta(**meta))

    def _meta(self, **entries: Any) -> dict[str, Any]:
        known = {name: value for name, value in entries.items() if value is not None}
        return {"environment": self._account.settings.environment, **known}
