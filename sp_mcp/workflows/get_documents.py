"""easy_ship_get_documents: fetches label, invoice and warranty of a scheduled order
(docs/facts/documents.md#documents-of-easy-ship).

The tool sends a feed that asks for the documents. The feed's result names reports, and each report has a URL of one
file. Amazon accepts few feeds and can take long, so the progress is stored and the next call continues from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from sp_mcp.amazon.errors import TransferFailed
from sp_mcp.apis.easy_ship import responses as easy_ship
from sp_mcp.apis.feeds import responses as feeds
from sp_mcp.apis.reports import responses as reports
from sp_mcp.fields import MarketplaceId, PathSegment, argument
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.storage.files import MB
from sp_mcp.text import shown
from sp_mcp.workflows.job_progress import JobProgress
from sp_mcp.workflows.saved_documents import Document, DocumentGiven, delivered, keep
from sp_mcp.workflows.workflow import Done, Leaves, Run, StepFailed, Workflow, WorkflowFailed

MOST = 20 * MB
_MOST_ANSWER = MB

_MEDIA_TYPE = "text/xml; charset=UTF-8"
_PAUSES = (2.0, 3.0, 5.0)
"""Seconds between two reads of a status; the last value is used from then on."""

_ENDED_BADLY = ("CANCELLED", "FATAL")
_UNKNOWN = (400, 404)
"""HTTP statuses of Amazon's answer for a feed or report that it does not know, or no longer knows."""

_REFERENCE = re.compile(
    r"<(?:\w+:)?(DocumentType|DocumentReportReferenceID)>\s*([^<\s]{1,300})\s*</|"
    r"<(?:\w+:)?(ResultDescription|ErrorMessage)>([^<]{1,300})"
)


class GetDocumentsRequest(RequestModel):
    amazonOrderId: PathSegment = argument("Amazon order id", example="403-1234567-1234567")
    marketplaceId: MarketplaceId = argument("The order's marketplace", example="A21TJRUUN4KGV (India)")
    documentType: Literal["ShippingLabel", "Invoice", "Warranty"] | None = argument(
        "Only this kind of document; leave out for all kinds", default=None
    )


class NotMade(ResponseModel):
    type: str | None = None
    reason: str | None = None


class GetDocumentsResponse(ResponseModel):
    status: str | None = None
    documents: list[DocumentGiven] | None = None
    notMade: list[NotMade] | None = None


class _State(BaseModel):
    """Progress of the job.

    `feed` is the id of the feed and `reports` the id and document type of each report. `files` holds saved documents
    and `not_made` reasons why there is none, both by report id.
    """

    model_config = ConfigDict(extra="ignore")

    feed: str | None = None
    reports: list[tuple[str, str]] | None = None
    files: dict[str, Document] = {}
    not_made: dict[str, str] = {}


async def _run(run: Run, call: GetDocumentsRequest) -> Done:
    package = await _package(run, call)
    slot = package.packageTimeSlot.slotId if package.packageTimeSlot else None
    # Another slot means another label.
    job = (call.amazonOrderId, call.marketplaceId, call.documentType or "", slot or "")
    async with run.services.progress().open("easy ship documents", *job) as progress:
        try:
            return await _go_on(run, call, progress)
        except StepFailed as failed:
            if failed.error.status in _UNKNOWN and progress.state:
                await progress.clear()
                raise WorkflowFailed(f"{failed} Call again to start from the beginning.") from None
            raise


