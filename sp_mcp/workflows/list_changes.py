"""sp_mcp_list_changes: lists recent changes and their outcomes from the ledger."""

from __future__ import annotations

from typing import Any, Literal

from sp_mcp.apis import operations
from sp_mcp.fields import Text, argument
from sp_mcp.ledger.entry import LedgerUnavailable
from sp_mcp.ledger.table import Filter
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.outcome import Outcome
from sp_mcp.results.changes import UnknownOperation, change_for_model, matching_tools
from sp_mcp.workflows.workflow import Done, Run, Workflow, WorkflowFailed


class ListChangesRequest(RequestModel):
    order: Text | None = argument("Only changes of this order", example="403-1234567-1234567 or 4Z32PABC", default=None)
    operation: Text | None = argument(
        "Only changes by tools with this in their name",
        example="messaging or easy_ship_create_scheduled_package",
        default=None,
    )
    outcome: Literal["sent", "refused", "failed", "unknown", "waiting"] | None = argument(
        "Only changes with this outcome", default=None
    )
    unsettled: bool | None = argument("true: only changes whose outcome is unknown", default=None)
    limit: int | None = argument("Most changes to return, default 20", default=None, ge=1, le=100)


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
    resolution: str | None = None
    arguments: dict[str, Any] | None = None
    shownBy: str | None = None
    note: str | None = None


class ListChangesResponse(ResponseModel):
    changes: list[ChangeGiven] | None = None
    more: bool | None = None
    note: str | None = None


async def _run(run: Run, call: ListChangesRequest) -> Done:
    most, ledger = call.limit or 20, run.services.ledger()
    known = {operation.name: operation for operation in operations()}
    try:
        which = Filter(
            subject=call.order.strip() if call.order else None,
            operations=matching_tools(call.operation, known) if call.operation else None,
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
    answer = {
        "changes": [change_for_model(entry, known.get(entry.operation)) for entry in found[:most]],
        "more": len(found) > most,
    }
    return Done(
        {**answer, "note": "The ledger holds changes, but none that matches these arguments."} if others else answer
    )


WORKFLOW = Workflow(
    name="sp_mcp_list_changes",
    title="List recent changes",
    description="Lists changes that this account's tools made or tried to make, newest first, from this machine's "
    "ledger. Use it to see whether something was already done. Returns `changes` without private texts; what the "
    "person declined is not listed. `outcome`: sent = Amazon accepted it, refused = Amazon refused it, failed = it was "
    "not carried out, waiting = not sent yet, unknown = it may have happened (`shownBy`: the tool to call to find "
    "out). `consent` host: the person agreed in the host's dialog.",
    request=ListChangesRequest,
    response=ListChangesResponse,
    run=_run,
    reaches_out=False,
)
