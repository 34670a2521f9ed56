"""easy_ship_save_bulk_documents: the ZIP of a bulk booking, whose URL lives for minutes (sp-api-facts 4.2)."""

from __future__ import annotations

from functools import partial
from pathlib import PurePosixPath

import anyio.to_thread

from sp_mcp.amazon.errors import TransferFailed
from sp_mcp.archives import unpacked
from sp_mcp.fields import Text, argument
from sp_mcp.files import MB, FileRefused
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.workflows.documents import Document, DocumentGiven, delivered, keep
from sp_mcp.workflows.workflow import Done, Leaves, Run, Workflow, WorkflowFailed

MOST = 20 * MB
MOST_UNPACKED = 60 * MB
MOST_FILES = 400


class SaveBulkDocumentsRequest(RequestModel):
    printableDocumentsUrl: Text = argument(
        "The URL, as it came", source="easy_ship_create_scheduled_package_bulk, minutes ago", max_length=4000
    )


class NotSaved(ResponseModel):
    name: str | None = None
    reason: str | None = None


class SaveBulkDocumentsResponse(ResponseModel):
    documents: list[DocumentGiven] | None = None
    notSaved: list[NotSaved] | None = None


async def _run(run: Run, call: SaveBulkDocumentsRequest) -> Done:
    url = call.printableDocumentsUrl
    # Anybody can have a place at Amazon's storage: only what a booking of this account named is fetched.
    if not await run.account.bookmarks().was_offered(url):
        raise WorkflowFailed(
            "This URL is not, as it stands, from a bulk booking of this account within the last hour. Nothing was "
            "fetched; Seller Central has the labels too."
        )
    await run.caller.tell("downloading the archive")
    try:
        archive = await run.account.transfers().get(url, MOST)
    except TransferFailed as error:
        raise WorkflowFailed(
            f"{error} The URL works for minutes only; within them the same call tries again. Seller Central has the "
            "labels too."
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
    description="Saves on this machine the labels and invoices behind the printableDocumentsUrl of a bulk booking, "
    "which works for minutes only: call it right after the booking. Returns documents with file, mediaType and bytes.",
    request=SaveBulkDocumentsRequest,
    response=SaveBulkDocumentsResponse,
    run=_run,
    api="easy_ship",
    leaves=Leaves.FILES_HERE,
)
