"""vendor_orders_follow_acknowledgement: what became of an acknowledgement, seen from two sides (sp-api-facts 4.5).

A transaction is known to stay in Processing although it was applied, so the orders' own status decides; where this
machine's ledger knows what was answered, the two are compared.
"""

from __future__ import annotations

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

Numbers = Annotated[list[PathSegment], Field(min_length=1, max_length=50)]


class FollowAcknowledgementRequest(RequestModel):
    purchaseOrderNumbers: Numbers = argument("The orders that were acknowledged", example='["4Z32PABC"]')
    transactionId: PathSegment | None = argument(
        "Transaction id, where it is known", source="vendor_orders_submit_acknowledgement", default=None
    )


class FollowedLine(ResponseModel):
    itemSequenceNumber: str | None = None
    vendorProductIdentifier: str | None = None
    confirmationStatus: str | None = None
    accepted: int | None = None
    rejected: int | None = None


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
    orders = []
    for number in call.purchaseOrderNumbers:
        await run.caller.tell(f"looking at order {number}")
        answer: responses.GetPurchaseOrdersStatusResponse = await run.ask(
            "vendor_orders", "getPurchaseOrdersStatus", {"purchaseOrderNumber": number}
        )
        orders.append(await _followed(run, number, answer))
    body: dict[str, Any] = {"orders": orders}
    if transaction.status:
        body = {"transactionStatus": transaction.status, **body}
    if transaction.errors:
        body["transactionErrors"] = [error.model_dump(exclude_none=True) for error in transaction.errors]
    return Done(body, (*notes, _verdict(transaction.status, orders)))


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


async def _followed(run: Run, number: str, answer: responses.GetPurchaseOrdersStatusResponse) -> dict[str, Any]:
    statuses = (answer.payload.ordersStatus if answer.payload else None) or []
    mine = [status for status in statuses if status.purchaseOrderNumber == number]
    lines = [line for status in mine for line in status.itemStatus or []]
    answered = [_confirmation(line) not in (None, "UNCONFIRMED") for line in lines]
    recorded = await _as_recorded(run, number, answer)
    by_itself = all(answered) if lines and all(answered) == any(answered) else None
    applied = recorded[0] if recorded else by_itself
    return {
        "purchaseOrderNumber": number,
        **({} if applied is None else {"applied": applied}),
        "lines": [_line(line) for line in lines],
    }


async def _as_recorded(run: Run, number: str, answer: responses.GetPurchaseOrdersStatusResponse) -> list[bool | None]:
    """Whether the status shows what this machine answered last, None where that cannot be told; [] without a record."""
    submit = operation("vendor_orders", "submitAcknowledgement")
    assert submit.settling is not None
    try:
        found = await run.account.ledger().entries(Filter(subject=number, operations=(submit.name,), limit=20), "here")
    except LedgerUnavailable:
        return []
    last = next((entry for entry in found if entry.outcome in (Outcome.SENT, Outcome.UNKNOWN)), None)
    if last is None:
        return []
    try:
        looks = submit.settling.looks(last.arguments)
        return [look.shows(answer) for look in looks if look.arguments.get("purchaseOrderNumber") == number]
    except (KeyError, TypeError, AttributeError, ValueError):
        return []


def _confirmation(line: responses.OrderItemStatus) -> str | None:
    return line.acknowledgementStatus.confirmationStatus if line.acknowledgementStatus else None


def _line(line: responses.OrderItemStatus) -> dict[str, Any]:
    status = line.acknowledgementStatus or responses.AcknowledgementStatus()
    told = {
        "itemSequenceNumber": line.itemSequenceNumber,
        "vendorProductIdentifier": line.vendorProductIdentifier,
        "confirmationStatus": status.confirmationStatus,
        "accepted": status.acceptedQuantity.amount if status.acceptedQuantity else None,
        "rejected": status.rejectedQuantity.amount if status.rejectedQuantity else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _verdict(status: str | None, orders: list[dict[str, Any]]) -> str:
    missing = [order["purchaseOrderNumber"] for order in orders if not order["lines"]]
    not_yet = [order["purchaseOrderNumber"] for order in orders if order["lines"] and order.get("applied") is False]
    unclear = [order["purchaseOrderNumber"] for order in orders if order["lines"] and "applied" not in order]
    if not missing and not not_yet and not unclear:
        stuck = " Transactions are known to stay in Processing." if status == "Processing" else ""
        return f"The orders show the answers: they took effect.{stuck}"
    told = []
    if status == "Failure":
        told.append("Amazon says that the transaction failed: transactionErrors says why.")
    if not_yet:
        told.append(
            f"Not to be seen yet: {', '.join(not_yet)}."
            + ("" if status == "Failure" else " Up to 30 minutes are usual; look again later, nothing needs resending.")
        )
    if unclear:
        told.append(f"Answered in part, or otherwise than this machine recorded: {', '.join(unclear)}.")
    if missing:
        told.append(f"Amazon shows no status for {', '.join(missing)}.")
    return " ".join(told)


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
