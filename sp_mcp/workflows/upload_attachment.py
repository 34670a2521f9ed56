"""messaging_upload_attachment: uploads a file of this machine for one message (docs/facts/messaging.md#uploads)."""

from __future__ import annotations

import base64
import hashlib
from typing import Literal

import anyio.to_thread

from sp_mcp.amazon.errors import TransferFailed
from sp_mcp.apis import operations
from sp_mcp.apis.uploads import responses
from sp_mcp.fields import OneMarketplaceId, PathSegment, Text, argument
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.storage.files import ATTACHABLE, MB, File, NotOpen, read_within
from sp_mcp.workflows.workflow import Done, Leaves, Run, Workflow, WorkflowFailed

MOST = 10 * MB
"""Bytes that all files of a message may have together (docs/facts/messaging.md#attachments)."""

Message = Literal[
    "messaging_send_invoice",
    "messaging_create_warranty",
    "messaging_create_legal_disclosure",
    "messaging_create_digital_access_key",
    "messaging_confirm_customization_details",
]
"""The tools that send files and that Amazon has not removed; a test compares them with the catalogue."""


class UploadAttachmentRequest(RequestModel):
    amazonOrderId: PathSegment = argument("Amazon order id", example="902-1234567-1234567")
    marketplaceIds: OneMarketplaceId = argument("The order's marketplace", example='["ATVPDKIKX0DER"] (US)')
    messageTool: Message = argument("The tool that will send the file; another tool needs a new upload")
    file: Text = argument(
        "Full path of the file, or its path within a folder the person opened", example="invoice-902-1234567.pdf"
    )


class UploadAttachmentResponse(ResponseModel):
    uploadDestinationId: str | None = None
    fileName: str | None = None


async def _run(run: Run, call: UploadAttachmentRequest) -> Done:
    file = await _read(run, call.file)
    await run.context.report_progress(f"asking Amazon for a URL to upload {len(file.content):,} bytes to")
    message = next(operation for operation in operations(("messaging",)) if operation.name == call.messageTool)
    # Amazon's storage checks uploads by MD5; nothing is protected by it.
    digest = hashlib.md5(file.content, usedforsecurity=False).digest()
    answer: responses.CreateUploadDestinationResponse = await run.ask(
        "uploads",
        "createUploadDestinationForResource",
        {
            "resource": message.endpoint.path.replace("{amazonOrderId}", call.amazonOrderId).lstrip("/"),
            "marketplaceIds": call.marketplaceIds,
            "contentMD5": base64.b64encode(digest).decode(),
        },
    )
    slot = answer.payload
    if slot is None or not slot.uploadDestinationId or not slot.url:
        raise WorkflowFailed("Amazon's answer holds no URL for the file. Nothing was uploaded; call again later.")
    await run.context.report_progress("uploading")
    try:
        await run.services.transfers().put(slot.url, slot.headers or {}, file.content)
    except TransferFailed as error:
        raise WorkflowFailed(f"{error} The buyer has received nothing. Call again with the same arguments.") from None
    return Done(
        {"uploadDestinationId": slot.uploadDestinationId, "fileName": file.name},
        (
            f"Uploaded {file.name}, {len(file.content):,} bytes, for {call.messageTool} of this order. The buyer has "
            "received nothing yet.",
        ),
    )


async def _read(run: Run, path: str) -> File:
    """Read the file from the folders of the settings, or else from those the host opens. Raises FileRefused."""
    folders = run.services.file_roots

    def read() -> File:
        return read_within(path, folders, ATTACHABLE, MOST)

    try:
        return await anyio.to_thread.run_sync(read)
    except NotOpen:
        folders = (*folders, *await run.context.open_folders())
    return await anyio.to_thread.run_sync(read)


WORKFLOW = Workflow(
    name="messaging_upload_attachment",
    title="Upload attachment",
    description="Uploads a file of this machine for one message about one order: pdf, jpg, png, gif, doc, docx or txt, "
    "in a folder the person opened. All files of a message together must be under 10 MB. Call it before the message "
    "tool; it sends the buyer nothing. Returns `uploadDestinationId` and `fileName`: copy both into `attachments`.",
    request=UploadAttachmentRequest,
    response=UploadAttachmentResponse,
    run=_run,
    api="messaging",
    leaves=Leaves.FILES_THERE,
)
