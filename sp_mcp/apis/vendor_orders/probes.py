"""Decides from the status of purchase orders whether an acknowledgement with unknown outcome took effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from sp_mcp.apis.vendor_orders import responses
from sp_mcp.apis.vendor_orders.quantity import pieces
from sp_mcp.fields import instant
from sp_mcp.operation import Probe, Reconciliation

Answer = responses.GetPurchaseOrdersStatusResponse

# The clock that dated the acknowledgement and Amazon's clock may differ.
_LEEWAY = timedelta(minutes=10)


def _probes(call: Mapping[str, Any]) -> Iterator[Probe]:
    for order in call["acknowledgements"]:
        yield Probe({"purchaseOrderNumber": order["purchaseOrderNumber"]}, _shows(order))


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
    """Whether `line` is the line of `item`. The first pair of identifiers that both have decides, line number first."""
    pairs = (
        (item.get("itemSequenceNumber"), line.itemSequenceNumber),
        (item.get("vendorProductIdentifier"), line.vendorProductIdentifier),
        (item.get("amazonProductIdentifier"), line.buyerProductIdentifier),
    )
    return next((said == got for said, got in pairs if said and got), False)


def _answered(item: Mapping[str, Any], line: responses.OrderItemStatus, date: str) -> bool | None:
    """True if the line shows this answer, False if it shows no answer, None if neither can be concluded."""
    status = line.acknowledgementStatus
    if status is None or status.confirmationStatus in (None, "UNCONFIRMED"):
        return False
    answers = item["itemAcknowledgements"]
    given = {code: _sum(answers, code) for code in ("Accepted", "Backordered", "Rejected")}
    accepted, rejected = _pieces(status.acceptedQuantity), _pieces(status.rejectedQuantity)
    # Amazon does not document whether it counts a backordered quantity as accepted.
    if given["Backordered"] != 0 or None in (given["Accepted"], given["Rejected"], accepted, rejected):
        return None
    ordered = _pieces(responses.QuantityGiven.model_validate(item["orderedQuantity"]))
    # Amazon counts pieces without an answer as rejected (docs/facts/vendor-orders.md#what-an-acknowledgement-does).
    rest = None if ordered is None or accepted is None else ordered - accepted
    if given["Accepted"] != accepted or rejected not in (given["Rejected"], rest):
        return None
    dates = [details.acknowledgementDate for details in status.acknowledgementStatusDetails or []]
    # An older date belongs to another acknowledgement with the same quantities.
    return True if any(date_given and instant(date_given) >= instant(date) - _LEEWAY for date_given in dates) else None


def _sum(answers: list[Mapping[str, Any]], code: str) -> int | None:
    quantities = [answer["acknowledgedQuantity"] for answer in answers if answer["acknowledgementCode"] == code]
    numbers = [_pieces(responses.QuantityGiven.model_validate(quantity)) for quantity in quantities]
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _pieces(quantity: responses.QuantityGiven | None) -> int | None:
    """The number of single pieces: 0 for a missing quantity, None if it cannot be calculated."""
    if quantity is None or quantity.amount == 0:
        return 0
    return pieces(quantity.amount, quantity.unitOfMeasure, quantity.unitSize)


ACKNOWLEDGEMENT_RECONCILIATION = Reconciliation(
    "vendor_orders_get_purchase_orders_status",
    _probes,
    # Effects take up to half an hour (docs/facts/vendor-orders.md#transactions). The program waits twice that long
    # before an acknowledgement counts as lost.
    final_after=3600.0,
)
