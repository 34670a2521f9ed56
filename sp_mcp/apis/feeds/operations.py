"""The operations of Feeds that easy_ship_get_documents needs."""

from __future__ import annotations

from sp_mcp.apis.feeds import requests, responses
from sp_mcp.endpoint import Effect, Endpoint, Rate
from sp_mcp.operation import Example, Operation

_ROLE = "the role Direct-to-Consumer Shipping (Restricted) or Tax Invoicing (Restricted), and a seller's account"

OPERATIONS = (
    Operation(
        api="feeds",
        operation_id="createFeedDocument",
        title="Create feed document",
        description="Creates an upload for the content of one feed. Returns `feedDocumentId` and a `url`, valid for 5 "
        "minutes: send the content there by PUT with the same media type. For documents of Easy Ship, prefer "
        "easy_ship_get_documents, which does all steps.",
        endpoint=Endpoint(
            method="POST",
            path="/feeds/2021-06-30/documents",
            rate=Rate(0.5, 15),
            effect=Effect.PREPARES,
            success=201,
            proof=("feedDocumentId",),
        ),
        request=requests.CreateFeedDocumentRequest,
        response=responses.CreateFeedDocumentResponse,
        role=_ROLE,
        example=Example(
            {"contentType": "text/xml; charset=UTF-8"},
            {"feedDocumentId": "amzn1.tortuga.4.eu.1", "url": "https://s.example/1"},
        ),
        needed_read_only=True,
    ),
    Operation(
        api="feeds",
        operation_id="createFeed",
        title="Ask for Easy Ship documents",
        description="Asks Amazon to make the documents of a scheduled Easy Ship order; changes nothing else. About "
        "one call in two minutes once the first 15 are used. Prefer easy_ship_get_documents, which does all "
        "steps. Returns `feedId`.",
        endpoint=Endpoint(
            method="POST",
            path="/feeds/2021-06-30/feeds",
            rate=Rate(0.0083, 15),
            effect=Effect.PREPARES,
            success=202,
            proof=("feedId",),
        ),
        request=requests.CreateFeedRequest,
        response=responses.CreateFeedResponse,
        role=_ROLE,
        example=Example(
            {
                "feedType": "POST_EASYSHIP_DOCUMENTS",
                "marketplaceIds": ["A21TJRUUN4KGV"],
                "inputFeedDocumentId": "amzn1.tortuga.4.eu.1",
                "feedOptions": {"AmazonOrderId": "403-1234567-1234567"},
            },
            {"feedId": "50000"},
        ),
        needed_read_only=True,
    ),
    Operation(
        api="feeds",
        operation_id="getFeed",
        title="Get feed status",
        description="Shows the status of a feed. Returns `processingStatus` (IN_QUEUE, IN_PROGRESS, DONE, "
        "CANCELLED or FATAL) and, once it is DONE, `resultFeedDocumentId`.",
        endpoint=Endpoint(
            method="GET",
            path="/feeds/2021-06-30/feeds/{feedId}",
            rate=Rate(2, 15),
            effect=Effect.READS,
            proof=("feedId",),
        ),
        request=requests.GetFeedRequest,
        response=responses.Feed,
        role=_ROLE,
        example=Example({"feedId": "50000"}, {"feedId": "50000", "processingStatus": "IN_PROGRESS"}),
    ),
    Operation(
        api="feeds",
        operation_id="getFeedDocument",
        title="Get feed document",
        description="Returns a `url`, valid for 5 minutes, of the document with a feed's result, and its "
        "`compressionAlgorithm`. About one call in 45 seconds once the first 10 are used.",
        endpoint=Endpoint(
            method="GET",
            path="/feeds/2021-06-30/documents/{feedDocumentId}",
            rate=Rate(0.0222, 10),
            effect=Effect.READS,
            proof=("feedDocumentId",),
        ),
        request=requests.GetFeedDocumentRequest,
        response=responses.FeedDocument,
        role=_ROLE,
        example=Example(
            {"feedDocumentId": "amzn1.tortuga.4.eu.2"},
            {"feedDocumentId": "amzn1.tortuga.4.eu.2", "url": "https://s.example/2"},
        ),
    ),
)
