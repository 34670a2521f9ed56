"""Vendor Orders: purchase orders, and what becomes of an acknowledgement
(docs/facts/vendor-orders.md#what-an-acknowledgement-does).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sp_mcp.sandbox.paging import page
from sp_mcp.sandbox.refusals import Refusal, invalid
from sp_mcp.sandbox.state import Line, PurchaseOrder, State, instant, stamp

_WINDOW_SECONDS = 7 * 86400
_PAGE = 100


def get_purchase_orders(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """Orders that pass all filters, in pages."""
    details = call.get("includeDetails", "true") == "true"
    orders = [o for o in state.purchase_orders.values() if _placed_between(o, call) and _changed_between(o, call)]
    orders = [
        o
        for o in orders
        if call.get("purchaseOrderState") in (None, o.state)
        and call.get("orderingVendorCode") in (None, o.vendor)
        and (call.get("isPOChanged") is None or (call["isPOChanged"] == "true") == (o.changed is not None))
        and (call.get("poItemState") is None or any(line.cancelled for line in o.lines))
    ]
    found, token = _page(orders, call)
    payload: dict[str, Any] = {"orders": [_order(o, details=details) for o in found]}
    return {"payload": {**({"pagination": {"nextToken": token}} if token else {}), **payload}}


def get_purchase_order(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """One order."""
    order = state.purchase_orders.get(call["purchaseOrderNumber"])
    if order is None:
        raise Refusal(404, "NotFound", "The purchase order was not found.")
    return {"payload": _order(order, details=True)}


def get_purchase_orders_status(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """What was accepted, rejected and received, in pages."""
    orders = [o for o in state.purchase_orders.values() if _placed_between(o, call) and _updated_between(o, call)]
    orders = [
        o
        for o in orders
        if call.get("purchaseOrderNumber") in (None, o.number)
        and call.get("purchaseOrderStatus") in (None, _open_or_closed(o))
        and call.get("orderingVendorCode") in (None, o.vendor)
        and call.get("shipToPartyId") in (None, o.warehouse)
        and any(
            call.get("itemConfirmationStatus") in (None, _confirmation(line))
            and call.get("itemReceiveStatus") in (None, _receipt(line))
            for line in o.lines
        )
    ]
    found, token = _page(orders, call)
    payload = {"ordersStatus": [_status(o) for o in found]}
    return {"payload": {**({"pagination": {"nextToken": token}} if token else {}), **payload}}


def submit_acknowledgement(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """Take an answer. What does not fit is dropped without a word, as Amazon's later processing does."""
    now, applied = state.clock.now(), list[str]()
    for entry in call["acknowledgements"]:
        order = state.purchase_orders.get(entry["purchaseOrderNumber"])
        if order is None or order.state == "Closed" or entry["sellingParty"]["partyId"] != order.vendor:
            continue
        for line in order.lines:
            _answer(line, [item for item in entry["items"] if _names(item, line)], stamp(now))
        order.state, order.state_changed, order.updated = "Acknowledged", now, now
        state.record("submitAcknowledgement", order.number)
        applied.append(order.number)
    digest = hashlib.sha256(json.dumps([call, len(state.transactions)], sort_keys=True).encode()).hexdigest()
    transaction = f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{now:%Y%m%d%H%M%S}"
    # Every second transaction stays in Processing, as is reported of Amazon's
    # (docs/facts/vendor-orders.md#transactions).
    stuck = len(state.transactions) % 2 == 1
    state.transactions[transaction] = (state.clock.monotonic(), bool(applied), stuck)
    return {"payload": {"transactionId": transaction}}


def _answer(line: Line, items: list[dict[str, Any]], at: str) -> None:
    ordered = line.item["orderedQuantity"]["amount"]
    if line.acknowledged and line.accepted == 0:
        return  # once rejected, always rejected
    accepted = sum(
        answer["acknowledgedQuantity"].get("amount", 0)
        for item in items
        for answer in item["itemAcknowledgements"]
        if answer["acknowledgementCode"] == "Accepted"
        or (answer["acknowledgementCode"] == "Backordered" and line.item["isBackOrderAllowed"])
    )
    if accepted > ordered or any(item["netCost"].get("amount") in (None, "0", "0.00") for item in items):
        return
    line.accepted, line.rejected, line.acknowledged = accepted, ordered - accepted, at


def _names(item: dict[str, Any], line: Line) -> bool:
    keys = ("itemSequenceNumber", "amazonProductIdentifier", "vendorProductIdentifier")
    given = [key for key in keys if item.get(key)]
    return bool(given) and all(item[key] == line.item[key] for key in given)


def _between(when: datetime | None, call: dict[str, Any], after: str, before: str) -> bool:
    first = instant(call[after]) if after in call else None
    last = instant(call[before]) if before in call else None
    if first and last and not 0 <= (last - first).total_seconds() <= _WINDOW_SECONDS:
        raise invalid("The date range must not exceed 7 days.")
    if first is None and last is None:
        return True
    return when is not None and (first is None or when > first) and (last is None or when < last)


