"""The operations of Orders."""

from __future__ import annotations

from sp_mcp.apis.orders import requests, responses
from sp_mcp.endpoint import Effect, Endpoint, Rate
from sp_mcp.operation import Example, Operation

_ROLE = (
    "a role such as Inventory and Order Tracking (for buyers and recipients also Direct-to-Consumer Shipping, "
    "Restricted), and a seller's account"
)

OPERATIONS = (
    Operation(
        api="orders",
        operation_id="searchOrders",
        title="Search orders",
        description="Finds buyers' orders by time and status. About one call in three minutes once the first 20 are "
        "used, so ask for many orders per call. Easy Ship orders have AMAZON_EASY_SHIP in `programs`; with "
        "`includedData` PACKAGES, `detailedStatus` PENDING_SCHEDULE means that an order waits for a slot. Returns "
        "`orders` with items, and `pagination.nextToken` if there are more.",
        endpoint=Endpoint(
            method="GET",
            path="/orders/2026-01-01/orders",
            rate=Rate(0.0056, 20),
            effect=Effect.READS,
            proof=("orders",),
        ),
        request=requests.SearchOrdersRequest,
        response=responses.SearchOrdersResponse,
        role=_ROLE,
        example=Example(
            {
                "createdAfter": "2026-05-01T00:00:00Z",
                "fulfillmentStatuses": ["UNSHIPPED"],
                "includedData": ["PACKAGES", "FULFILLMENT"],
            },
            {"orders": []},
        ),
        advice={
            "InvalidInput": "Check that all times are in the past, and that createdBefore and lastUpdatedBefore are "
            "at least two minutes ago. A paginationToken works for 24 hours."
        },
    ),
    Operation(
        api="orders",
        operation_id="getOrder",
        title="Get a buyer's order",
        description="Shows one buyer's order by its id, with its items; `includedData` adds packages, buyer and "
        "address. Returns `order`.",
        endpoint=Endpoint(
            method="GET",
            path="/orders/2026-01-01/orders/{orderId}",
            rate=Rate(0.5, 30),
            effect=Effect.READS,
            proof=("order",),
        ),
        request=requests.GetOrderRequest,
        response=responses.GetOrderResponse,
        role=_ROLE,
        example=Example(
            {"orderId": "403-1234567-1234567", "includedData": ["BUYER"]}, {"order": {"orderId": "403-1234567-1234567"}}
        ),
        advice={"NotFound": "This account has no such order."},
    ),
)
