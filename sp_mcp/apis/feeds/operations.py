"""The operations of Feeds that fetching documents takes."""

from __future__ import annotations

from sp_mcp.apis.feeds import requests, responses
from sp_mcp.operation import Effect, Operation
from sp_mcp.quota.bucket import Rate

_ROLE = "the role Direct-to-Consumer Shipping (Restricted) or Tax Invoicing (Restricted), and a seller's account"

OPERATIONS = (
    Operation(
        api="feeds",
        operation_id="createFeedDocument",
        method="POST",
        path="/feeds/2021-06-30/documents",
        title="Create feed document",
        description="Makes a place for the content of a feed, for 5 minutes, at a URL to which it is sent by PUT with "
        "the same media type. Returns feedDocumentId and url.",
        request=requests.CreateFeedDocumentRequest,
        response=responses.CreateFeedDocumentResponse,
        rate=Rate(0.5, 15),
        role=_ROLE,
        effect=Effect.READS,
        success=201,
        proof=("feedDocumentId",),
    ),
    Operation(
        api="feeds",
        operation_id="createFeed",
        method="POST",
        path="/feeds/2021-06-30/feeds",
        title="Ask for Easy Ship documents",
        description="Asks Amazon to make the documents of a scheduled Easy Ship order; changes nothing else. Once in "
        "two minutes at most. easy_ship_get_documents does this and the rest. Returns feedId.",
        request=requests.CreateFeedRequest,
        response=responses.CreateFeedResponse,
        rate=Rate(0.0083, 15),
        role=_ROLE,
        effect=Effect.READS,
        success=202,
        proof=("feedId",),
    ),
    Operation(
        api="feeds",
        operation_id="getFeed",
        method="GET",
        path="/feeds/2021-06-30/feeds/{feedId}",
        title="Get feed status",
        description="Shows how far a feed is: IN_QUEUE, IN_PROGRESS, DONE, CANCELLED or FATAL. Returns "
        "processingStatus and, once DONE, resultFeedDocumentId.",
        request=requests.GetFeedRequest,
        response=responses.Feed,
        rate=Rate(2, 15),
        role=_ROLE,
        effect=Effect.READS,
        proof=("feedId",),
    ),
    Operation(
        api="feeds",
        operation_id="getFeedDocument",
        method="GET",
        path="/feeds/2021-06-30/documents/{feedDocumentId}",
        title="Get feed document",
        description="Gives the URL, good for 5 minutes, of what a feed answered. Returns url and compressionAlgorithm.",
        request=requests.GetFeedDocumentRequest,
        response=responses.FeedDocument,
        rate=Rate(0.0222, 10),
        role=_ROLE,
        effect=Effect.READS,
        proof=("feedDocumentId",),
    ),
)