async def _go_on(run: Run, call: GetDocumentsRequest, progress: JobProgress) -> Done:
    state = _read_state(progress)
    if state.feed is None:
        state.feed = await _ask_for_them(run, call, progress)
    if state.reports is None:
        state.reports = await _reports(run, call, state.feed, progress)
        if state.reports is None:
            return _not_yet(run)
        await progress.update(reports=state.reports)
    waiting = False
    for report, kind in state.reports:
        known = state.files.get(report)
        if report in state.not_made or (known is not None and await known.is_there(run)):
            continue
        if run.left <= 0:
            return _not_yet(run)
        try:
            document = await _fetch(run, call.amazonOrderId, report, kind)
        except _Dead as dead:
            state.not_made[report] = str(dead)
            continue
        if document is None:
            waiting = True
            continue
        state.files[report] = document
        await progress.update(files={name: kept.model_dump() for name, kept in state.files.items()})
    if waiting:
        return _not_yet(run)
    kinds = dict(state.reports)
    documents = [state.files[report] for report in kinds if report in state.files and report not in state.not_made]
    not_made = [{"type": kinds[report], "reason": reason} for report, reason in state.not_made.items()]
    if not documents:
        await progress.clear()
        raise WorkflowFailed(
            f"{not_made[0]['reason']}, and made no other document. Call again to start from the beginning."
        )
    return delivered(run, documents, status="DONE", **({"notMade": not_made} if not_made else {}))


def _read_state(progress: JobProgress) -> _State:
    try:
        return _State.model_validate(progress.state)
    except ValidationError:
        # Another version of the program wrote the state.
        return _State()


class _Dead(Exception):
    """Amazon will not make a document. The text says why."""


def _not_yet(run: Run) -> Done:
    return delivered(
        run,
        [],
        "Amazon is still making the documents. Call again with the same arguments in about a minute.",
        status="IN_PROGRESS",
    )


async def _package(run: Run, call: GetDocumentsRequest) -> easy_ship.Package:
    """Returns the scheduled package. A feed for an order without one would waste one of the few that Amazon accepts.

    Raises WorkflowFailed.
    """
    order = {"amazonOrderId": call.amazonOrderId, "marketplaceId": call.marketplaceId}
    try:
        package: easy_ship.Package = await run.ask("easy_ship", "getScheduledPackage", order)
    except StepFailed as failed:
        if "RegionNotSupported" in failed.error.codes:
            raise WorkflowFailed(
                f"{failed} In this marketplace the documents come with the bulk booking: call "
                "easy_ship_save_bulk_documents with its printableDocumentsUrl."
            ) from None
        raise
    return package


async def _ask_for_them(run: Run, call: GetDocumentsRequest, progress: JobProgress) -> str:
    """Create the feed, store its id at once and return it. Raises WorkflowFailed and TransferFailed."""
    await run.context.report_progress("asking Amazon for the documents")
    made: feeds.CreateFeedDocumentResponse = await run.ask("feeds", "createFeedDocument", {"contentType": _MEDIA_TYPE})
    if not made.url or not made.feedDocumentId:
        raise WorkflowFailed(
            "Amazon's answer holds no URL for the feed. No documents were asked for; call again later."
        )
    await run.services.transfers().put(made.url, {"content-type": _MEDIA_TYPE}, _feed(run, call))
    options = {"AmazonOrderId": call.amazonOrderId, "DocumentType": call.documentType}
    wanted = {
        "feedType": "POST_EASYSHIP_DOCUMENTS",
        "marketplaceIds": [call.marketplaceId],
        "inputFeedDocumentId": made.feedDocumentId,
        "feedOptions": {name: value for name, value in options.items() if value},
    }
    feed: feeds.CreateFeedResponse = await run.ask("feeds", "createFeed", wanted)
    if not feed.feedId:
        raise WorkflowFailed("Amazon's answer holds no feed id; call again later.")
    await progress.update(feed=feed.feedId)
    return feed.feedId


def _feed(run: Run, call: GetDocumentsRequest) -> bytes:
    kind = f"<DocumentType>{call.documentType}</DocumentType>" if call.documentType else ""
    merchant = run.services.merchant_id or "MERCHANT"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        "<AmazonEnvelope><Header><DocumentVersion>1.01</DocumentVersion>"
        f"<MerchantIdentifier>{merchant}</MerchantIdentifier></Header><MessageType>EasyShipDocument</MessageType>"
        f"<Message><MessageID>1</MessageID><EasyShipDocument><AmazonOrderID>{call.amazonOrderId}</AmazonOrderID>{kind}"
        "</EasyShipDocument></Message></AmazonEnvelope>"
    ).encode()


