"""Arguments of Feeds. One type of feed only: others change listings and prices, which is not what this is for."""

from __future__ import annotations

from typing import Literal

from sp_mcp.fields import DottedSegment, Identifier, SomeMarketplaceIds, Text, argument
from sp_mcp.operation import RequestModel


class CreateFeedDocumentRequest(RequestModel):
    contentType: Text = argument("Media type with charset", example="text/xml; charset=UTF-8")


class FeedOptions(RequestModel):
    AmazonOrderId: Identifier = argument("Amazon order id", example="403-1234567-1234567")
    DocumentType: Literal["ShippingLabel", "Invoice", "Warranty"] | None = argument(
        "Leave out for all documents", default=None
    )


class CreateFeedRequest(RequestModel):
    feedType: Literal["POST_EASYSHIP_DOCUMENTS"] = argument("Type of feed")
    marketplaceIds: SomeMarketplaceIds = argument("The order's marketplace", example='["A21TJRUUN4KGV"] (India)')
    inputFeedDocumentId: Identifier = argument("Document with the feed's content", source="feeds_create_feed_document")
    feedOptions: FeedOptions | None = argument("Which documents of which order", default=None)


class GetFeedRequest(RequestModel):
    feedId: DottedSegment = argument("Feed id", source="feeds_create_feed")


class GetFeedDocumentRequest(RequestModel):
    feedDocumentId: DottedSegment = argument("Document id", source="resultFeedDocumentId of a feed")
    enableContentEncodingUrlHeader: bool | None = argument("Let the download say how it is packed", default=None)
