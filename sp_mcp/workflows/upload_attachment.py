"""messaging_upload_attachment: a file of this machine made ready for one message (sp-api-facts 4.4)."""

from __future__ import annotations

import base64
import hashlib
from typing import Literal

import anyio.to_thread

from sp_mcp.amazon.errors import TransferFailed
from sp_mcp.apis import operations
from sp_mcp.apis.uploads import responses
from sp_mcp.fields import MarketplaceIds, PathSegment, Text, argument
from sp_mcp.files import ATTACHABLE, MB, File, NotOpen, read_within
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.workflows.workflow import Done, Leaves, Run, Workflow, WorkflowFailed

MOST = 10 * MB
"""Bytes that all files of a message may have together (sp-api-facts 4.3)."""

Message = Literal[
    "messaging_send_invoice",
    "messaging_create_warranty",
    "messaging_create_legal_disclosure",
    "messaging_create_digital_access_key",
    "messaging_confirm_customization_details",
]
"""The messages that carry files and have not been removed; a test holds them equal to the catalogue."""


class UploadAttachmentRequest(RequestModel):
    amazonOrderId: PathSegment = argument("Amazon order id", example="902-1234567-1234567")
    marketplaceIds: MarketplaceIds = argument("The order's marketplace", example='["ATVPDKIKX0DER"] (US)')
    messageTool: Message = argument("The tool that will send the file; for another one, upload again")
    file: Text = argument(
        "Path of the file, whole or from a folder the person opened", example="invoice-902-1234567.pdf"
    )


class UploadAttachmentResponse(ResponseModel):
    uploadDestinationId: str | None = None
    fileName: str | None = None


async def _run(run: Run, call: UploadAttachmentRequest) -> Done:
    file = await _read(run, call.file)
    await run.caller.tell(f"asking Amazon for a place for {len(file.content):,} bytes")
    message = next(operation for operation in operations(("messaging",)) if operation.name == call.messageTool)
    # MD5 is what Amazon's storage checks by; nothing is kept safe with it.
    digest = hashlib.md5(file.content, usedforsecurity=False).digest()
    answer: responses.CreateUploadDestinationResponse = await run.ask(
        "uploads",
        "createUploadDestinationForResource",
        {
            "resource": message.path.replace("{amazonOrderId}", call.amazonOrderId).lstrip("/"),
            "marketplaceIds": call.marketplaceIds,
            "contentMD5": base64.b64encode(digest).decode(),
        },
    )
    place = answer.payload
    if place is None or not place.uploadDestinationId or not place.url:
        raise WorkflowFailed("Amazon's answer names no place for the file. Nothing was uploaded; call again later.")
    await run.caller.tell("uploading")
    try:
        await run.account.transfers().put(place.url, place.headers or {}, file.content)
    except TransferFailed as error:
        raise WorkflowFailed(f"{error} In any case the buyer got nothing; the same call can be made again.") from None
    return Done(
        {"uploadDestinationId": place.uploadDestinationId, "fileName": file.name},
        (
            f"{file.name}, {len(file.content):,} bytes, is uploaded for {call.messageTool} of this order. The buyer "
            "has got nothing yet.",
        ),
    )


async def _read(run: Run, path: str) -> File:
    """The file, from the folders of the settings or those the host opens."""
    folders = run.account.settings.file_roots

    def read() -> File:
        return read_within(path, folders, ATTACHABLE, MOST)

    try:
        return await anyio.to_thread.run_sync(read)
    except NotOpen:
        folders = (*folders, *await run.caller.roots())
    return await anyio.to_thread.run_sync(read)


WORKFLOW = Workflow(
    name="messaging_upload_attachment",
    title="Upload attachment",
    description="Uploads a file of this machine for one message about one order: pdf, jpg, png, gif, doc, docx or txt, "
    "10 MB at most, in a folder the person opened. First step of a message with files; sends the "
    "buyer nothing. Returns uploadDestinationId and fileName, which go into attachments as they are.",
    request=UploadAttachmentRequest,
    response=UploadAttachmentResponse,
    run=_run,
    api="messaging",
    leaves=Leaves.FILES_THERE,
)
