"""What a person is asked before purchase orders are acknowledged."""

from __future__ import annotations

from sp_mcp.apis.vendor_orders import requests
from sp_mcp.question import Question
from sp_mcp.text import counted, shown

_MOST_LINES = 60
"""Lines of orders that a question shows; what is in the others, its totals say."""


def ask_to_acknowledge(call: requests.SubmitAcknowledgementRequest) -> Question:
    orders = call.acknowledgements
    facts: list[str] = []
    left = _MOST_LINES
    for order in orders:
        facts.append(_order_line(order))
        facts += [_item_line(item) for item in order.items[:left]]
        if len(order.items) > left:
            facts.append(f"- and {counted(len(order.items) - left, 'line')} more, within the sums above")
        left = max(0, left - len(order.items))
    return Question(
        f"Acknowledge {counted(len(orders), 'purchase order')} from Amazon?",
        tuple(facts),
        "This commits you to deliver what is accepted. A rejected line cannot be accepted later. Lines of an order "
        "that are not listed, and pieces that are not answered for, count as rejected.",
    )


_VERBS = {"Accepted": "accept", "Backordered": "backorder", "Rejected": "reject"}


def _order_line(order: requests.OrderAcknowledgement) -> str:
    """An order with its sums, kept apart by unit."""
    sums: dict[tuple[str, str], int] = {}
    for item in order.items:
        for answer in item.itemAcknowledgements:
            key = (answer.acknowledgementCode, _unit(answer.acknowledgedQuantity))
            sums[key] = sums.get(key, 0) + (answer.acknowledgedQuantity.amount or 0)
    parts = [f"{_VERBS[code]} {sums[code, unit]}{unit}" for code, unit in sorted(sums)]
    party = order.sellingParty
    stated = [name for name, value in (("address", party.address), ("tax number", party.taxInfo)) if value]
    extra = f" (with {' and '.join(stated)})" if stated else ""
    number, vendor = shown(order.purchaseOrderNumber, 40), shown(party.partyId, 40)
    return f"Order {number}, vendor code {vendor}{extra}, dated {order.acknowledgementDate}: {', '.join(parts)}"


def _item_line(item: requests.ItemAcknowledgement) -> str:
    names = [item.vendorProductIdentifier, item.amazonProductIdentifier]
    known = [" / ".join(shown(name, 40) for name in names if name)]
    number = [f"line {shown(item.itemSequenceNumber, 10)}"] if item.itemSequenceNumber else []
    parts = [f"{_quantity(item.orderedQuantity)} ordered"]
    answers = [_answer(answer, item.orderedQuantity) for answer in item.itemAcknowledgements]
    if (balance := item.balance) and balance[0] < balance[1]:
        answers.append(f"{balance[1] - balance[0]} not answered for")
    parts += [", ".join(answers), f"unit cost {_money(item.netCost)}"]
    if item.listPrice is not None:
        parts.append(f"list price {_money(item.listPrice)}")
    if item.discountMultiplier:
        parts.append(f"discount multiplier {shown(item.discountMultiplier, 20)}")
    return f"- {' '.join(filter(None, number + known))}: {'; '.join(parts)}"


def _answer(answer: requests.ItemAnswer, ordered: requests.Quantity) -> str:
    quantity = answer.acknowledgedQuantity
    same_unit = (quantity.unitOfMeasure, quantity.unitSize) == (ordered.unitOfMeasure, ordered.unitSize)
    text = f"{_VERBS[answer.acknowledgementCode]} {(quantity.amount or 0) if same_unit else _quantity(quantity)}"
    notes: list[str] = [answer.rejectionReason] if answer.rejectionReason else []
    notes += [f"ships {shown(answer.scheduledShipDate)}"] if answer.scheduledShipDate else []
    notes += [f"arrives {shown(answer.scheduledDeliveryDate)}"] if answer.scheduledDeliveryDate else []
    return f"{text} ({', '.join(notes)})" if notes else text


def _quantity(quantity: requests.Quantity) -> str:
    return f"{quantity.amount if quantity.amount is not None else 'unknown quantity'}{_unit(quantity)}"


def _unit(quantity: requests.Quantity) -> str:
    size = f" of {quantity.unitSize}" if quantity.unitSize is not None and quantity.unitOfMeasure == "Cases" else ""
    return f" {quantity.unitOfMeasure.lower()}{size}" if quantity.unitOfMeasure else ""


def _money(money: requests.Money) -> str:
    unit = f" per {money.unitOfMeasure.lower()}" if money.unitOfMeasure else ""
    return f"{shown(money.amount or '?')} {shown(money.currencyCode or '')}{unit}".rstrip()
