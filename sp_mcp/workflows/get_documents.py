"""easy_ship_get_documents: label, invoice and warranty of a scheduled order (sp-api-facts 4.2).

A feed asks for them, its answer names reports, and each report is a file behind a URL of its own. Amazon takes a feed
once in two minutes and may take its time, so how far it got is kept, and the next call goes on from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import anyio

from sp_mcp.apis.easy_ship import responses as easy_ship
from sp_mcp.apis.feeds import responses as feeds
from sp_mcp.apis.reports import responses as reports
from sp_mcp.bookmarks import Bookmark
from sp_mcp.fields import MarketplaceId, PathSegment, argument
from sp_mcp.files import MB
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.workflows.documents import Document, DocumentGiven, delivered, keep
from sp_mcp.workflows.workflow import Done, Leaves, Run, StepFailed, Workflow, WorkflowFailed

MOST = 20 * MB
_MOST_ANSWER = MB

_MEDIA_TYPE = "text/xml; charset=UTF-8"
_PAUSES = (2.0, 3.0)
"""Seconds between looks at what is not ready yet; the last one stays."""

_ENDED_BADLY = ("CANCELLED", "FATAL")

_REFERENCE = re.compile(
    r"<(?:\w+:)?(DocumentType|DocumentReportReferenceID)>\s*([^<\s]{1,300})\s*</|"
    r"<(?:\w+:)?(ResultDescription|ErrorMessage)>([^<]{1,300})"
)


class GetDocumentsRequest(RequestModel):
    amazonOrderId: PathSegment = argument("Amazon order id", example="403-1234567-1234567")
    marketplaceId: MarketplaceId = argument("The order's marketplace", example="A21TJRUUN4KGV (India)")
    documentType: Literal["ShippingLabel", "Invoice", "Warranty"] | None = argument(
        "Only this one; leave out for all there are", default=None
    )


class GetDocumentsResponse(ResponseModel):
    status: str | None = None
    documents: list[DocumentGiven] | None = None


async def _run(run: Run, call: GetDocumentsRequest) -> Done:
    package = await _package(run, call)
    slot = package.packageTimeSlot.slotId if package.packageTimeSlot else None
    # Another slot means another label.
    job = (call.amazonOrderId, call.marketplaceId, call.documentType or "", slot or "")
    async with run.account.bookmarks().open("easy ship documents", *job) as bookmark:
        if "feed" not in bookmark.place:
            await bookmark.move(feed=await _ask_for_them(run, call))
        if "reports" not in bookmark.place:
            found = await _reports(run, call, bookmark)
            if found is None:
                return _not_yet(run)
            await bookmark.move(reports=found, files={})
        for report, kind in bookmark.place["reports"]:
            if not await _is_there(bookmark.place["files"].get(report)):
                document = await _fetch(run, call.amazonOrderId, report, kind)
                if document is None:
                    return _not_yet(run)
                await bookmark.move(files={**bookmark.place["files"], report: vars(document)})
        return delivered(run, [Document(**kept) for kept in bookmark.place["files"].values()], status="DONE")


def _not_yet(run: Run) -> Done:
    return delivered(
        run,
        [],
        "Amazon is still making the documents. The same call goes on from here; a minute from now is soon enough.",
        status="IN_PROGRESS",
    )


async def _is_there(file: dict[str, Any] | None) -> bool:
    return file is not None and await anyio.Path(file["file"]).is_file()


async def _package(run: Run, call: GetDocumentsRequest) -> easy_ship.Package:
    """The scheduled package: without one a feed, of which there is one in two minutes, would be in vain."""
    order = {"amazonOrderId": call.amazonOrderId, "marketplaceId": call.marketplaceId}
    try:
        package: easy_ship.Package = await run.ask("easy_ship", "getScheduledPackage", order)
    except StepFailed as failed:
        if "RegionNotSupported" in failed.error.codes:
            raise WorkflowFailed(
                f"{failed} There the documents come with the booking: easy_ship_save_bulk_documents fetches them from "
                "its printableDocumentsUrl."
            ) from None
        raise
    return package


async def _ask_for_them(run: Run, call: GetDocumentsRequest) -> str:
    await run.caller.tell("asking Amazon for the documents")
    made: feeds.CreateFeedDocumentResponse = await run.ask("feeds", "createFeedDocument", {"contentType": _MEDIA_TYPE})
    if not made.url or not made.feedDocumentId:
        raise WorkflowFailed("Amazon's answer names no place for the feed. Nothing was asked for; call again later.")
    await run.account.transfers().put(made.url, {"content-type": _MEDIA_TYPE}, _feed(run, call))
    options = {"AmazonOrderId": call.amazonOrderId, "DocumentType": call.documentType}
    feed: feeds.CreateFeedResponse = await run.ask(
        "feeds",
        "createFeed",
        {
            "feedType": "POST_EASYSHIP_DOCUMENTS",
            "marketplaceIds": [call.marketplaceId],
            "inputFeedDocumentId": made.feedDocumentId,
            "feedOptions": {name: value for name, value in options.items() if value},
        },
    )
    if not feed.feedId:
        raise WorkflowFailed("Amazon's answer names no feed; call again later.")
    return feed.feedId


def _feed(run: Run, call: GetDocumentsRequest) -> bytes:
    kind = f"<DocumentType>{call.documentType}</DocumentType>" if call.documentType else ""
    merchant = run.account.settings.merchant_id or "MERCHANT"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        "<AmazonEnvelope><Header><DocumentVersion>1.01</DocumentVersion>"
        f"<MerchantIdentifier>{merchant}</MerchantIdentifier></Header><MessageType>EasyShipDocument</MessageType>"
        f"<Message><MessageID>1</MessageID><EasyShipDocument><AmazonOrderID>{call.amazonOrderId}</AmazonOrderID>{kind}"
        "</EasyShipDocument></Message></AmazonEnvelope>"
    ).encode()


async def _reports(run: Run, call: GetDocumentsRequest, bookmark: Bookmark) -> list[tuple[str, str]] | None:
    """Ids and types of the reports that hold the documents; None while there are none yet."""
    feed = await _ready(run, "feeds", "getFeed", {"feedId": bookmark.place["feed"]})
    if feed is None:
        return None
    if feed.processingStatus in _ENDED_BADLY or not feed.resultFeedDocumentId:
        await bookmark.drop()
        raise WorkflowFailed(
            f"Amazon made no documents for order {call.amazonOrderId} ({feed.processingStatus}). See that it is "
            "scheduled, and that the account may have documents made; then call again."
        )
    place: feeds.FeedDocument = await run.ask("feeds", "getFeedDocument", {"feedDocumentId": feed.resultFeedDocumentId})
    text = (await _download(run, place, _MOST_ANSWER)).decode("utf-8", "replace")
    found = list(_references(text, call.documentType or "Document"))
    if not found:
        await bookmark.drop()
        said = next((match[4].strip() for match in _REFERENCE.finditer(text) if match[4]), "")
        raise WorkflowFailed(
            f"Amazon's answer names no documents for order {call.amazonOrderId}."
            + (f" It says: {said}" if said else "")
        )
    return found


def _references(text: str, kind: str) -> Iterator[tuple[str, str]]:
    told = kind
    for match in _REFERENCE.finditer(text):
        if match[1] == "DocumentType":
            told = match[2]
        elif match[1]:
            yield match[2], told
            told = kind


async def _fetch(run: Run, order: str, report_id: str, kind: str) -> Document | None:
    """Save one document; None while it is not ready."""
    report: reports.Report | None = await _ready(run, "reports", "getReport", {"reportId": report_id})
    if report is None:
        return None
    if report.processingStatus in _ENDED_BADLY or not report.reportDocumentId:
        raise WorkflowFailed(f"Amazon could not make the document {kind} ({report.processingStatus}).")
    await run.caller.tell(f"fetching {kind}")
    place: reports.ReportDocument = await run.ask(
        "reports", "getReportDocument", {"reportDocumentId": report.reportDocumentId}
    )
    return await keep(run, kind, f"{order}-{kind}", await _download(run, place, MOST))


async def _ready(run: Run, api: str, operation_id: str, arguments: dict[str, str]) -> Any:
    """What Amazon is making, once it has ended well or badly; None where that takes longer than there is time."""
    pauses = iter(_PAUSES)
    pause = 0.0
    while True:
        found = await run.ask(api, operation_id, arguments)
        if found.processingStatus in ("DONE", *_ENDED_BADLY):
            return found
        pause = next(pauses, 5.0)
        await run.caller.tell(f"Amazon is making the documents ({found.processingStatus})", run.left)
        if not await run.pause(pause):
            return None


async def _download(run: Run, place: feeds.FeedDocument | reports.ReportDocument, most: int) -> bytes:
    if not place.url:
        raise WorkflowFailed("Amazon's answer names no place to fetch the document from; call again later.")
    return await run.account.transfers().get(place.url, most, gzip=place.compressionAlgorithm == "GZIP")


WORKFLOW = Workflow(
    name="easy_ship_get_documents",
    title="Get Easy Ship documents",
    description="Fetches shipping label, invoice and warranty of an order that is scheduled with Easy Ship, and saves "
    "them on this machine. Takes up to a minute or more; while status is IN_PROGRESS the same call goes on where it "
    "stopped. Returns documents with file, mediaType and bytes.",
    request=GetDocumentsRequest,
    response=GetDocumentsResponse,
    run=_run,
    api="easy_ship",
    leaves=Leaves.FILES_HERE,
)
