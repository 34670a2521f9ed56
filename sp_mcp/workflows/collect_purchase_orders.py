"""vendor_orders_collect_purchase_orders: lists all purchase orders of a period, over all windows and pages.

Amazon accepts periods of at most 7 days and answers in pages. Users report that it also returns orders from outside a
period, so the tool returns each order number only once (docs/facts/vendor-orders.md#deviations-of-the-live-service).
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
"""A little more than the six months that getPurchaseOrders reaches back."""

MARGIN = timedelta(seconds=1)

DEFAULT_LIMIT, MOST, PAGE = 100, 500, 100

_LEAST_SECONDS = 3.0
"""Seconds that must be left for reading another page."""


class CollectPurchaseOrdersRequest(RequestModel):
    purchaseOrderState: Literal["New", "Acknowledged", "Closed"] | None = argument(
        "Only orders in this state; New orders wait for an acknowledgement", default=None
    )
    createdAfter: Timestamp | None = argument(
        "Placed at or after this time; leave out to get all orders in `purchaseOrderState`", default=None
    )
    createdBefore: Timestamp | None = argument("Placed before this time, default now", default=None)
    orderingVendorCode: Identifier | None = argument("Only orders of this vendor code", example="ACME1", default=None)
    limit: int | None = argument("Most orders to return, default 100", default=None, ge=1, le=MOST)
    continueFrom: Identifier | None = argument(
        "To get the next orders; send only this and `limit`", source="the previous answer", default=None
    )

    @model_validator(mode="after")
    def _something_to_look_for(self) -> Self:
        if self.continueFrom is not None:
            if self.model_fields_set - {"continueFrom", "limit"}:
                raise ValueError("with continueFrom, send no other argument than limit")
            return self
        if self.createdAfter is None and self.purchaseOrderState is None:
            raise ValueError("give purchaseOrderState, createdAfter or both")
        if self.createdBefore is not None:
            if self.createdAfter is None:
                raise ValueError("createdBefore can be given only together with createdAfter")
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


class Position(BaseModel):
    """How far the collection is.

    `at` is the start of the window to read next and `end` the end of the last window, both None if there is only one
    window without bounds. `seen` holds the order numbers that were already returned.

    A window is always read from its first page: orders that are acknowledged between two calls leave a list of new
    orders, and the token of a page would then skip others.
    """

    filters: dict[str, str]
    at: str | None = None
    end: str | None = None
    seen: list[str] = []

    def query(self, token: str | None) -> dict[str, Any]:
        """Returns the arguments of getPurchaseOrders for the page of `token`; None is the first page."""
        window = {"createdAfter": self.at, "createdBefore": _stamp(self._before)} if self.at else {}
        page = {"nextToken": token} if token else {}
        return {**self.filters, **window, **page, "limit": PAGE, "includeDetails": True}

    def next_window(self) -> Position | None:
        """Returns the position of the next window, or None after the last one."""
        if self.at is None or self._before >= instant(self.end or self.at):
            return None
        # Amazon excludes both bounds, so windows overlap: an order on the bound of one lies within the next.
        return self.model_copy(update={"at": _stamp(self._before - MARGIN)})

    @property
    def _before(self) -> datetime:
        return min(instant(self.at or "") + WINDOW, instant(self.end or ""))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def _run(run: Run, call: CollectPurchaseOrdersRequest) -> Done:
    limit = call.limit or DEFAULT_LIMIT
    position: Position | None = await _gone_on(run, call.continueFrom) if call.continueFrom else _start(run, call)
    assert position is not None
    seen = dict.fromkeys(position.seen)
    found: list[dict[str, Any]] = []
    trouble, answered = "", False
    while position is not None and not trouble and len(found) < limit:
        try:
            whole = await _read_window(run, position, seen, found, limit)
        except StepFailed as failed:
            if not answered and not found:
                raise
            # The orders that were found are returned, with the position from which to continue.
            trouble = f"The other orders could not be read now. {failed} Call again with continueFrom for them."
            break
        answered = True
        position = position.next_window() if whole else position
        if run.left < _LEAST_SECONDS:
            trouble = "The time of one call was not enough for all orders. Call again with continueFrom for the others."
    body: dict[str, Any] = {"orders": found, "complete": position is None}
    if position is None:
        return Done(body)
    body["continueFrom"] = await _kept(run, position.model_copy(update={"seen": list(seen)}))
    return Done(
        body, (trouble or f"Stopped at the limit of {limit}. There may be more orders: call again with continueFrom.",)
    )


async def _read_window(
    run: Run, position: Position, seen: dict[str, None], found: list[dict[str, Any]], limit: int
) -> bool:
    """Add the orders of a window that are not in `seen` to `found` and `seen`.

    Returns False if the limit or the time ended before the window did. Raises StepFailed.
    """
    token: str | None = None
    while True:
        await run.context.report_progress(
            f"{len(found)} orders so far" + (f", from {position.at[:10]}" if position.at else "")
        )
        answer: responses.GetPurchaseOrdersResponse = await run.ask(
            "vendor_orders", "getPurchaseOrders", position.query(token)
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


async def _kept(run: Run, position: Position) -> str:
    """Store a position for an hour and return a short name for it: the position itself would cost too many tokens."""
    name = secrets.token_urlsafe(9)
    async with run.services.progress().open("purchase orders", name) as progress:
        await progress.update(**position.model_dump())
    return name


async def _gone_on(run: Run, name: str) -> Position:
    async with run.services.progress().open("purchase orders", name) as progress:
        try:
            return Position.model_validate(progress.state)
        except ValidationError:
            raise WorkflowFailed(
                "continueFrom is not from an answer of the last hour. Leave it out to start from the beginning."
            ) from None


def _start(run: Run, call: CollectPurchaseOrdersRequest) -> Position:
    given = {"purchaseOrderState": call.purchaseOrderState, "orderingVendorCode": call.orderingVendorCode}
    filters = {name: value for name, value in given.items() if value}
    if call.createdAfter is None:
        return Position(filters=filters)
    now = run.services.clock.now()
    first = instant(call.createdAfter)
    if first < now - REACH:
        raise WorkflowFailed("createdAfter is too early: Amazon lists purchase orders of the past six months only.")
    end = min(instant(call.createdBefore), now) if call.createdBefore else now
    if end <= first:
        raise WorkflowFailed("createdAfter is in the future.")
    return Position(filters=filters, at=_stamp(first - MARGIN), end=_stamp(end + MARGIN))


def _compact(order: responses.Order) -> dict[str, Any]:
    """The fields of an order that a decision and an acknowledgement need, under Amazon's names."""
    details = order.orderDetails or responses.OrderDetails()
    lines = [
        {name: value for name, value in item.model_dump(exclude_none=True).items() if name in OrderLine.model_fields}
        for item in details.items or []
    ]
    compact = {
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
    return {name: value for name, value in compact.items() if value is not None}


WORKFLOW = Workflow(
    name="vendor_orders_collect_purchase_orders",
    title="Collect purchase orders",
    description="Lists all purchase orders by state or date, over all pages and 7-day windows, with the fields of each "
    "line that an acknowledgement needs and `isBackOrderAllowed`. Call it with `purchaseOrderState` New before you "
    "acknowledge. Returns `orders`; if `complete` is false, call again with `continueFrom`.",
    request=CollectPurchaseOrdersRequest,
    response=CollectPurchaseOrdersResponse,
    run=_run,
    api="vendor_orders",
)
