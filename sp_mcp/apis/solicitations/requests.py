"""Arguments of Solicitations. They are sent in the path and the query, as in Messaging."""

from __future__ import annotations

from sp_mcp.fields import OneMarketplaceId, PathSegment, argument
from sp_mcp.operation import RequestModel


class OrderRequest(RequestModel):
    amazonOrderId: PathSegment = argument("Amazon order id", example="902-1234567-1234567", subject=True)
    marketplaceIds: OneMarketplaceId = argument("The order's marketplace", example='["ATVPDKIKX0DER"] (US)')
