"""Results of one form, whatever tool they are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import mcp_types as types

from sp_mcp.operation import ResponseModel
from sp_mcp.results.truncation import StoredResult, TruncatedResults, compact
from sp_mcp.results.untrusted_text import NOTE, mark_untrusted
from sp_mcp.workflows.call_context import CallContext
from sp_mcp.workflows.workflow import FileLink

Answered = types.CallToolResult | types.InputRequiredResult


class Tool(Protocol):
    """Something a client can call."""

    async def call(self, arguments: Mapping[str, Any] | None, context: CallContext) -> Answered:
        """Do what the tool is for. Never raises for anything a caller, a person or Amazon does."""


class ResultWriter:
    """Writes the results of one account's tools. `environment` stands in the metadata of each."""

    def __init__(self, results: TruncatedResults, environment: str) -> None:
        self._results = results
        self._environment = environment

    def success(
        self,
        body: Mapping[str, Any],
        model: type[ResponseModel],
        *notes: str,
        documented: bool = True,
        links: Iterable[FileLink] = (),
        **meta: Any,
    ) -> types.CallToolResult:
        """`body` as compact JSON and as structured content, with notes in texts of their own.

        `documented` is whether the body fits the model. What strangers wrote is set off in the text and named in the
        structured content, and of what is too long the first items are shown in both.
        """
        given, more = dict(body), list[str]()
        shown, untrusted = mark_untrusted(model, given)
        text = compact(shown)
        if not self._results.fits(text):
            given, left_out = self._results.shorten(given, StoredResult(shown, bool(untrusted)))
            shown, untrusted = mark_untrusted(model, given)
            text = compact(shown)
            more.append(left_out)
        structured = given
        if untrusted:
            structured = {**given, "strangersText": untrusted}
            more.append(NOTE)
        return types.CallToolResult(
            content=[
                *(types.TextContent(text=part) for part in (text, *more, *notes)),
                *(
                    types.ResourceLink(name=link.name, uri=link.uri, mime_type=link.media_type, size=link.size)
                    for link in links
                ),
            ],
            # Strict clients drop a result that does not match the schema; a change that took effect must not
            # look like a failure, so an answer of another shape travels under one property of its own.
            structured_content=structured if documented else {"undocumentedAnswer": structured},
            _meta=self._meta(meta),
        )

    def preview(self, text: str, **preview: Any) -> types.CallToolResult:
        """What a call would do, in `text` and as the fields of the structured content's `preview`."""
        # Not empty: an empty object is what a message that was accepted answers.
        return types.CallToolResult(
            content=[types.TextContent(text=text)], structured_content={"preview": preview}, _meta=self._meta({})
        )

    def failure(self, text: str, **meta: Any) -> types.CallToolResult:
        """A failure; only text, because strict clients check structured content of errors too."""
        return types.CallToolResult(content=[types.TextContent(text=text)], is_error=True, _meta=self._meta(meta))

    def _meta(self, entries: Mapping[str, Any]) -> dict[str, Any]:
        known = {name: value for name, value in entries.items() if value is not None}
        return {"environment": self._environment, **known}
