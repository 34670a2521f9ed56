"""An operation as an MCP tool: what a client sees of it, and what happens when it is called."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

import anyio
import anyio.lowlevel
import mcp_types as types

from sp_mcp import failures
from sp_mcp.account import Account
from sp_mcp.amazon.answers import Answer, error_details
from sp_mcp.amazon.errors import SellingPartnerError
from sp_mcp.amazon.rate_limit import OnWait
from sp_mcp.arguments import InvalidArguments, Reading, read
from sp_mcp.confirmation import (
    ANSWER_SCHEMA,
    AskFirst,
    Confirmation,
    Consented,
    Host,
    NotConsented,
    Preview,
)
from sp_mcp.operation import Operation
from sp_mcp.schema import CONFIRMATION_CODE, input_schema, output_schema
from sp_mcp.wording import Question, shown

log = logging.getLogger(__name__)

CONSENT_KEY = "consent"
"""Names the one question in a multi-round call."""

STAYS_HERE = "Practice account on this machine: nothing reached Amazon."

Outcome = types.CallToolResult | types.InputRequiredResult


class Tool:
    """One operation on one account."""

    def __init__(self, operation: Operation, account: Account, confirmation: Confirmation) -> None:
        self.operation = operation
        self._account = account
        self._confirmation = confirmation

    def definition(self) -> types.Tool:
        """The tool as `tools/list` shows it."""
        operation = self.operation
        return types.Tool(
            name=operation.name,
            title=operation.title,
            description=operation.description,
            input_schema=input_schema(operation, frozenset(self._account.defaults)),
            output_schema=output_schema(operation),
            annotations=types.ToolAnnotations(
                read_only_hint=not operation.changes,
                # Nothing that changes can be taken back, so hosts should treat all of it with care.
                destructive_hint=operation.changes,
                idempotent_hint=operation.idempotent or not operation.changes,
                open_world_hint=True,
            ),
        )

    async def call(self, arguments: Mapping[str, Any] | None, host: Host, on_wait: OnWait | None = None) -> Outcome:
        """Check the arguments, get consent where needed, send, and tell what came of it.

        Never raises for anything a caller, a person or Amazon does; only cancellation passes through.
        """
        given = dict(arguments or {})
        code = given.pop(CONFIRMATION_CODE, None) if self.operation.changes else None
        code = str(code) if code else None
        sent = False
        try:
            reading = self._read(given)
            request = self.operation.to_request(reading.wire)
            if self.operation.changes:
                decision = await self._confirmation.decide(
                    self.operation, reading.wire, self._question(reading), code, host
                )
                if not isinstance(decision, Consented):
                    return self._without_consent(decision)
            client = self._account.client()
            sent = True
            answer = await client.send(request, on_wait)
            await self._tell_if_abandoned(answer)
            return self._succeeded(answer, reading)
        except InvalidArguments as error:
            return self._failed(failures.of_arguments(self.operation, error))
        except SellingPartnerError as error:
            return self._failed(failures.of_amazon(self.operation, error), requestId=error.request_id)
        except Exception as error:  # the outermost door: whatever escapes would reach the client as it is
            log.error("%s: internal fault %s", self.operation.name, type(error).__name__)
            log.debug("at", exc_info=error)
            return self._failed(failures.of_bug(self.operation, error, sent=sent))

    def _read(self, given: Mapping[str, Any]) -> Reading:
        return read(
            self.operation,
            given,
            defaults=self._account.defaults,
            warn_only=self._account.settings.environment == "sandbox",
        )

    def _question(self, reading: Reading) -> Question:
        assert self.operation.question is not None
        if reading.call is not None:
            return self.operation.question(reading.call)
        return Question(
            f"{self.operation.title}, with arguments that do not fit Amazon's description?",
            (f"Arguments: {shown(json.dumps(reading.wire), 1500)}",),
            "Amazon's sandbox answers with examples and changes nothing.",
        )

    async def _tell_if_abandoned(self, answer: Answer) -> None:
        """Leave a word where the caller of a change stopped waiting, since its answer reaches nobody."""
        if not self.operation.changes:
            return
        try:
            await anyio.lowlevel.checkpoint_if_cancelled()
        except anyio.get_cancelled_exc_class():
            log.warning(
                "%s: the caller stopped waiting, but the change had left and took effect (status %s, request id %s)",
                self.operation.name,
                answer.status,
                answer.request_id,
            )
            raise

    def _succeeded(self, answer: Answer, reading: Reading) -> types.CallToolResult:
        text = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
        notes: list[str] = []
        if errors := error_details(answer.body):
            notes.append(f"Amazon's answer holds errors too: {'; '.join(str(error) for error in errors)}")
        read = self.operation.read_answer(answer.body)
        if self.operation.afterword is not None and reading.call is not None and read is not None:
            notes += filter(None, [self.operation.afterword(reading.call, read)])
        if self.operation.changes and self._account.settings.environment == "local":
            notes.append(STAYS_HERE)
        if reading.warnings:
            warnings = "; ".join(str(problem) for problem in reading.warnings)
            notes.append(f"Sent as given, although it does not fit Amazon's description: {warnings}")
        structured = answer.body
        if read is None:
            # Strict clients drop a result that does not match the schema; a change that took effect must not
            # look like a failure, so an answer of another shape travels under one property of its own.
            structured = {"undocumentedAnswer": answer.body}
        meta = self._meta(requestId=answer.request_id, rateLimit=answer.rate, waitedSeconds=round(answer.waited, 3))
        return types.CallToolResult(
            content=[types.TextContent(text=part) for part in (text, *notes)],
            structured_content=structured,
            _meta=meta,
        )

    def _without_consent(self, decision: NotConsented | Preview | AskFirst) -> Outcome:
        if isinstance(decision, AskFirst):
            question = types.ElicitRequest(
                params=types.ElicitRequestFormParams(message=decision.text, requested_schema=ANSWER_SCHEMA)
            )
            return types.InputRequiredResult(input_requests={CONSENT_KEY: question}, request_state=decision.state)
        if isinstance(decision, NotConsented):
            return self._failed(decision.text)
        return types.CallToolResult(
            content=[types.TextContent(text=decision.text)],
            # Not empty: an empty object is what a message that was accepted answers.
            structured_content={
                "preview": {"sent": False, "question": decision.question, CONFIRMATION_CODE: decision.code}
            },
            _meta=self._meta(),
        )

    def _failed(self, text: str, **meta: Any) -> types.CallToolResult:
        return types.CallToolResult(content=[types.TextContent(text=text)], is_error=True, _meta=self._meta(**meta))

    def _meta(self, **entries: Any) -> dict[str, Any]:
        known = {name: value for name, value in entries.items() if value is not None}
        return {"environment": self._account.settings.environment, **known}
