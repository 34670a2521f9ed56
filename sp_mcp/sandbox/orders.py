"""Orders 2026-01-01: what buyers ordered, and how far it is (docs/facts/orders.md#search)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sp_mcp.sandbox.paging import page
from sp_mcp.sandbox.refusals import Refusal, invalid
from sp_mcp.sandbox.state import Order, State, instant, stamp

_PAGE = 100
_YOUNGEST = timedelta(minutes=2)


def search_orders(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """Orders that pass all filters, in pages."""
    now = state.clock.now()
    if ("createdAfter" in call) == ("lastUpdatedAfter" in call):
        raise invalid("Exactly one of createdAfter and lastUpdatedAfter is required.")
    for after, before in (("createdAfter", "createdBefore"), ("lastUpdatedAfter", "lastUpdatedBefore")):
        if before in call and (after not in call or instant(call[before]) > now - _YOUNGEST):
            raise invalid(f"{before} must be at least two minutes in the past.")
    orders = [order for order in state.orders.values() if _passes(state, order, call)]
    found, token = page(orders, call, size=call.get("maxResultsPerPage", _PAGE), token="paginationToken")  # noqa: S106
    return {
        "orders": [_order(state, order, call.get("includedData", [])) for order in found],
        **({"pagination": {"nextToken": token}} if token else {}),
        "createdBefore": stamp(now - _YOUNGEST),
    }


def get_order(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """One order."""
    order = state.orders.get(call["orderId"])
    if order is None:
        raise Refusal(404, "NotFound", "The order was not found.")
    return {"order": _order(state, order, call.get("includedData", []))}


def _passes(state: State, order: Order, call: dict[str, Any]) -> bool:
    placed = state.placed(order)
    return (
        all(placed >= instant(call[name]) for name in ("createdAfter", "lastUpdatedAfter") if name in call)
        and all(placed <= instant(call[name]) for name in ("createdBefore", "lastUpdatedBefore") if name in call)
        and _status(order) in call.get("fulfillmentStatuses", [_status(order)])
        and order.marketplace in call.get("marketplaceIds", [order.marketplace])
        and "MERCHANT" in call.get("fulfilledBy", ["MERCHANT"])
    )


def _status(order: Order) -> str:
    return "PENDING" if order.pending else "UNSHIPPED"


def _order(state: State, order: Order, included: list[str]) -> dict[str, Any]:
    placed = state.placed(order)
    shown: dict[str, Any] = {
        "orderId": order.order_id,
        "createdTime": stamp(placed),
        "lastUpdatedTime": stamp(placed),
        "programs": ["AMAZON_EASY_SHIP"] if order.easy_ship else [],
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": order.marketplace},
        "fulfillment": {
            "fulfillmentStatus": _status(order),
            "fulfilledBy": "MERCHANT",
            "shipByWindow": {
                "earliestDateTime": stamp(placed),
                "latestDateTime": stamp(placed + timedelta(days=3)),
            },
            "deliverByWindow": {
                "earliestDateTime": stamp(placed + timedelta(days=4)),
                "latestDateTime": stamp(placed + timedelta(days=7)),
            },
        },
        "orderItems": [_item(order, included)],
    }
    if "PACKAGES" in included and order.easy_ship:
        shown["packages"] = [_package(order)]
    if "BUYER" in included:
        shown["buyer"] = {"buyerName": "Practice Buyer", "buyerEmail": "x1@marketplace.amazon.example"}
    if "RECIPIENT" in included:
        address = {"name": "Practice Buyer", "addressLine1": "1 Practice Road", "city": "Sampletown"}
        shown["recipient"] = {"deliveryAddress": address}
    return shown


def _item(order: Order, included: list[str]) -> dict[str, Any]:
    digits = order.order_id.replace("-", "")
    item: dict[str, Any] = {
        "orderItemId": f"{digits[-10:]}",
        "quantityOrdered": 1,
        "product": {
            "asin": f"B0{digits[-8:]}",
            "title": order.title,
            "sellerSku": f"SKU-{digits[-4:]}",
        },
    }
    if "FULFILLMENT" in included:
        item["fulfillment"] = {
            "quantityFulfilled": 0,
            "quantityUnfulfilled": 1,
            "packing": {"serialNumberRequirement": {"requirementType": "NOT_REQUIRED"}},
        }
    return item


def _package(order: Order) -> dict[str, Any]:
    if order.package is None:
        status = {"status": "PENDING", "detailedStatus": "PENDING_SCHEDULE"}
        return {"packageReferenceId": "1", "packageStatus": status}
    return {
        "packageReferenceId": "1",
        "packageStatus": {"status": "PENDING", "detailedStatus": "PENDING_PICK_UP"},
        "trackingNumber": order.package["trackingDetails"]["trackingId"],
    }


ANSWERS = {
    "searchOrders": search_orders,
    "getOrder": get_order,
}
"""How each operation is answered, by Amazon's name for it."""
