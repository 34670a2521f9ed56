"""The operations of Orders."""

from __future__ import annotations

from sp_mcp.apis.orders import requests, responses
from sp_mcp.operation import Effect, Operation
from sp_mcp.quota.bucket import Rate

_ROLE = (
    "a role such as Inventory and Order Tracking (for buyers and recipients also Direct-to-Consumer Shipping, "
    "Restricted), and a seller's account"
)

OPERATIONS = (
    Operation(
        api="orders",
        operation_id="searchOrders",
        method="GET",
        path="/orders/2026-01-01/orders",
        title="Search orders",
        description="Finds orders of buyers by time and status, with their items. Once in three minutes at most, so "
        "ask for all at once. Easy Ship orders have AMAZON_EASY_SHIP in programs; with includedData PACKAGES, "
        "detailedStatus PENDING_SCHEDULE means: waits for a slot. Returns orders; pagination.nextToken means more.",
        request=requests.SearchOrdersRequest,
        response=responses.SearchOrdersResponse,
        rate=Rate(0.0056, 20),
        role=_ROLE,
        effect=Effect.READS,
        proof=("orders",),
        advice={"InvalidInput": "Times in the past, *Before at least two minutes; a paginationToken lives 24 hours."},
    ),
    Operation(
        api="orders",
        operation_id="getOrder",
        method="GET",
        path="/orders/2026-01-01/orders/{orderId}",
        title="Get a buyer's order",
        description="Shows one order with its items, windows and, if asked for, packages, buyer and address. Use it "
        "for an order whose id is known and nothing else. Returns order.",
        request=requests.GetOrderRequest,
        response=responses.GetOrderResponse,
        rate=Rate(0.5, 30),
        role=_ROLE,
        effect=Effect.READS,
        proof=("order",),
        advice={"NotFound": "No such order of this account."},
    ),
)
