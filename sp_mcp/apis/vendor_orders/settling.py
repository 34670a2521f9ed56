"""What the status of purchase orders tells about an acknowledgement whose outcome is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sp_mcp.apis.vendor_orders import responses
from sp_mcp.operation import Look, Settling


def _looks(call: Mapping[str, Any]) -> Iterator[Look]:
    for order in call["acknowledgements"]:
        yield Look({"purchaseOrderNumber": order["purchaseOrderNumber"]}, _shows(order))


def _shows(order: Mapping[str, Any]) -> Any:
    def shows(answer: responses.GetPurchaseOrdersStatusResponse) -> bool | None:
        statuses = (answer.payload.ordersStatus if answer.payload else None) or []
        lines = [
            line
            for status in statuses
            if status.purchaseOrderNumber == order["purchaseOrderNumber"]
            for line in status.itemStatus or []
        ]
        found = [_answered(item, line) for item in order["items"] for line in lines if _is(item, line)]
        if not found:
            return None
        if all(answered is True for answered in found) and len(found) == len(order["items"]):
            return True
        return False if all(answered is False for answered in found) else None

    return shows


def _is(item: Mapping[str, Any], line: responses.OrderItemStatus) -> bool:
    """Whether a line is the one that was answered for; the number of a line goes before what is in it."""
    pairs = (
        (item.get("itemSequenceNumber"), line.itemSequenceNumber),
        (item.get("vendorProductIdentifier"), line.vendorProductIdentifier),
        (item.get("amazonProductIdentifier"), line.buyerProductIdentifier),
    )
    return next((said == got for said, got in pairs if said and got), False)


def _answered(item: Mapping[str, Any], line: responses.OrderItemStatus) -> bool | None:
    """True where the line has this answer, False where it has none, None where it has another."""
    status = line.acknowledgementStatus
    if status is None or status.confirmationStatus in (None, "UNCONFIRMED"):
        return False
    accepted = _pieces(status.acceptedQuantity.model_dump()) if status.acceptedQuantity else 0
    sums = {
        code: [
            _pieces(answer["acknowledgedQuantity"])
            for answer in item["itemAcknowledgements"]
            if answer["acknowledgementCode"] == code
        ]
        for code in ("Accepted", "Backordered")
    }
    if accepted is None or any(number is None for numbers in sums.values() for number in numbers):
        return None
    # Whether Amazon counts what is backordered as accepted is not documented.
    least = sum(number or 0 for number in sums["Accepted"])
    return True if accepted in (least, least + sum(number or 0 for number in sums["Backordered"])) else None


def _pieces(quantity: Mapping[str, Any]) -> int | None:
    """How many single pieces; None where that cannot be told."""
    amount, size = quantity.get("amount"), quantity.get("unitSize")
    if quantity.get("unitOfMeasure") != "Cases" or amount is None:
        return amount or 0
    return amount * size if size else None


OF_ANSWERS = Settling(
    "vendor_orders_get_purchase_orders_status",
    _looks,
    # Half an hour is usual (sp-api-facts 4.5); twice that is waited before an answer counts as lost.
    patience=3600.0,
)
