"""vendor_orders_follow_acknowledgement: shows whether an acknowledgement took effect
(docs/facts/vendor-orders.md#transactions).

A transaction can stay in Processing although Amazon has applied it, so the status of the orders decides. It is compared
with the acknowledgement in this machine's ledger, if the ledger has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from pydantic import Field

from sp_mcp.apis import operation
from sp_mcp.apis.vendor_orders import responses
from sp_mcp.apis.vendor_transactions import responses as transactions
from sp_mcp.fields import PathSegment, argument
from sp_mcp.ledger.entry import LedgerUnavailable
from sp_mcp.ledger.table import Filter
from sp_mcp.operation import ErrorGiven, RequestModel, ResponseModel
from sp_mcp.outcome import Outcome
from sp_mcp.workflows.workflow import Done, Run, StepFailed, Workflow

_SUBMIT = "vendor_orders_submit_acknowledgement"

Numbers = Annotated[list[PathSegment], Field(min_length=1, max_length=50)]


class FollowAcknowledgementRequest(RequestModel):
    purchaseOrderNumbers: Numbers = argument("The acknowledged purchase orders", example='["4Z32PABC"]')
    transactionId: PathSegment | None = argument(
        "Transaction id, if you know it", source="vendor_orders_submit_acknowledgement", default=None
    )


class FollowedLine(ResponseModel):
    itemSequenceNumber: str | None = None
    vendorProductIdentifier: str | None = None
    amazonProductIdentifier: str | None = None
    confirmationStatus: str | None = None
    accepted: responses.QuantityGiven | None = None
    rejected: responses.QuantityGiven | None = None


class FollowedOrder(ResponseModel):
    purchaseOrderNumber: str | None = None
    applied: bool | None = None
    lines: list[FollowedLine] | None = None


class FollowAcknowledgementResponse(ResponseModel):
    transactionStatus: str | None = None
    transactionErrors: list[ErrorGiven] | None = None
    orders: list[FollowedOrder] | None = None


async def _run(run: Run, call: FollowAcknowledgementRequest) -> Done:
    transaction, notes = await _transaction(run, call.transactionId)
    followed = [await _followed(run, number) for number in call.purchaseOrderNumbers]
    body: dict[str, Any] = {"orders": [order.for_answer for order in followed]}
    if transaction.status:
        body = {"transactionStatus": transaction.status, **body}
    if transaction.errors:
        body["transactionErrors"] = [error.model_dump(exclude_none=True) for error in transaction.errors]
    return Done(body, (*notes, *_verdict(transaction.status, followed)))


async def _transaction(run: Run, identifier: str | None) -> tuple[transactions.Transaction, list[str]]:
    if identifier is None:
        return transactions.Transaction(), []
    try:
        answer: transactions.GetTransactionResponse = await run.ask(
            "vendor_transactions", "getTransaction", {"transactionId": identifier}
        )
    except StepFailed as failed:
        # The status of the orders is better evidence, so it is read even without the transaction.
        return transactions.Transaction(), [f"The transaction could not be read. {failed}"]
    status = answer.payload.transactionStatus if answer.payload else None
    return status or transactions.Transaction(), []


class _Seen(Enum):
    """What the status of an order shows of an acknowledgement. The values are notes about `orders`, their numbers."""

    APPLIED = "The acknowledgement took effect for {orders}."
    NOT_YET = (
        "Amazon does not show the acknowledgement of {orders} yet. This can take 30 minutes; do not send it again "
        "before that."
    )
    ANSWERED = (
        "Amazon shows an answer for every line of {orders}. This machine has no record of an acknowledgement, so it "
        "cannot say whether these answers are the ones you mean."
    )
    UNCLEAR = (
        "It is unclear whether the acknowledgement took effect for {orders}. `lines` holds what Amazon shows; ask the "
        "person to check it."
    )
    MISSING = "Amazon returned no status for {orders}."


@dataclass(frozen=True)
class _Followed:
    """An order and what its status shows. `seen` is None if it could not be read; `note` is an extra sentence."""

    number: str
    seen: _Seen | None
    lines: list[dict[str, Any]]
    note: str = ""

    @property
    def for_answer(self) -> dict[str, Any]:
        applied = {_Seen.APPLIED: True, _Seen.NOT_YET: False}.get(self.seen) if self.seen else None
        return {
            "purchaseOrderNumber": self.number,
            **({} if applied is None else {"applied": applied}),
            "lines": self.lines,
        }


async def _followed(run: Run, number: str) -> _Followed:
    await run.context.report_progress(f"reading the status of order {number}")
    try:
        answer: responses.GetPurchaseOrdersStatusResponse = await run.ask(
            "vendor_orders", "getPurchaseOrdersStatus", {"purchaseOrderNumber": number}
        )
    except StepFailed as failed:
        return _Followed(number, None, [], f"The status of {number} could not be read. {failed}")
    statuses = (answer.payload.ordersStatus if answer.payload else None) or []
    mine = [status for status in statuses if status.purchaseOrderNumber == number]
    lines = [line for status in mine for line in status.itemStatus or []]
    recorded = await _recorded(run, number)
    plain, later = _apart(recorded)
    note = (
        f"For backordered lines of {number} Amazon shows that they were answered, but neither the code nor the date."
        if later
        else ""
    )
    return _Followed(number, _seen(lines, recorded, plain, answer), [_line(line) for line in lines], note)


def _seen(
    lines: list[responses.OrderItemStatus],
    recorded: Mapping[str, Any],
    plain: list[Any],
    answer: responses.GetPurchaseOrdersStatusResponse,
) -> _Seen:
    """Compares the lines of an order's status with the recorded acknowledgement.

    `recorded` is empty if there is none. `plain` are its lines without a backorder.
    """
    answered = [_confirmation(line) not in (None, "UNCONFIRMED") for line in lines]
    if not lines:
        return _Seen.MISSING
    if not any(answered):
        return _Seen.NOT_YET
    if not recorded:
        return _Seen.ANSWERED if all(answered) else _Seen.UNCLEAR
    # For a backordered line Amazon shows only that it was answered.
    shown = _shows({**recorded, "items": plain}, answer) if plain else True
    if shown is False:
        return _Seen.NOT_YET
    return _Seen.APPLIED if shown and all(answered) else _Seen.UNCLEAR


async def _recorded(run: Run, number: str) -> dict[str, Any]:
    """Returns this machine's last acknowledgement of an order, or {} if the ledger has none or cannot be read."""
    try:
        found = await run.services.ledger().entries(Filter(subject=number, operations=(_SUBMIT,), limit=20), "here")
    except LedgerUnavailable:
        return {}
    last = next((entry for entry in found if entry.outcome in (Outcome.SENT, Outcome.UNKNOWN)), None)
    answers = last.arguments.get("acknowledgements", []) if last else []
    return next((dict(order) for order in answers if order.get("purchaseOrderNumber") == number), {})


