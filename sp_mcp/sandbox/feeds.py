"""Feeds, as far as the documents of Easy Ship go through them (docs/facts/documents.md#documents-of-easy-ship).

A feed asks for documents and answers with the ids of reports.
"""

from __future__ import annotations

import gzip
import re
import secrets
from typing import Any

from sp_mcp.sandbox.refusals import Refusal, invalid
from sp_mcp.sandbox.state import Feed, State

_URL_SECONDS = 300
FEED_SECONDS = 6
"""How long a feed takes."""

_KINDS = ("ShippingLabel", "Invoice", "Warranty")


def create_feed_document(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """A URL for a feed's content."""
    path = state.storage.to_put(_URL_SECONDS, {"Content-Type": call["contentType"]})
    identifier = f"amzn1.tortuga.4.eu.{secrets.token_hex(8)}"
    state.feed_documents[identifier] = path.split("?")[0]
    return {"feedDocumentId": identifier, "url": f"{state.address}{path}"}


def create_feed(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """Begin to make documents."""
    path = state.feed_documents.get(call["inputFeedDocumentId"])
    file = state.storage.file(path) if path else None
    if call["feedType"] != "POST_EASYSHIP_DOCUMENTS":
        raise invalid("The feed type is not supported here.")
    if file is None or file.content is None:
        raise invalid("The input feed document has no content.")
    identifier = str(50000 + len(state.feeds))
    options = call.get("feedOptions", {})
    text = file.content.decode("utf-8", "replace")
    named = re.findall(r"<AmazonOrderID>([^<]+)</AmazonOrderID>", text)
    order = state.orders.get(options.get("AmazonOrderId", ""))
    fits = "<MessageType>EasyShipDocument</MessageType>" in text and named == [options.get("AmazonOrderId")]
    ready = fits and order is not None and order.package is not None and [order.marketplace] == call["marketplaceIds"]
    kinds = [options["DocumentType"]] if "DocumentType" in options else list(_KINDS)
    if order is not None and order.package is not None and "packageItems" not in order.package:
        kinds = [kind for kind in kinds if kind != "Warranty"]  # for items with serial numbers only
    state.feeds[identifier] = Feed(
        state.clock.monotonic() + FEED_SECONDS, options.get("AmazonOrderId", ""), kinds, ready
    )
    return {"feedId": identifier}


def get_feed(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """How far a feed is."""
    feed = state.feeds.get(call["feedId"])
    if feed is None:
        raise Refusal(404, "NotFound", "The feed was not found.")
    shown = {"feedId": call["feedId"], "feedType": "POST_EASYSHIP_DOCUMENTS", "createdTime": "2026-01-01T00:00:00Z"}
    if state.clock.monotonic() < feed.done_at:
        return {**shown, "processingStatus": "IN_PROGRESS"}
    if not feed.ready:
        return {**shown, "processingStatus": "FATAL"}
    return {**shown, "processingStatus": "DONE", "resultFeedDocumentId": f"amzn1.tortuga.result.{call['feedId']}"}


def get_feed_document(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """Where a feed's answer is to be fetched."""
    feed = state.feeds.get(call["feedDocumentId"].rsplit(".", 1)[-1])
    if feed is None or state.clock.monotonic() < feed.done_at:
        raise Refusal(404, "NotFound", "The document was not found.")
    results = []
    for kind in feed.kinds:
        report = f"amzn1.easyship.document.{secrets.token_hex(8)}"
        state.reports[report] = (feed.order_id, kind)
        results.append(
            f"<DocumentType>{kind}</DocumentType><DocumentReportReferenceID>{report}</DocumentReportReferenceID>"
        )
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?><AmazonEnvelope><Header><DocumentVersion>1.01</DocumentVersion></Header>'
        f"<MessageType>EasyShipDocument</MessageType><Message><EasyShipDocument><AmazonOrderID>{feed.order_id}"
        f"</AmazonOrderID>{''.join(results)}</EasyShipDocument></Message></AmazonEnvelope>"
    )
    path = state.storage.to_get(_URL_SECONDS, gzip.compress(xml.encode()), "text/xml")
    return {
        "feedDocumentId": call["feedDocumentId"],
        "url": f"{state.address}{path}",
        "compressionAlgorithm": "GZIP",
    }


ANSWERS = {
    "createFeedDocument": create_feed_document,
    "createFeed": create_feed,
    "getFeed": get_feed,
    "getFeedDocument": get_feed_document,
}
"""How each operation is answered, by Amazon's name for it."""
