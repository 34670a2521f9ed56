"""vendor_orders_collect_purchase_orders: all purchase orders of a time, however many windows and pages that takes.

Amazon answers for 7 days at a time, in pages whose token goes with unchanged parameters, and is known to return orders
from outside a window (sp-api-facts 4.5 and 4.6): so each order is told once, where its number first comes up.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

from pydantic import BaseModel, ValidationError, model_validator

from sp_mcp.apis.vendor_orders import responses
from sp_mcp.fields import Identifier, Timestamp, argument, instant
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.workflows.workflow import Done, Run, StepFailed, Workflow, WorkflowFailed

WINDOW = timedelta(days=7)
REACH = timedelta(days=190)
"""A little more than the six months for which Amazon keeps orders."""

MARGIN = timedelta(seconds=1)

DEFAULT_LIMIT, MOST, PAGE = 100, 500, 100

_LEAST_SECONDS = 3.0
"""With less time than this left no further page is begun."""


class CollectPurchaseOrdersRequest(RequestModel):
    purchaseOrderState: Literal["New", "Acknowledged", "Closed"] | None = argument(
        "Only in this state; New waits for an acknowledgement", default=None
    )
    createdAfter: Timestamp | None = argument("Placed at or after; leave out with a state for all in it", default=None)
    createdBefore: Timestamp | None = argument("Placed before; default now", default=None)
    orderingVendorCode: Identifier | None = argument("Only for this vendor code", example="ACME1", default=None)
    limit: int | None = argument("How many, default 100", default=None, ge=1, le=MOST)
    continueFrom: Identifier | None = argument(
        "For the next ones; nothing but limit goes with it", source="the answer before", default=None
    )

    @model_validator(mode="after")
    def _something_to_look_for(self) -> Self:
        if self.continueFrom is not None:
            if self.model_fields_set - {"continueFrom", "limit"}:
                raise ValueError("nothing but limit goes with continueFrom")
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
    listPrice: responses.MoneyGiven | None = None


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


class Place(BaseModel):
    """How far it is: in the window that begins `at`, with the numbers that were told and may come up again.

    A window is always read from its first page: what was acknowledged in between leaves a list of new orders, and a
    page's token would then lead past others.
    """

    filters: dict[str, str]
    at: str | None = None
    end: str | None = None
    seen: list[str] = []

    def query(self, token: str | None) -> dict[str, Any]:
        """The arguments of a page."""
        window = {"createdAfter": self.at, "createdBefore": _stamp(self._before)} if self.at else {}
        page = {"nextToken": token} if token else {}
        return {**self.filters, **window, **page, "limit": PAGE, "includeDetails": True}

    def next_window(self) -> Place | None:
        """The place behind this window; None behind the last one."""
        if self.at is None or self._before >= instant(self.end or self.at):
            return None
        # Amazon's bounds are "after" and "before": what lies on one must be within the other.
        return self.model_copy(update={"at": _stamp(self._before - MARGIN)})

    @property
    def _before(self) -> datetime:
        return min(instant(self.at or "") + WINDOW, instant(self.end or ""))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def _run(run: Run, call: CollectPurchaseOrdersRequest) -> Done:
    limit = call.limit or DEFAULT_LIMIT
    place: Place | None = await _gone_on(run, call.continueFrom) if call.continueFrom else _start(run, call)
    assert place is not None
    seen = dict.fromkeys(place.seen)
    found: list[dict[str, Any]] = []
    trouble, answered = "", False
    while place is not None and not trouble and len(found) < limit:
        try:
            whole = await _read_window(run, place, seen, found, limit)
        except StepFailed as failed:
            if not answered and not found:
                raise
            # What was found is told, and where it can be gone on.
            trouble = f"The rest could not be read now: {failed}"
            break
        answered = True
        place = place.next_window() if whole else place
        if run.left < _LEAST_SECONDS:
            trouble = "There was no time for the rest in one call."
    body: dict[str, Any] = {"orders": found, "complete": place is None}
    if place is None:
        return Done(body)
    body["continueFrom"] = await _kept(run, place.model_copy(update={"seen": list(seen)}))
    return Done(body, (trouble or f"Stopped at the limit of {limit}: there may be more, from continueFrom on.",))


async def _read_window(run: Run, place: Place, seen: dict[str, None], found: list[dict[str, Any]], limit: int) -> bool:
    """Add the orders of a window that were not seen; whether that was all of them."""
    token: str | None = None
    while True:
        await run.caller.tell(f"{len(found)} orders so far" + (f", from {place.at[:10]}" if place.at else ""))
        answer: responses.GetPurchaseOrdersResponse = await run.ask(
            "vendor_orders", "getPurchaseOrders", place.query(token)
        )
        page = answer.payload or responses.OrderList()
        for order in page.orders or []:
            number = order.purchaseOrderNumber
            if number in seen:
                continue
            if len(found) == limit:
                return False
            if number:
                seen[number] = None
            found.append(_compact(order))
        following = page.pagination.nextToken if page.pagination else None
        if not following or following == token:
            return True
        token = following
        if run.left < _LEAST_SECONDS:
            return False


async def _kept(run: Run, place: Place) -> str:
    """A short name for a place, good for an hour: the place itself would cost more than the orders."""
    name = secrets.token_urlsafe(9)
    async with run.account.bookmarks().open("purchase orders", name) as bookmark:
        await bookmark.move(**place.model_dump())
    return name


async def _gone_on(run: Run, name: str) -> Place:
    async with run.account.bookmarks().open("purchase orders", name) as bookmark:
        try:
            return Place.model_validate(bookmark.place)
        except ValidationError:
            raise WorkflowFailed(
                "continueFrom is not from an answer of the last hour. Leave it out to begin anew."
            ) from None


def _start(run: Run, call: CollectPurchaseOrdersRequest) -> Place:
    given = {"purchaseOrderState": call.purchaseOrderState, "orderingVendorCode": call.orderingVendorCode}
    filters = {name: value for name, value in given.items() if value}
    if call.createdAfter is None:
        return Place(filters=filters)
    now = run.account.clock.now()
    first = instant(call.createdAfter)
    if first < now - REACH:
        raise WorkflowFailed("createdAfter is too early: Amazon keeps purchase orders for six months.")
    end = min(instant(call.createdBefore), now) if call.createdBefore else now
    if end <= first:
        raise WorkflowFailed("createdAfter lies in the future.")
    return Place(filters=filters, at=_stamp(first - MARGIN), end=_stamp(end + MARGIN))


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
    "acknowledgement takes of each line, and isBackOrderAllowed. First step of acknowledging: purchaseOrderState New. "
    "Returns orders; complete is false where limit was reached, and continueFrom then leads on.",
    request=CollectPurchaseOrdersRequest,
    response=CollectPurchaseOrdersResponse,
    run=_run,
    api="vendor_orders",
)
