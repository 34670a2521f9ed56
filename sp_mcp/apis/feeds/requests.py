"""Arguments of Feeds.

Only the feed type for Easy Ship documents is accepted: other feeds change listings and prices without a question to a
person that shows their content (docs/facts/documents.md#operations-and-rates).
"""

from __future__ import annotations

from typing import Literal

from sp_mcp.fields import DottedSegment, Identifier, Text, UpTo25MarketplaceIds, argument
from sp_mcp.operation import RequestModel


class CreateFeedDocumentRequest(RequestModel):
    contentType: Text = argument("Media type with charset", example="text/xml; charset=UTF-8")


class FeedOptions(RequestModel):
    AmazonOrderId: Identifier = argument("Amazon order id", example="403-1234567-1234567")
    DocumentType: Literal["ShippingLabel", "Invoice", "Warranty"] | None = argument(
        "Kind of document; leave out for all kinds", default=None
    )


class CreateFeedRequest(RequestModel):
    feedType: Literal["POST_EASYSHIP_DOCUMENTS"] = argument("Type of feed")
    marketplaceIds: UpTo25MarketplaceIds = argument("The order's marketplace", example='["A21TJRUUN4KGV"] (India)')
    inputFeedDocumentId: Identifier = argument(
        "Id of the document with the feed's content", source="feeds_create_feed_document"
    )
    feedOptions: FeedOptions | None = argument("The order, and the kind of document", default=None)


class GetFeedRequest(RequestModel):
    feedId: DottedSegment = argument("Feed id", source="feeds_create_feed")


class GetFeedDocumentRequest(RequestModel):
    feedDocumentId: DottedSegment = argument("Document id", source="`resultFeedDocumentId` of feeds_get_feed")
    enableContentEncodingUrlHeader: bool | None = argument(
        "true: the download names its compression in the Content-Encoding header", default=None
    )
