"""sp_mcp_list_changes: what was sent of late, and what became of it."""

from __future__ import annotations

from typing import Any, Literal

from sp_mcp.apis import operations
from sp_mcp.fields import Text, argument
from sp_mcp.ledger.entry import LedgerUnavailable, Outcome
from sp_mcp.ledger.history import UnknownOperation, meant_by, told
from sp_mcp.ledger.table import Filter
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.settings import API_NAMES
from sp_mcp.workflows.workflow import Done, Run, Workflow, WorkflowFailed


class ListChangesRequest(RequestModel):
    order: Text | None = argument("Only for this order", example="403-1234567-1234567 or 4Z32PABC", default=None)
    operation: Text | None = argument(
        "Only tools with this in their name", example="messaging or easy_ship_create_scheduled_package", default=None
    )
    outcome: Literal["sent", "refused", "failed", "unknown", "waiting"] | None = argument(
        "Only with this outcome", default=None
    )
    unsettled: bool | None = argument("true: only those nobody knows the outcome of", default=None)
    limit: int | None = argument("How many, default 20", default=None, ge=1, le=100)


class ChangeGiven(ResponseModel):
    id: str | None = None
    at: str | None = None
    operation: str | None = None
    orders: list[str] | None = None
    outcome: str | None = None
    consent: str | None = None
    status: int | None = None
    requestId: str | None = None
    errorCodes: list[str] | None = None
    done: int | None = None
    notDone: int | None = None
    verdict: str | None = None
    arguments: dict[str, Any] | None = None
    shownBy: str | None = None
    note: str | None = None


class ListChangesResponse(ResponseModel):
    changes: list[ChangeGiven] | None = None
    more: bool | None = None
    note: str | None = None


async def _run(run: Run, call: ListChangesRequest) -> Done:
    most, ledger = call.limit or 20, run.account.ledger()
    known = {operation.name: operation for operation in operations(API_NAMES)}
    try:
        which = Filter(
            subject=call.order.strip() if call.order else None,
            operations=meant_by(call.operation, known) if call.operation else None,
            outcome=Outcome(call.outcome) if call.outcome else None,
            unsettled=bool(call.unsettled),
            limit=most + 1,
        )
        found = await ledger.entries(which, "here")
        others = [] if found else await ledger.entries(Filter(limit=1), "here")
    except LedgerUnavailable as error:
        raise WorkflowFailed(f"{error}.") from None
    except UnknownOperation as error:
        raise WorkflowFailed(str(error)) from None
    answer = {"changes": [told(entry, known.get(entry.operation)) for entry in found[:most]], "more": len(found) > most}
    return Done({**answer, "note": "There are changes, but none that fits."} if others else answer)


WORKFLOW = Workflow(
    name="sp_mcp_list_changes",
    title="List recent changes",
    description="Lists what this account's tools changed or tried to, newest first, from the ledger on this machine: "
    "outcome, consent, Amazon's request id. Use it to see whether something was done already, or what is unsettled. "
    "Returns changes, without private texts. refused and failed: nothing was done; unknown: it may have happened, "
    "shownBy names the read that tells.",
    request=ListChangesRequest,
    response=ListChangesResponse,
    run=_run,
    reaches_out=False,
)
