"""Arguments of Orders."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from sp_mcp.fields import PageToken, PathSegment, Timestamp, UpTo50MarketplaceIds, argument, instant
from sp_mcp.operation import RequestModel

Included = Literal[
    "BUYER",
    "RECIPIENT",
    "PROCEEDS",
    "EXPENSE",
    "PROMOTION",
    "CANCELLATION",
    "FULFILLMENT",
    "PACKAGES",
    "TAX",
    "PAYMENT",
    "FULFILLMENT_ORDERS",
]
Status = Literal[
    "PENDING_AVAILABILITY", "PENDING", "UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED", "CANCELLED", "UNFULFILLABLE"
]

_INCLUDED = argument(
    "Parts to add: PACKAGES for the Easy Ship status, FULFILLMENT for which items need serial numbers, BUYER and "
    "RECIPIENT for names and addresses",
    default=None,
)


class SearchOrdersRequest(RequestModel):
    createdAfter: Timestamp | None = argument(
        "Placed at or after this time. Give exactly one of `createdAfter` and `lastUpdatedAfter`", default=None
    )
    createdBefore: Timestamp | None = argument("Placed at or before this time, at least two minutes ago", default=None)
    lastUpdatedAfter: Timestamp | None = argument("Changed at or after this time", default=None)
    lastUpdatedBefore: Timestamp | None = argument(
        "Changed at or before this time, at least two minutes ago", default=None
    )
    fulfillmentStatuses: list[Status] | None = argument("Only orders with these statuses", default=None)
    marketplaceIds: UpTo50MarketplaceIds | None = argument("Only orders of these marketplaces", default=None)
    fulfilledBy: list[Literal["MERCHANT", "AMAZON"]] | None = argument(
        "Who ships the orders; for Easy Ship it is MERCHANT", default=None
    )
    maxResultsPerPage: int | None = argument("Page size, default 100", default=None, ge=1, le=100)
    paginationToken: PageToken | None = argument(
        "To get the next page; leave all other arguments unchanged", source="`pagination.nextToken`", default=None
    )
    includedData: list[Included] | None = _INCLUDED

    @model_validator(mode="after")
    def _one_window(self) -> Self:
        if (self.createdAfter is None) == (self.lastUpdatedAfter is None):
            raise ValueError("give exactly one of createdAfter and lastUpdatedAfter")
        for after, before in (("createdAfter", "createdBefore"), ("lastUpdatedAfter", "lastUpdatedBefore")):
            first, last = getattr(self, after), getattr(self, before)
            if last is not None and first is None:
                raise ValueError(f"{before} can be given only together with {after}")
            if last is not None and instant(last) < instant(first):
                raise ValueError(f"{before} is earlier than {after}")
        return self


class GetOrderRequest(RequestModel):
    orderId: PathSegment = argument("Amazon order id", example="403-1234567-1234567")
    includedData: list[Included] | None = _INCLUDED