async def _reports(
    run: Run, call: GetDocumentsRequest, feed_id: str, progress: JobProgress
) -> list[tuple[str, str]] | None:
    """Returns id and document type of each report, or None while Amazon works on the feed.

    Raises WorkflowFailed if Amazon made no documents.
    """
    feed = await _ready(run, "feeds", "getFeed", {"feedId": feed_id})
    if feed is None:
        return None
    text = ""
    if feed.resultFeedDocumentId:
        document = {"feedDocumentId": feed.resultFeedDocumentId}
        document_url: feeds.FeedDocument = await run.ask("feeds", "getFeedDocument", document)
        text = (await _download(run, document_url, _MOST_ANSWER)).decode("utf-8", "replace")
    found = list(_references(text, call.documentType or "Document")) if feed.processingStatus == "DONE" else []
    if found:
        return found
    await progress.clear()
    said = next((match[4].strip() for match in _REFERENCE.finditer(text) if match[4]), "")
    merchant = "" if run.services.merchant_id else " SP_API_MERCHANT_ID is not set, which may be the reason."
    raise WorkflowFailed(
        f"Amazon made no documents for order {call.amazonOrderId} ({feed.processingStatus}). "
        f"{f'Amazon says: {shown(said, 300)}. ' if said else ''}Ask the person to check that the application has a "
        f"role for Easy Ship documents, then call again.{merchant}"
    )


def _references(text: str, kind: str) -> Iterator[tuple[str, str]]:
    kind_so_far = kind
    for match in _REFERENCE.finditer(text):
        if match[1] == "DocumentType":
            kind_so_far = match[2]
        elif match[1]:
            yield match[2], kind_so_far
            kind_so_far = kind


async def _fetch(run: Run, order: str, report_id: str, kind: str) -> Document | None:
    """Save one document and return it, or None while it is not ready. Raises _Dead if Amazon will not make it."""
    report: reports.Report | None = await _ready(run, "reports", "getReport", {"reportId": report_id})
    if report is None:
        return None
    if report.processingStatus in _ENDED_BADLY or not report.reportDocumentId:
        raise _Dead(f"Amazon could not make the {kind} ({report.processingStatus})")
    await run.context.report_progress(f"fetching {kind}")
    document = {"reportDocumentId": report.reportDocumentId}
    document_url: reports.ReportDocument = await run.ask("reports", "getReportDocument", document)
    return await keep(run, kind, f"{order}-{kind}", await _download(run, document_url, MOST))


async def _ready(run: Run, api: str, operation_id: str, arguments: dict[str, str]) -> Any:
    """Read a feed or report until it is DONE, CANCELLED or FATAL, and return it; None if the call's time ends first."""
    for pause in chain(_PAUSES, repeat(_PAUSES[-1])):
        found = await run.ask(api, operation_id, arguments)
        if found.processingStatus in ("DONE", *_ENDED_BADLY):
            return found
        await run.context.report_progress(f"Amazon is making the documents ({found.processingStatus})", run.left)
        if not await run.pause(pause):
            return None
    raise AssertionError("endless")


async def _download(run: Run, document_url: feeds.FeedDocument | reports.ReportDocument, most: int) -> bytes:
    if not document_url.url:
        raise WorkflowFailed("Amazon's answer holds no URL of the document; call again later.")
    try:
        return await run.services.transfers().get(
            document_url.url, most, gzip=document_url.compressionAlgorithm == "GZIP"
        )
    except TransferFailed as error:
        raise WorkflowFailed(f"{error} Call again with the same arguments.") from None


WORKFLOW = Workflow(
    name="easy_ship_get_documents",
    title="Get Easy Ship documents",
    description="Fetches shipping label, invoice and warranty of an order that is scheduled with Easy Ship, and saves "
    "them on this machine. While `status` is IN_PROGRESS, call again with the same arguments in about a minute. "
    "Returns `documents` with file, mediaType and bytes.",
    request=GetDocumentsRequest,
    response=GetDocumentsResponse,
    run=_run,
    api="easy_ship",
    leaves=Leaves.FILES_HERE,
)
