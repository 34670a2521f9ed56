"""vendor_orders_collect_purchase_orders: all purchase orders of a time, however many windows and pages that takes.

Amazon answers for 7 days at a time, in pages whose token goes with unchanged parameters, and is known to return orders
from outside a window (sp-api-facts 4.5 and 4.6): so each order is told once, where its number first comes up.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

from pydantic import model_validator

from sp_mcp.apis.vendor_orders import responses
from sp_mcp.fields import Identifier, Text, Timestamp, argument, instant
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.workflows.workflow import Done, Run, StepFailed, Workflow, WorkflowFailed

WINDOW = timedelta(days=7)
REACH = timedelta(days=190)
"""A little more than the six months for which Amazon keeps orders."""

DEFAULT_LIMIT, MOST, PAGE = 100, 500, 100


class CollectPurchaseOrdersRequest(RequestModel):
    purchaseOrderState: Literal["New", "Acknowledged", "Closed"] | None = argument(
        "Only in this state; New waits for an acknowledgement", default=None
    )
    createdAfter: Timestamp | None = argument("Placed at or after; leave out with a state for all in it", default=None)
    createdBefore: Timestamp | None = argument("Placed before; default now", default=None)
    orderingVendorCode: Identifier | None = argument("Only for this vendor code", example="ACME1", default=None)
    limit: int | None = argument("How many, default 100", default=None, ge=1, le=MOST)
    continueFrom: Text | None = argument(
        "For the next ones; the other arguments but limit can be left out",
        source="the answer before",
        default=None,
        max_length=20_000,
    )

    @model_validator(mode="after")
    def _something_to_look_for(self) -> Self:
        if self.continueFrom is not None:
            return self
        if self.createdAfter is None and self.purchaseOrderState is None:
            raise ValueError("give purchaseOrderState, createdAfter or both")
        if self.createdBefore is not None:
            if self.createdAfter is None:
                raise ValueError("createdBefore goes with createdAfter only")
            if instant(self.createdBefore) <= instant(self.createdAfter):
                raise ValueError("createdBefore is not after createdAfter")
        return self


class OrderLine(ResponseModel):
    itemSequenceNumber: str | None = None
    amazonProductIdentifier: str | None = None
    vendorProductIdentifier: str | None = None
    orderedQuantity: responses.QuantityGiven | None = None
    isBackOrderAllowed: bool | None = None
    netCost: responses.MoneyGiven | None = None


class CollectedOrder(ResponseModel):
    purchaseOrderNumber: str | None = None
    purchaseOrderState: str | None = None
    purchaseOrderDate: str | None = None
    purchaseOrderChangedDate: str | None = None
    sellingParty: responses.PartyGiven | None = None
    shipTo: str | None = None
    shipWindow: str | None = None
    deliveryWindow: str | None = None
    items: list[OrderLine] | None = None


class CollectPurchaseOrdersResponse(ResponseModel):
    orders: list[CollectedOrder] | None = None
    complete: bool | None = None
    continueFrom: str | None = None


@dataclass(frozen=True)
class Place:
    """How far it is: in the window that begins `at`, on the page of `token`, after `done` of its orders.

    `seen` are the numbers that were told and may come up again.
    """

    filters: dict[str, str]
    at: str | None = None
    end: str | None = None
    token: str | None = None
    done: int = 0
    seen: list[str] = field(default_factory=list)

    def query(self) -> dict[str, Any]:
        """The arguments of the next page."""
        window: dict[str, str] = {}
        if self.at is not None and self.end is not None:
            before = min(instant(self.at) + WINDOW, instant(self.end))
            window = {"createdAfter": self.at, "createdBefore": _stamp(before)}
        page = {"nextToken": self.token} if self.token else {}
        return {**self.filters, **window, **page, "limit": PAGE, "includeDetails": True}

    def after_page(self, token: str | None) -> Place | None:
        """The place behind this page; None behind the last one."""
        if token:
            return replace(self, token=token, done=0)
        if self.at is None or self.end is None or instant(self.at) + WINDOW >= instant(self.end):
            return None
        return replace(self, at=_stamp(instant(self.at) + WINDOW), token=None, done=0)

    def to_text(self) -> str:
        """As the caller carries it."""
        return base64.urlsafe_b64encode(json.dumps(asdict(self), separators=(",", ":")).encode()).decode()

    @classmethod
    def of_text(cls, text: str) -> Place:
        """What `to_text` wrote. Raises WorkflowFailed."""
        try:
            place = cls(**json.loads(base64.urlsafe_b64decode(text)))
            instant(place.at or "2026-01-01T00:00:00Z")
            instant(place.end or "2026-01-01T00:00:00Z")
            return replace(place, filters=dict(place.filters), seen=list(place.seen), done=int(place.done))
        except (ValueError, TypeError, AttributeError):
            raise WorkflowFailed(
                "continueFrom is not as it came with an earlier answer. Leave it out to begin anew."
            ) from None


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def _run(run: Run, call: CollectPurchaseOrdersRequest) -> Done:
    limit = call.limit or DEFAULT_LIMIT
    place: Place | None = Place.of_text(call.continueFrom) if call.continueFrom else _start(run, call)
    seen = set(place.seen) if place else set()
    found: list[dict[str, Any]] = []
    trouble = ""
    while place is not None and len(found) < limit:
        await run.caller.tell(f"{len(found)} orders so far" + (f", from {place.at[:10]}" if place.at else ""))
        try:
            answer: responses.GetPurchaseOrdersResponse = await run.ask(
                "vendor_orders", "getPurchaseOrders", place.query()
            )
        except StepFailed as failed:
            if not found:
                raise
            # What was found is told, and where it can be gone on.
            trouble = f"The rest could not be read now: {failed}"
            break
        orders = (answer.payload.orders if answer.payload else None) or []
        for number, order in enumerate(orders[place.done :], place.done + 1):
            if len(found) == limit:
                break
            place = replace(place, done=number)
            if order.purchaseOrderNumber not in seen:
                seen.add(order.purchaseOrderNumber or "")
                found.append(_compact(order))
        if place.done == len(orders):
            pagination = answer.payload.pagination if answer.payload else None
            place = place.after_page(pagination.nextToken if pagination else None)
    body: dict[str, Any] = {"orders": found, "complete": place is None}
    if place is None:
        return Done(body)
    body["continueFrom"] = replace(place, seen=sorted(seen)).to_text()
    return Done(body, (trouble or f"Stopped at the limit of {limit}: there may be more, from continueFrom on.",))


def _start(run: Run, call: CollectPurchaseOrdersRequest) -> Place:
    filters = {
        name: value
        for name, value in (
            ("purchaseOrderState", call.purchaseOrderState),
            ("orderingVendorCode", call.orderingVendorCode),
        )
        if value
    }
    if call.createdAfter is None:
        return Place(filters)
    now = run.account.clock.now()
    if instant(call.createdAfter) < now - REACH:
        raise WorkflowFailed("createdAfter is too early: Amazon keeps purchase orders for six months.")
    end = instant(call.createdBefore) if call.createdBefore else now
    if end <= instant(call.createdAfter):
        raise WorkflowFailed("createdAfter lies in the future.")
    return Place(filters, _stamp(instant(call.createdAfter)), _stamp(end))


def _compact(order: responses.Order) -> dict[str, Any]:
    """What deciding on an order and acknowledging it takes, by Amazon's names."""
    details = order.orderDetails or responses.OrderDetails()
    lines = [
        {name: value for name, value in item.model_dump(exclude_none=True).items() if name in OrderLine.model_fields}
        for item in details.items or []
    ]
    told = {
        "purchaseOrderNumber": order.purchaseOrderNumber,
        "purchaseOrderState": order.purchaseOrderState,
        "purchaseOrderDate": details.purchaseOrderDate,
        "purchaseOrderChangedDate": details.purchaseOrderChangedDate,
        "sellingParty": {"partyId": details.sellingParty.partyId} if details.sellingParty else None,
        "shipTo": details.shipToParty.partyId if details.shipToParty else None,
        "shipWindow": details.shipWindow,
        "deliveryWindow": details.deliveryWindow,
        "items": lines,
    }
    return {name: value for name, value in told.items() if value is not None}


WORKFLOW = Workflow(
    name="vendor_orders_collect_purchase_orders",
    title="Collect purchase orders",
    description="Lists all purchase orders in a state or of a time, over all pages and 7-day windows, with what an "
    "acknowledgement takes of each line and nothing else. First step of acknowledging: purchaseOrderState New. "
    "Returns orders; complete is false where limit was reached, and continueFrom then leads on.",
    request=CollectPurchaseOrdersRequest,
    response=CollectPurchaseOrdersResponse,
    run=_run,
    api="vendor_orders",
)