def _placed_between(order: PurchaseOrder, call: dict[str, Any]) -> bool:
    return _between(order.placed, call, "createdAfter", "createdBefore")


def _changed_between(order: PurchaseOrder, call: dict[str, Any]) -> bool:
    return _between(order.changed, call, "changedAfter", "changedBefore")


def _updated_between(order: PurchaseOrder, call: dict[str, Any]) -> bool:
    return _between(order.updated, call, "updatedAfter", "updatedBefore")


def _page(orders: list[PurchaseOrder], call: dict[str, Any]) -> tuple[list[PurchaseOrder], str | None]:
    """A page and the token of the next one, which is good for the same arguments only."""
    descending = call.get("sortOrder") == "DESC"
    by_date: Callable[[PurchaseOrder], datetime] = lambda order: order.placed  # noqa: E731
    orders = sorted(orders, key=by_date, reverse=descending)
    return page(orders, call, size=call.get("limit", _PAGE), token="nextToken")  # noqa: S106 - a name


def _order(order: PurchaseOrder, *, details: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"purchaseOrderNumber": order.number, "purchaseOrderState": order.state}
    if details:
        first, last = (stamp(order.placed + timedelta(days=days)) for days in (7, 14))
        shown["orderDetails"] = {
            "purchaseOrderDate": stamp(order.placed),
            **({"purchaseOrderChangedDate": stamp(order.changed)} if order.changed else {}),
            "purchaseOrderStateChangedDate": stamp(order.state_changed),
            "purchaseOrderType": "RegularOrder",
            "paymentMethod": "Invoice",
            "buyingParty": {"partyId": "AMZN1"},
            "sellingParty": {"partyId": order.vendor},
            "shipToParty": _warehouse(order),
            "billToParty": {"partyId": "AMZN1"},
            "shipWindow": f"{first}--{last}",
            "items": [line.item for line in order.lines],
        }
    return shown


def _warehouse(order: PurchaseOrder) -> dict[str, Any]:
    address = {
        "name": "Example fulfilment centre",
        "addressLine1": "1 Practice Road",
        "city": "Sampletown",
        "countryCode": "US",
    }
    return {"partyId": order.warehouse, "address": address}


def _open_or_closed(order: PurchaseOrder) -> str:
    return "CLOSED" if order.state == "Closed" else "OPEN"


def _confirmation(line: Line) -> str:
    if line.acknowledged is None:
        return "UNCONFIRMED"
    if line.accepted == 0:
        return "REJECTED"
    return "PARTIALLY_ACCEPTED" if line.rejected else "ACCEPTED"


def _receipt(line: Line) -> str:
    if line.received == 0:
        return "NOT_RECEIVED"
    return "RECEIVED" if line.received >= line.accepted else "PARTIALLY_RECEIVED"


def _status(order: PurchaseOrder) -> dict[str, Any]:
    return {
        "purchaseOrderNumber": order.number,
        "purchaseOrderStatus": _open_or_closed(order),
        "purchaseOrderDate": stamp(order.placed),
        "lastUpdatedDate": stamp(order.updated),
        "sellingParty": {"partyId": order.vendor},
        "shipToParty": {"partyId": order.warehouse},
        "itemStatus": [_line_status(line) for line in order.lines],
    }


def _line_status(line: Line) -> dict[str, Any]:
    def quantity(amount: int) -> dict[str, Any]:
        return {**line.item["orderedQuantity"], "amount": amount}

    acknowledged: dict[str, Any] = {"confirmationStatus": _confirmation(line)}
    if line.acknowledged:
        answered = {"acceptedQuantity": quantity(line.accepted), "rejectedQuantity": quantity(line.rejected)}
        acknowledged |= answered
        acknowledged["acknowledgementStatusDetails"] = [{"acknowledgementDate": line.acknowledged, **answered}]
    return {
        "itemSequenceNumber": line.item["itemSequenceNumber"],
        "buyerProductIdentifier": line.item["amazonProductIdentifier"],
        "vendorProductIdentifier": line.item["vendorProductIdentifier"],
        "netCost": line.item["netCost"],
        "orderedQuantity": {"orderedQuantity": line.item["orderedQuantity"]},
        "acknowledgementStatus": acknowledged,
        "receivingStatus": {"receiveStatus": _receipt(line), "receivedQuantity": quantity(line.received)},
    }


ANSWERS = {
    "getPurchaseOrders": get_purchase_orders,
    "getPurchaseOrder": get_purchase_order,
    "getPurchaseOrdersStatus": get_purchase_orders_status,
    "submitAcknowledgement": submit_acknowledgement,
}
"""How each operation is answered, by Amazon's name for it."""
