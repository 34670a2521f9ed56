"""What the status of purchase orders tells about an acknowledgement whose outcome is unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from sp_mcp.apis.vendor_orders import responses
from sp_mcp.apis.vendor_orders.quantity import pieces
from sp_mcp.fields import instant
from sp_mcp.operation import Look, Settling

Answer = responses.GetPurchaseOrdersStatusResponse

# Whoever wrote the date of an answer and Amazon need not have the same clock.
_LEEWAY = timedelta(minutes=10)


def _looks(call: Mapping[str, Any]) -> Iterator[Look]:
    for order in call["acknowledgements"]:
        yield Look({"purchaseOrderNumber": order["purchaseOrderNumber"]}, _shows(order))


def _shows(order: Mapping[str, Any]) -> Callable[[Answer], bool | None]:
    def shows(answer: Answer) -> bool | None:
        statuses = (answer.payload.ordersStatus if answer.payload else None) or []
        mine = [status for status in statuses if status.purchaseOrderNumber == order["purchaseOrderNumber"]]
        lines = [line for status in mine for line in status.itemStatus or []]
        found = []
        for item in order["items"]:
            same = [line for line in lines if _is(item, line)]
            if len(same) != 1:
                return None
            found.append(_answered(item, same[0], order["acknowledgementDate"]))
        if all(answered is True for answered in found):
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


def _answered(item: Mapping[str, Any], line: responses.OrderItemStatus, date: str) -> bool | None:
    """True where the line has this answer, False where it has none, None where that cannot be told."""
    status = line.acknowledgementStatus
    if status is None or status.confirmationStatus in (None, "UNCONFIRMED"):
        return False
    answers = item["itemAcknowledgements"]
    given = {code: _sum(answers, code) for code in ("Accepted", "Backordered", "Rejected")}
    accepted, rejected = _pieces(status.acceptedQuantity), _pieces(status.rejectedQuantity)
    # Whether Amazon counts what is backordered as accepted is not documented.
    if given["Backordered"] != 0 or None in (given["Accepted"], given["Rejected"], accepted, rejected):
        return None
    ordered = _pieces(responses.QuantityGiven.model_validate(item["orderedQuantity"]))
    # Pieces that are not answered for count as rejected (sp-api-facts 4.5).
    rest = None if ordered is None or accepted is None else ordered - accepted
    if given["Accepted"] != accepted or rejected not in (given["Rejected"], rest):
        return None
    dates = [details.acknowledgementDate for details in status.acknowledgementStatusDetails or []]
    # An answer of long ago is another one that says the same.
    return True if any(told and instant(told) >= instant(date) - _LEEWAY for told in dates) else None


def _sum(answers: list[Mapping[str, Any]], code: str) -> int | None:
    quantities = [answer["acknowledgedQuantity"] for answer in answers if answer["acknowledgementCode"] == code]
    numbers = [_pieces(responses.QuantityGiven.model_validate(quantity)) for quantity in quantities]
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _pieces(quantity: responses.QuantityGiven | None) -> int | None:
    """How many single pieces; None where that cannot be told. Nothing at all is none."""
    if quantity is None or quantity.amount == 0:
        return 0
    return pieces(quantity.amount, quantity.unitOfMeasure, quantity.unitSize)


OF_ANSWERS = Settling(
    "vendor_orders_get_purchase_orders_status",
    _looks,
    # Half an hour is usual (sp-api-facts 4.5); twice that is waited before an answer counts as lost.
    patience=3600.0,
)
