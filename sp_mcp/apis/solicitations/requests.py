"""Arguments of Solicitations; they travel in path and query, as in Messaging."""

from __future__ import annotations

from typing import ClassVar

from sp_mcp.fields import MarketplaceIds, PathSegment, argument
from sp_mcp.operation import RequestModel


class OrderRequest(RequestModel):
    IN_QUERY: ClassVar[frozenset[str]] = frozenset({"marketplaceIds"})

    amazonOrderId: PathSegment = argument("Amazon order id", example="902-1234567-1234567", subject=True)
    marketplaceIds: MarketplaceIds = argument("The order's marketplace", example='["ATVPDKIKX0DER"] (US)')
