"""sp_mcp_read_result: the rest of an answer that was too long, for assistants whose host reads them no resources."""

from __future__ import annotations

from typing import Any

from sp_mcp.fields import Identifier, argument
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.results import compact, lists
from sp_mcp.strangers import NOTE
from sp_mcp.workflows.workflow import Done, Run, Workflow, WorkflowFailed


class ReadResultRequest(RequestModel):
    result: Identifier = argument("Which answer", source="leftOut of that answer")
    listName: Identifier | None = argument("Which of its lists, e.g. payload.orders; default the longest", default=None)
    start: int | None = argument(
        "Number of the first item, counted from 0", source="next of the answer before", default=None, ge=0
    )


class ReadResultResponse(ResponseModel):
    listName: str | None = None
    start: int | None = None
    of: int | None = None
    items: list[Any] | None = None
    next: int | None = None


async def _run(run: Run, call: ReadResultRequest) -> Done:
    kept = run.account.results
    whole = kept.whole(call.result)
    if whole is None:
        raise WorkflowFailed(
            "This answer is not kept any more; it is for an hour. A call that only reads can be made again; what a "
            "change did is in sp_mcp_list_changes."
        )
    found = dict(lists(whole.body))
    if not found:
        raise WorkflowFailed("This answer holds no list; its resource holds all of it.")
    place = call.listName or max(found, key=lambda place: len(compact(found[place])))
    if place not in found:
        raise WorkflowFailed(f"The answer has no list of this name. It has {', '.join(list(found)[:20])}.")
    items, start = found[place], call.start or 0
    page = kept.page(items, start)
    body: dict[str, Any] = {"listName": place, "start": start, "of": len(items), "items": page}
    if start + len(page) < len(items):
        body["next"] = start + len(page)
    return Done(body, (NOTE,) if whole.has_strangers else ())


WORKFLOW = Workflow(
    name="sp_mcp_read_result",
    title="Read more of a result",
    description="Shows more items of an answer that was too long and had leftOut in it. Returns items from start on, "
    "and next while there are more.",
    request=ReadResultRequest,
    response=ReadResultResponse,
    run=_run,
    reaches_out=False,
)
