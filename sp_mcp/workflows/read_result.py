"""sp_mcp_read_result: pages through an answer that was shortened, for assistants that cannot read MCP resources."""

from __future__ import annotations

from typing import Any

from sp_mcp.fields import Identifier, argument
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.results.truncation import compact, lists
from sp_mcp.results.untrusted_text import NOTE
from sp_mcp.workflows.workflow import Done, Run, Workflow, WorkflowFailed


class ReadResultRequest(RequestModel):
    result: Identifier = argument("Id of the shortened answer", source="its `leftOut`")
    listName: Identifier | None = argument("The list to read, e.g. payload.orders; default the longest", default=None)
    start: int | None = argument(
        "Index of the first item, counted from 0", source="`next` of the previous answer", default=None, ge=0
    )


class ReadResultResponse(ResponseModel):
    listName: str | None = None
    start: int | None = None
    of: int | None = None
    items: list[Any] | None = None
    next: int | None = None


async def _run(run: Run, call: ReadResultRequest) -> Done:
    kept = run.services.results
    whole = kept.whole(call.result)
    if whole is None:
        raise WorkflowFailed(
            "Long answers are kept for an hour; this one is gone. A call that only reads can be made again. For a "
            "change, call sp_mcp_list_changes to see what it did."
        )
    found = dict(lists(whole.body))
    if not found:
        raise WorkflowFailed("This answer holds no list. Its resource holds the whole answer.")
    path = call.listName or max(found, key=lambda path: len(compact(found[path])))
    if path not in found:
        raise WorkflowFailed(f"The answer has no list of this name. It has {', '.join(list(found)[:20])}.")
    items, start = found[path], call.start or 0
    page = kept.page(items, start)
    body: dict[str, Any] = {"listName": path, "start": start, "of": len(items), "items": page}
    if start + len(page) < len(items):
        body["next"] = start + len(page)
    return Done(body, (NOTE,) if whole.has_strangers else ())


WORKFLOW = Workflow(
    name="sp_mcp_read_result",
    title="Read more of a result",
    description="Pages through a shortened answer (one with `leftOut`). Returns `items`, and `next` (pass it as "
    "`start`) if more remain.",
    request=ReadResultRequest,
    response=ReadResultResponse,
    run=_run,
    reaches_out=False,
)
