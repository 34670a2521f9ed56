"""An operation as an MCP tool: what happens when it is called."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any

import anyio
import anyio.lowlevel
import mcp_types as types

from sp_mcp import failures
from sp_mcp.account import Account
from sp_mcp.amazon.answers import Answer, ApiRequest, error_details
from sp_mcp.amazon.errors import NotSent, OutcomeUnknown, SellingPartnerError
from sp_mcp.arguments import InvalidArguments, Reading, read
from sp_mcp.caller import CONSENT_KEY, Caller
from sp_mcp.confirmation import NOTHING_SENT, AskFirst, Confirmation, Consented, NotConsented, Preview
from sp_mcp.ledger.entry import Intent, Outcome, Result
from sp_mcp.ledger.ledger import OpenChange
from sp_mcp.operation import Operation, RequestModel, ResponseModel
from sp_mcp.redaction import essence, redacted, subjects
from sp_mcp.schema import CONFIRMATION_CODE
from sp_mcp.tool import Answered, Tool
from sp_mcp.wording import Question, shown

log = logging.getLogger(__name__)

STAYS_HERE = "Practice account on this machine: nothing reached Amazon."

_CODE = re.compile(r"[\w.:-]{1,60}", re.ASCII)


class OperationTool(Tool):
    """One operation on one account."""

    def __init__(self, operation: Operation, account: Account, confirmation: Confirmation) -> None:
        super().__init__(account)
        self.operation = operation
        self._confirmation = confirmation

    async def call(self, arguments: Mapping[str, Any] | None, caller: Caller) -> Answered:
        """Check the arguments, get consent where needed, send, and tell what came of it.

        Never raises for anything a caller, a person or Amazon does; only cancellation passes through.
        """
        given = dict(arguments or {})
        code = given.pop(CONFIRMATION_CODE, None) if self.operation.changes else None
        code = str(code) if code else None
        change: OpenChange | None = None
        try:
            reading = self._read(given)
            request = self.operation.to_request(reading.wire)
            if not self.operation.changes:
                answer = await self._account.client().send(request, caller.on_wait)
                return self._answered(answer, self.operation.read_answer(answer.body), reading)
            decision = await self._confirmation.decide(
                self.operation, self._intent(reading), self._question(reading), code, caller.host
            )
            if not isinstance(decision, Consented):
                return self._without_consent(decision)
            change = decision.change
            return await self._carry_out(request, reading, change, caller)
        except InvalidArguments as error:
            return self._failed(failures.of_arguments(self.operation.name, error))
        except SellingPartnerError as error:
            return self._failed(
                failures.of_amazon(self.operation, error, change=change.id if change else None),
                requestId=error.request_id,
                change=change.id if change else None,
            )
        except Exception as error:  # the outermost door: whatever escapes would reach the client as it is
            log.error("%s: internal fault %s", self.operation.name, type(error).__name__)
            log.debug("at", exc_info=error)
            return self._failed(failures.of_bug(error, self._done_so_far(change)))

    async def _carry_out(
        self, request: ApiRequest, reading: Reading[RequestModel], change: OpenChange, caller: Caller
    ) -> types.CallToolResult:
        """Send a change that is recorded, and record what came of it, whatever that is."""
        result: Result | None = None
        try:
            answer = await self._account.client().send(request, caller.on_wait, change)
            body = self.operation.read_answer(answer.body)
            result = self._result(answer, body, reading)
        except SellingPartnerError as error:
            result = _result_of(error)
            raise
        finally:
            problem = await change.close(result)
        await self._tell_if_abandoned(answer)
        if self.operation.download and isinstance(url := answer.body.get(self.operation.download), str):
            await self._account.bookmarks().offer(url)
        notes = (
            [f"It was done; do not repeat it. Only its outcome could not be recorded as change {change.id}. {problem}."]
            if problem
            else []
        )
        return self._answered(answer, body, reading, *notes, change=change.id)

    def _done_so_far(self, change: OpenChange | None) -> str:
        if not self.operation.changes:
            return "Nothing was changed."
        if change is None or not change.left:
            return NOTHING_SENT
        return f"The request may have left. {failures.see_outcome(self.operation)}"

    def _read(self, given: Mapping[str, Any]) -> Reading[RequestModel]:
        # Amazon's static sandbox has documented cases that break Amazon's own schemas: what is wrong with a body,
        # and with date windows, is only told there.
        in_sandbox = self._account.settings.environment == "sandbox"
        return read(
            self.operation.request,
            given,
            defaults=self._account.defaults,
            forgiven=(lambda name: self.operation.location(name) == "body") if in_sandbox else None,
        )

    def _intent(self, reading: Reading[RequestModel]) -> Intent:
        model, wire = self.operation.request, reading.wire
        if reading.call is None:
            # Nobody knows what is private in arguments that do not fit their description.
            return Intent(self.operation.name, wire, wire, {})
        about = tuple(subjects(model, wire))
        return Intent(self.operation.name, wire, essence(model, wire), redacted(model, wire), about)

    def _question(self, reading: Reading[RequestModel]) -> Question:
        assert self.operation.question is not None
        if reading.call is not None:
            return self.operation.question(reading.call)
        return Question(
            f"{self.operation.title}, with arguments that do not fit Amazon's description?",
            (f"Arguments: {shown(json.dumps(reading.wire), 1500)}",),
            "Amazon's sandbox answers with examples and changes nothing.",
        )

    def _result(self, answer: Answer, body: ResponseModel | None, reading: Reading[RequestModel]) -> Result:
        done, not_done = None, None
        if self.operation.tally is not None and reading.call is not None and body is not None:
            done, not_done = self.operation.tally(reading.call, body)
        codes = _plain(error.code for error in error_details(answer.body))
        return Result(Outcome.SENT, answer.status, answer.request_id, codes, done, not_done)

    async def _tell_if_abandoned(self, answer: Answer) -> None:
        """Leave a word where the caller of a change stopped waiting, since its answer reaches nobody."""
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

    def _answered(
        self, answer: Answer, body: ResponseModel | None, reading: Reading[RequestModel], *more: str, **meta: Any
    ) -> types.CallToolResult:
        notes: list[str] = []
        if errors := error_details(answer.body):
            notes.append(f"Amazon's answer holds errors too: {'; '.join(str(error) for error in errors)}")
        if self.operation.afterword is not None and reading.call is not None and body is not None:
            notes += filter(None, [self.operation.afterword(reading.call, body)])
        if self.operation.changes and self._account.settings.environment == "local":
            notes.append(STAYS_HERE)
        if reading.warnings:
            warnings = "; ".join(str(problem) for problem in reading.warnings)
            notes.append(f"Sent as given, although it does not fit Amazon's description: {warnings}")
        return self._succeeded(
            answer.body,
            self.operation.response,
            *notes,
            *more,
            documented=body is not None,
            requestId=answer.request_id,
            rateLimit=answer.rate,
            waitedSeconds=round(answer.waited, 3),
            **meta,
        )

    def _without_consent(self, decision: NotConsented | Preview | AskFirst) -> Answered:
        if isinstance(decision, AskFirst):
            asked = decision.asked
            question = types.ElicitRequest(
                params=types.ElicitRequestFormParams(message=asked.text, requested_schema=dict(asked.form))
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


def _result_of(error: SellingPartnerError) -> Result:
    if isinstance(error, NotSent):
        outcome = Outcome.FAILED
    else:
        outcome = Outcome.UNKNOWN if isinstance(error, OutcomeUnknown) else Outcome.REFUSED
    return Result(outcome, error.status, error.request_id, _plain(error.codes))


def _plain(codes: Iterable[str]) -> tuple[str, ...]:
    """What may be kept of error codes: those, and no words that came in their place."""
    return tuple(code if _CODE.fullmatch(code) else "unreadable" for code in codes)
