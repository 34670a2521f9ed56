"""vendor_orders_follow_acknowledgement: what became of an acknowledgement, seen from two sides (sp-api-facts 4.5).

A transaction is known to stay in Processing although it was applied, so the orders' own status decides; where this
machine's ledger knows what was answered, the two are compared.
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
from sp_mcp.ledger.entry import LedgerUnavailable, Outcome
from sp_mcp.ledger.table import Filter
from sp_mcp.operation import ErrorGiven, RequestModel, ResponseModel
from sp_mcp.workflows.workflow import Done, Run, StepFailed, Workflow

_SUBMIT = "vendor_orders_submit_acknowledgement"

Numbers = Annotated[list[PathSegment], Field(min_length=1, max_length=50)]


class FollowAcknowledgementRequest(RequestModel):
    purchaseOrderNumbers: Numbers = argument("The orders that were acknowledged", example='["4Z32PABC"]')
    transactionId: PathSegment | None = argument(
        "Transaction id, where it is known", source="vendor_orders_submit_acknowledgement", default=None
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
    body: dict[str, Any] = {"orders": [order.told for order in followed]}
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
        # The orders tell more than the transaction does.
        return transactions.Transaction(), [f"The transaction could not be read. {failed}"]
    status = answer.payload.transactionStatus if answer.payload else None
    return status or transactions.Transaction(), []


class _Seen(Enum):
    """What an order shows of an answer, as words about the orders it holds for."""

    APPLIED = "The orders show the answers, so they took effect: {orders}."
    NOT_YET = "Not to be seen yet: {orders}. Up to 30 minutes are usual; nothing needs resending before."
    ANSWERED = (
        "Amazon shows an answer for every line of {orders}; this machine has no record of one, so whether it is the "
        "one that is meant cannot be told."
    )
    UNCLEAR = (
        "Whether what {orders} shows is the answer that this machine recorded cannot be told; lines says what Amazon "
        "shows, and a person should look."
    )
    MISSING = "Amazon shows no status of {orders}."


@dataclass(frozen=True)
class _Followed:
    """An order, what it shows, and what is to be said besides."""

    number: str
    seen: _Seen | None
    lines: list[dict[str, Any]]
    note: str = ""

    @property
    def told(self) -> dict[str, Any]:
        applied = {_Seen.APPLIED: True, _Seen.NOT_YET: False}.get(self.seen) if self.seen else None
        return {
            "purchaseOrderNumber": self.number,
            **({} if applied is None else {"applied": applied}),
            "lines": self.lines,
        }


async def _followed(run: Run, number: str) -> _Followed:
    await run.caller.tell(f"looking at order {number}")
    try:
        answer: responses.GetPurchaseOrdersStatusResponse = await run.ask(
            "vendor_orders", "getPurchaseOrdersStatus", {"purchaseOrderNumber": number}
        )
    except StepFailed as failed:
        return _Followed(number, None, [], f"{number} could not be read. {failed}")
    statuses = (answer.payload.ordersStatus if answer.payload else None) or []
    mine = [status for status in statuses if status.purchaseOrderNumber == number]
    lines = [line for status in mine for line in status.itemStatus or []]
    recorded = await _recorded(run, number)
    plain, later = _apart(recorded)
    note = f"Of backorders in {number} Amazon shows neither the code nor the date, only an answer." if later else ""
    return _Followed(number, _seen(lines, recorded, plain, answer), [_line(line) for line in lines], note)


def _seen(
    lines: list[responses.OrderItemStatus],
    recorded: Mapping[str, Any],
    plain: list[Any],
    answer: responses.GetPurchaseOrdersStatusResponse,
) -> _Seen:
    """What the lines of an order show; `plain` are those of the recorded answer that hold no backorder."""
    answered = [_confirmation(line) not in (None, "UNCONFIRMED") for line in lines]
    if not lines:
        return _Seen.MISSING
    if not any(answered):
        return _Seen.NOT_YET
    if not recorded:
        return _Seen.ANSWERED if all(answered) else _Seen.UNCLEAR
    # A backordered line shows that it was answered, and no more.
    shown = _shows({**recorded, "items": plain}, answer) if plain else True
    if shown is False:
        return _Seen.NOT_YET
    return _Seen.APPLIED if shown and all(answered) else _Seen.UNCLEAR


async def _recorded(run: Run, number: str) -> dict[str, Any]:
    """What this machine answered last for an order; empty where it knows of nothing."""
    try:
        found = await run.account.ledger().entries(Filter(subject=number, operations=(_SUBMIT,), limit=20), "here")
    except LedgerUnavailable:
        return {}
    last = next((entry for entry in found if entry.outcome in (Outcome.SENT, Outcome.UNKNOWN)), None)
    answers = last.arguments.get("acknowledgements", []) if last else []
    return next((dict(order) for order in answers if order.get("purchaseOrderNumber") == number), {})


def _apart(order: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """The lines of an answer without and with a backorder."""
    plain: list[Any] = []
    later: list[Any] = []
    for item in order.get("items", []):
        codes = {answer.get("acknowledgementCode") for answer in item.get("itemAcknowledgements", [])}
        (later if "Backordered" in codes else plain).append(item)
    return plain, later


def _shows(order: Mapping[str, Any], answer: responses.GetPurchaseOrdersStatusResponse) -> bool | None:
    """Whether the status shows this answer; None where it shows something else."""
    settling = operation("vendor_orders", "submitAcknowledgement").settling
    assert settling is not None
    try:
        (look,) = settling.looks({"acknowledgements": [order]})
        return look.shows(answer)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None


def _confirmation(line: responses.OrderItemStatus) -> str | None:
    return line.acknowledgementStatus.confirmationStatus if line.acknowledgementStatus else None


def _quantity(quantity: responses.QuantityGiven | None) -> dict[str, Any] | None:
    return quantity.model_dump(exclude_none=True) if quantity else None


def _line(line: responses.OrderItemStatus) -> dict[str, Any]:
    status = line.acknowledgementStatus or responses.AcknowledgementStatus()
    told = {
        "itemSequenceNumber": line.itemSequenceNumber,
        "vendorProductIdentifier": line.vendorProductIdentifier,
        "amazonProductIdentifier": line.buyerProductIdentifier if not line.vendorProductIdentifier else None,
        "confirmationStatus": status.confirmationStatus,
        "accepted": _quantity(status.acceptedQuantity),
        "rejected": _quantity(status.rejectedQuantity),
    }
    return {name: value for name, value in told.items() if value is not None}


def _verdict(status: str | None, followed: list[_Followed]) -> list[str]:
    """What to say about all of it."""
    failed = status == "Failure"
    told = ["Amazon says that the transaction failed; transactionErrors says why."] if failed else []
    for seen in _Seen:
        orders = ", ".join(order.number for order in followed if order.seen is seen)
        if not orders:
            continue
        if failed and seen is not _Seen.MISSING:
            # What is shown then is an answer of another time, or the two contradict each other.
            told.append(f"What {orders} shows may be an earlier answer; a person should look.")
        else:
            told.append(seen.value.format(orders=orders))
    if status == "Processing" and all(order.seen is _Seen.APPLIED for order in followed):
        told.append("Transactions are known to stay in Processing.")
    return [*told, *(order.note for order in followed if order.note)]


WORKFLOW = Workflow(
    name="vendor_orders_follow_acknowledgement",
    title="Follow an acknowledgement",
    description="Shows whether an acknowledgement of purchase orders took effect: the transaction's status, and each "
    "order's own, which decides because transactions can stay in Processing. Use it some minutes after acknowledging. "
    "Returns transactionStatus and for each order applied and its lines.",
    request=FollowAcknowledgementRequest,
    response=FollowAcknowledgementResponse,
    run=_run,
    api="vendor_orders",
)
