"""easy_ship_save_bulk_documents: the ZIP of a bulk booking, whose URL lives for minutes (sp-api-facts 4.2)."""

from __future__ import annotations

from pathlib import PurePosixPath

from sp_mcp.fields import Text, argument
from sp_mcp.files import MB, FileRefused, kind_of, unpacked
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.workflows.documents import DocumentGiven, delivered, keep
from sp_mcp.workflows.workflow import Done, Leaves, Run, Workflow

MOST = 20 * MB
MOST_UNPACKED = 60 * MB
MOST_FILES = 400


class SaveBulkDocumentsRequest(RequestModel):
    printableDocumentsUrl: Text = argument(
        "The URL, as it came", source="easy_ship_create_scheduled_package_bulk, minutes ago", max_length=4000
    )


class SaveBulkDocumentsResponse(ResponseModel):
    documents: list[DocumentGiven] | None = None
    notSaved: list[str] | None = None


async def _run(run: Run, call: SaveBulkDocumentsRequest) -> Done:
    await run.caller.tell("downloading the archive")
    archive = await run.account.transfers().get(call.printableDocumentsUrl, MOST)
    found = unpacked(archive, most_files=MOST_FILES, most=MOST_UNPACKED)
    # An archive of labels and invoices holds nothing else; what is something else is not put on a disk.
    wanted = [(name, content) for name, content in found if kind_of(content)]
    not_saved = [name for name, content in found if not kind_of(content)]
    if not wanted:
        raise FileRefused("The archive holds no documents.")
    documents = [await keep(run, "", PurePosixPath(name).stem, content) for name, content in wanted]
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
