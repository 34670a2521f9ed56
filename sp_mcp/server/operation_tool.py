"""An operation as an MCP tool: what happens when it is called."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import mcp_types as types

from sp_mcp.amazon.answers import Answer
from sp_mcp.amazon.errors import ErrorDetail, SellingPartnerError
from sp_mcp.consent.confirmation import Confirmation, Consented, ElicitationRequired, NotConsented, Preview
from sp_mcp.endpoint import ApiRequest
from sp_mcp.ledger.entry import Intent, Result
from sp_mcp.ledger.pending import PendingChange
from sp_mcp.operation import Operation, RequestModel, ResponseModel
from sp_mcp.outcome import Outcome
from sp_mcp.question import Question
from sp_mcp.request.arguments import InvalidArguments, Reading, read
from sp_mcp.request.redaction import dedup_key, redacted, subjects
from sp_mcp.request.schema import CONFIRMATION_CODE
from sp_mcp.results import failures
from sp_mcp.results.failures import NOTHING_SENT
from sp_mcp.server.mcp_context import CONSENT_KEY, elicitation_of
from sp_mcp.server.result_writer import Answered, ResultWriter
from sp_mcp.text import shown
from sp_mcp.workflows.call_context import CallContext

if TYPE_CHECKING:
    from sp_mcp.amazon.client import SellingPartner

log = logging.getLogger(__name__)

STAYS_HERE = "Practice account on this machine: nothing reached Amazon."

_CODE = re.compile(r"[\w.:-]{1,60}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class OperationServices:
    """What calling operations takes. `client` and `confirmation` make their part on first use.

    `defaults` are arguments that calls may leave out; `environment` is that of the settings. `offer_download` gets
    each URL that an answer names for a workflow to fetch.
    """

    client: Callable[[], SellingPartner]
    confirmation: Callable[[], Confirmation]
    results: ResultWriter
    defaults: Mapping[str, Any]
    environment: str
    offer_download: Callable[[str], Awaitable[None]]


class OperationTool:
    """One operation on one account."""

    def __init__(self, operation: Operation, services: OperationServices) -> None:
        self.operation = operation
        self._services = services
        self._results = services.results

    async def call(self, arguments: Mapping[str, Any] | None, context: CallContext) -> Answered:
        """Check the arguments, get consent where needed, send, and return what came of it.

        Never raises for anything a caller, a person or Amazon does; only cancellation passes through.
        """
        given = dict(arguments or {})
        code = given.pop(CONFIRMATION_CODE, None) if self.operation.changes else None
        code = str(code) if code else None
        change: PendingChange | None = None
        try:
            reading = self._read(given)
            request = self.operation.to_request(reading.wire)
            if not self.operation.changes:
                answer = await self._services.client().send(request, context.on_wait)
                return self._answered(answer, self.operation.read_answer(answer.body), reading)
            decision = await self._services.confirmation().decide(
                self.operation, self._intent(reading), self._question(reading), code, context.host
            )
            if not isinstance(decision, Consented):
                return self._without_consent(decision)
            change = decision.change
            return await self._carry_out(request, reading, change, context)
        except InvalidArguments as error:
            return self._results.failure(failures.of_arguments(self.operation.name, error))
        except SellingPartnerError as error:
            return self._results.failure(
                failures.of_amazon(self.operation, error, change=change.id if change else None),
                requestId=error.request_id,
                change=change.id if change else None,
            )
        except Exception as error:  # the outermost door: whatever escapes would reach the client as it is
            log.error("%s: internal fault %s", self.operation.name, type(error).__name__, exc_info=error)
            return self._results.failure(failures.of_bug(error, self._done_so_far(change)))

    async def _carry_out(
        self, request: ApiRequest, reading: Reading[RequestModel], change: PendingChange, context: CallContext
    ) -> types.CallToolResult:
        """Send a change that is recorded, and record what came of it, whatever that is."""
        result: Result | None = None
        try:
            answer = await self._services.client().send(request, context.on_wait, change)
            body = self.operation.read_answer(answer.body)
            result = self._result(answer, body, reading)
        except SellingPartnerError as error:
            result = Result(error.outcome, error.status, error.request_id, _readable(error.errors))
            raise
        finally:
            problem = await change.close(result)
        await self._warn_if_abandoned(answer)
        if self.operation.download and isinstance(url := answer.body.get(self.operation.download), str):
            await self._services.offer_download(url)
        notes = (
            [f"It was done; do not repeat it. Only its outcome could not be recorded as change {change.id}. {problem}."]
            if problem
            else []
        )
        return self._answered(answer, body, reading, *notes, change=change.id)

    def _done_so_far(self, change: PendingChange | None) -> str:
        if not self.operation.changes:
            return "Nothing was changed."
        if change is None or not change.left:
            return NOTHING_SENT
        return f"The request may have left. {failures.how_to_check(self.operation)}"

    def _read(self, given: Mapping[str, Any]) -> Reading[RequestModel]:
        # Amazon's static sandbox has documented cases that break Amazon's own schemas: what is wrong with a body,
        # and with date windows, is only a warning there.
        in_sandbox = self._services.environment == "sandbox"
        return read(
            self.operation.request,
            given,
            defaults=self._services.defaults,
            forgiven=(lambda name: "body" in self.operation.endpoint.locations_of(name)) if in_sandbox else None,
        )

    def _intent(self, reading: Reading[RequestModel]) -> Intent:
        model, wire = self.operation.request, reading.wire
        if reading.call is None:
            # Nobody knows what is private in arguments that do not fit their description.
            return Intent(self.operation.name, wire, wire, {})
        about = tuple(subjects(model, wire))
        return Intent(self.operation.name, wire, dedup_key(model, wire), redacted(model, wire), about)

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
        if self.operation.count_parts is not None and reading.call is not None and body is not None:
            done, not_done = self.operation.count_parts(reading.call, body)
        return Result(Outcome.SENT, answer.status, answer.request_id, _readable(answer.errors), done, not_done)

    async def _warn_if_abandoned(self, answer: Answer) -> None:
        """Leave a line in the log where the caller of a change stopped waiting, since its answer reaches nobody."""
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
        if answer.errors:
            notes.append(f"Amazon's answer holds errors too: {'; '.join(str(error) for error in answer.errors)}")
        if self.operation.success_note is not None and reading.call is not None and body is not None:
            notes += filter(None, [self._of_this_account(self.operation.success_note(reading.call, body))])
        if self.operation.changes and self._services.environment == "local":
            notes.append(STAYS_HERE)
        if reading.warnings:
            warnings = "; ".join(str(problem) for problem in reading.warnings)
            notes.append(f"Sent as given, although it does not fit Amazon's description: {warnings}")
        return self._results.success(
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

    def _of_this_account(self, note: str | None) -> str | None:
        """A note with the name of whoever answered: in the practice account nothing is Amazon's word."""
        if note is None or self._services.environment != "local":
            return note
        note = note.replace("Amazon ", "the practice account ")
        return note[:1].upper() + note[1:]

    def _without_consent(self, decision: NotConsented | Preview | ElicitationRequired) -> Answered:
        if isinstance(decision, ElicitationRequired):
            return types.InputRequiredResult(
                input_requests={CONSENT_KEY: elicitation_of(decision.asked)}, request_state=decision.state
            )
        if isinstance(decision, NotConsented):
            return self._results.failure(decision.text)
        return self._results.preview(
            decision.text, sent=False, question=decision.question, **{CONFIRMATION_CODE: decision.code}
        )


def _readable(errors: Iterable[ErrorDetail]) -> tuple[str, ...]:
    """What may be kept of error codes: those, and no words that came where a code belongs."""
    return tuple(error.code if _CODE.fullmatch(error.code) else "unreadable" for error in errors)
