"""easy_ship_save_bulk_documents: saves the documents in the ZIP of a bulk booking, whose URL works for minutes
(docs/facts/easy-ship.md#bulk-booking).
"""

from __future__ import annotations

from functools import partial
from pathlib import PurePosixPath

import anyio.to_thread

from sp_mcp.amazon.errors import TransferFailed
from sp_mcp.fields import Text, argument
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.storage.files import MB, FileRefused
from sp_mcp.storage.zip_files import unpacked
from sp_mcp.workflows.saved_documents import Document, DocumentGiven, delivered, keep
from sp_mcp.workflows.workflow import Done, Leaves, Run, Workflow, WorkflowFailed

MOST = 20 * MB
MOST_UNPACKED = 60 * MB
MOST_FILES = 400


class SaveBulkDocumentsRequest(RequestModel):
    printableDocumentsUrl: Text = argument(
        "The URL, copied unchanged", source="easy_ship_create_scheduled_package_bulk", max_length=4000
    )


class NotSaved(ResponseModel):
    name: str | None = None
    reason: str | None = None


class SaveBulkDocumentsResponse(ResponseModel):
    documents: list[DocumentGiven] | None = None
    notSaved: list[NotSaved] | None = None


async def _run(run: Run, call: SaveBulkDocumentsRequest) -> Done:
    url = call.printableDocumentsUrl
    # Anybody can have files in Amazon's storage, so only a URL that a booking of this account returned is fetched.
    if not await run.services.progress().was_offered(url):
        raise WorkflowFailed(
            "No bulk booking of this account returned exactly this URL within the last hour. Nothing was fetched. Copy "
            "the URL unchanged, or get the labels in Seller Central."
        )
    await run.context.report_progress("downloading the archive")
    try:
        archive = await run.services.transfers().get(url, MOST)
    except TransferFailed as error:
        raise WorkflowFailed(
            f"{error} Call again at once, because the URL works for minutes only. Seller Central has the labels too."
        ) from None
    unpack = partial(unpacked, archive, most_files=MOST_FILES, most=MOST_UNPACKED)
    documents: list[Document] = []
    not_saved = []
    for name, content in await anyio.to_thread.run_sync(unpack):
        try:
            documents.append(await keep(run, None, PurePosixPath(name).stem, content))
        except FileRefused as refused:
            not_saved.append({"name": name, "reason": str(refused)})
    if not documents:
        reasons = " ".join(dict.fromkeys(entry["reason"] for entry in not_saved))
        raise WorkflowFailed(f"No document of the archive was saved. {reasons}".strip())
    return delivered(run, documents, **({"notSaved": not_saved} if not_saved else {}))


WORKFLOW = Workflow(
    name="easy_ship_save_bulk_documents",
    title="Save bulk documents",
    description="Saves the labels and invoices of a bulk booking from its `printableDocumentsUrl` on this machine. "
    "Call it right after the booking, because the URL works for minutes only. Returns `documents` with file, mediaType "
    "and bytes.",
    request=SaveBulkDocumentsRequest,
    response=SaveBulkDocumentsResponse,
    run=_run,
    api="easy_ship",
    leaves=Leaves.FILES_HERE,
)