def _apart(order: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """Returns the lines of an acknowledgement without a backorder, and those with one."""
    plain: list[Any] = []
    later: list[Any] = []
    for item in order.get("items", []):
        codes = {answer.get("acknowledgementCode") for answer in item.get("itemAcknowledgements", [])}
        (later if "Backordered" in codes else plain).append(item)
    return plain, later


def _shows(order: Mapping[str, Any], answer: responses.GetPurchaseOrdersStatusResponse) -> bool | None:
    """True if the status shows this acknowledgement, False if it shows no answer, None otherwise."""
    reconciliation = operation("vendor_orders", "submitAcknowledgement").reconciliation
    assert reconciliation is not None
    try:
        (probe,) = reconciliation.probes({"acknowledgements": [order]})
        return probe.shows(answer)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None


def _confirmation(line: responses.OrderItemStatus) -> str | None:
    return line.acknowledgementStatus.confirmationStatus if line.acknowledgementStatus else None


def _quantity(quantity: responses.QuantityGiven | None) -> dict[str, Any] | None:
    return quantity.model_dump(exclude_none=True) if quantity else None


def _line(line: responses.OrderItemStatus) -> dict[str, Any]:
    status = line.acknowledgementStatus or responses.AcknowledgementStatus()
    shown = {
        "itemSequenceNumber": line.itemSequenceNumber,
        "vendorProductIdentifier": line.vendorProductIdentifier,
        "amazonProductIdentifier": line.buyerProductIdentifier if not line.vendorProductIdentifier else None,
        "confirmationStatus": status.confirmationStatus,
        "accepted": _quantity(status.acceptedQuantity),
        "rejected": _quantity(status.rejectedQuantity),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _verdict(status: str | None, followed: list[_Followed]) -> list[str]:
    """Returns the notes about all orders. `status` is that of the transaction, None if it is unknown."""
    failed = status == "Failure"
    shown = (
        [
            "Amazon reports that the transaction failed. `transactionErrors` holds the reasons if Amazon gives any; "
            "the code NotAvailable means that it gives none."
        ]
        if failed
        else []
    )
    for seen in _Seen:
        orders = ", ".join(order.number for order in followed if order.seen is seen)
        if not orders:
            continue
        if failed and seen is not _Seen.MISSING:
            # The status then shows an earlier answer, or it contradicts the transaction.
            shown.append(f"The status of {orders} may show an earlier answer. Ask the person to check it.")
        else:
            shown.append(seen.value.format(orders=orders))
    if status == "Processing" and all(order.seen is _Seen.APPLIED for order in followed):
        shown.append("The transaction still shows Processing. That is known to happen and needs no action.")
    return [*shown, *(order.note for order in followed if order.note)]


WORKFLOW = Workflow(
    name="vendor_orders_follow_acknowledgement",
    title="Follow an acknowledgement",
    description="Shows whether an acknowledgement of purchase orders took effect. It goes by the orders' status, "
    "because the transaction's can stay at Processing. Call it some minutes after you acknowledge. Returns "
    "`transactionStatus` and, for each order, its `lines` and `applied` (true, false, or missing if unclear).",
    request=FollowAcknowledgementRequest,
    response=FollowAcknowledgementResponse,
    run=_run,
    api="vendor_orders",
)
