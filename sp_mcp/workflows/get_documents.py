"""easy_ship_get_documents: label, invoice and warranty of a scheduled order (sp-api-facts 4.2).

A feed asks for them, its answer names reports, and each report is a file behind a URL of its own. Amazon takes a feed
once in two minutes and may take its time, so how far it got is kept, and the next call goes on from there.
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
from sp_mcp.bookmarks import Bookmark
from sp_mcp.fields import MarketplaceId, PathSegment, argument
from sp_mcp.files import MB
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.wording import shown
from sp_mcp.workflows.documents import Document, DocumentGiven, delivered, keep
from sp_mcp.workflows.workflow import Done, Leaves, Run, StepFailed, Workflow, WorkflowFailed

MOST = 20 * MB
_MOST_ANSWER = MB

_MEDIA_TYPE = "text/xml; charset=UTF-8"
_PAUSES = (2.0, 3.0, 5.0)
"""Seconds between looks at what is not ready yet; the last one stays."""

_ENDED_BADLY = ("CANCELLED", "FATAL")
_UNKNOWN = (400, 404)
"""What Amazon answers where it knows nothing of a feed or a report, or not any more."""

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


class NotMade(ResponseModel):
    type: str | None = None
    reason: str | None = None


class GetDocumentsResponse(ResponseModel):
    status: str | None = None
    documents: list[DocumentGiven] | None = None
    notMade: list[NotMade] | None = None


class _Place(BaseModel):
    """How far it is: the feed, then the report of each document with its type, then what was saved or cannot be."""

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
    async with run.account.bookmarks().open("easy ship documents", *job) as bookmark:
        try:
            return await _go_on(run, call, bookmark)
        except StepFailed as failed:
            if failed.error.status in _UNKNOWN and bookmark.place:
                await bookmark.drop()
                raise WorkflowFailed(f"{failed} The same call begins anew.") from None
            raise


async def _go_on(run: Run, call: GetDocumentsRequest, bookmark: Bookmark) -> Done:
    place = _read_place(bookmark)
    if place.feed is None:
        place.feed = await _ask_for_them(run, call, bookmark)
    if place.reports is None:
        place.reports = await _reports(run, call, place.feed, bookmark)
        if place.reports is None:
            return _not_yet(run)
        await bookmark.move(reports=place.reports)
    waiting = False
    for report, kind in place.reports:
        known = place.files.get(report)
        if report in place.not_made or (known is not None and await known.is_there(run)):
            continue
        if run.left <= 0:
            return _not_yet(run)
        try:
            document = await _fetch(run, call.amazonOrderId, report, kind)
        except _Dead as dead:
            place.not_made[report] = str(dead)
            continue
        if document is None:
            waiting = True
            continue
        place.files[report] = document
        await bookmark.move(files={name: kept.model_dump() for name, kept in place.files.items()})
    if waiting:
        return _not_yet(run)
    kinds = dict(place.reports)
    documents = [place.files[report] for report in kinds if report in place.files and report not in place.not_made]
    not_made = [{"type": kinds[report], "reason": reason} for report, reason in place.not_made.items()]
    if not documents:
        await bookmark.drop()
        raise WorkflowFailed(f"{not_made[0]['reason']}, nor anything else. The same call begins anew.")
    return delivered(run, documents, status="DONE", **({"notMade": not_made} if not_made else {}))


def _read_place(bookmark: Bookmark) -> _Place:
    try:
        return _Place.model_validate(bookmark.place)
    except ValidationError:
        # Another version wrote it.
        return _Place()


class _Dead(Exception):
    """A document that will not come. The text says why."""


def _not_yet(run: Run) -> Done:
    return delivered(
        run,
        [],
        "Amazon is still making the documents. The same call goes on from here; a minute from now is soon enough.",
        status="IN_PROGRESS",
    )


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


async def _ask_for_them(run: Run, call: GetDocumentsRequest, bookmark: Bookmark) -> str:
    """Make the feed, and note that there is one before anything else."""
    await run.caller.tell("asking Amazon for the documents")
    made: feeds.CreateFeedDocumentResponse = await run.ask("feeds", "createFeedDocument", {"contentType": _MEDIA_TYPE})
    if not made.url or not made.feedDocumentId:
        raise WorkflowFailed("Amazon's answer names no place for the feed. Nothing was asked for; call again later.")
    await run.account.transfers().put(made.url, {"content-type": _MEDIA_TYPE}, _feed(run, call))
    options = {"AmazonOrderId": call.amazonOrderId, "DocumentType": call.documentType}
    wanted = {
        "feedType": "POST_EASYSHIP_DOCUMENTS",
        "marketplaceIds": [call.marketplaceId],
        "inputFeedDocumentId": made.feedDocumentId,
        "feedOptions": {name: value for name, value in options.items() if value},
    }
    feed: feeds.CreateFeedResponse = await run.ask("feeds", "createFeed", wanted)
    if not feed.feedId:
        raise WorkflowFailed("Amazon's answer names no feed; call again later.")
    await bookmark.move(feed=feed.feedId)
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


async def _reports(
    run: Run, call: GetDocumentsRequest, feed_id: str, bookmark: Bookmark
) -> list[tuple[str, str]] | None:
    """Ids and types of the reports that hold the documents; None while there are none yet."""
    feed = await _ready(run, "feeds", "getFeed", {"feedId": feed_id})
    if feed is None:
        return None
    text = ""
    if feed.resultFeedDocumentId:
        document = {"feedDocumentId": feed.resultFeedDocumentId}
        place: feeds.FeedDocument = await run.ask("feeds", "getFeedDocument", document)
        text = (await _download(run, place, _MOST_ANSWER)).decode("utf-8", "replace")
    found = list(_references(text, call.documentType or "Document")) if feed.processingStatus == "DONE" else []
    if found:
        return found
    await bookmark.drop()
    said = next((match[4].strip() for match in _REFERENCE.finditer(text) if match[4]), "")
    merchant = "" if run.account.settings.merchant_id else " SP_API_MERCHANT_ID is not set, which may be the reason."
    raise WorkflowFailed(
        f"Amazon made no documents for order {call.amazonOrderId} ({feed.processingStatus}). "
        f"{f'It says: {shown(said, 300)}. ' if said else ''}See that the account may have documents made, then call "
        f"again.{merchant}"
    )


def _references(text: str, kind: str) -> Iterator[tuple[str, str]]:
    told = kind
    for match in _REFERENCE.finditer(text):
        if match[1] == "DocumentType":
            told = match[2]
        elif match[1]:
            yield match[2], told
            told = kind


async def _fetch(run: Run, order: str, report_id: str, kind: str) -> Document | None:
    """Save one document; None while it is not ready. Raises _Dead where it never will be."""
    report: reports.Report | None = await _ready(run, "reports", "getReport", {"reportId": report_id})
    if report is None:
        return None
    if report.processingStatus in _ENDED_BADLY or not report.reportDocumentId:
        raise _Dead(f"Amazon could not make the {kind} ({report.processingStatus})")
    await run.caller.tell(f"fetching {kind}")
    document = {"reportDocumentId": report.reportDocumentId}
    place: reports.ReportDocument = await run.ask("reports", "getReportDocument", document)
    return await keep(run, kind, f"{order}-{kind}", await _download(run, place, MOST))


async def _ready(run: Run, api: str, operation_id: str, arguments: dict[str, str]) -> Any:
    """What Amazon is making, once it has ended well or badly; None where that takes longer than there is time."""
    for pause in chain(_PAUSES, repeat(_PAUSES[-1])):
        found = await run.ask(api, operation_id, arguments)
        if found.processingStatus in ("DONE", *_ENDED_BADLY):
            return found
        await run.caller.tell(f"Amazon is making the documents ({found.processingStatus})", run.left)
        if not await run.pause(pause):
            return None
    raise AssertionError("endless")


async def _download(run: Run, place: feeds.FeedDocument | reports.ReportDocument, most: int) -> bytes:
    if not place.url:
        raise WorkflowFailed("Amazon's answer names no place to fetch the document from; call again later.")
    try:
        return await run.account.transfers().get(place.url, most, gzip=place.compressionAlgorithm == "GZIP")
    except TransferFailed as error:
        raise WorkflowFailed(f"{error} The same call tries again.") from None


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
