"""Arguments of Vendor Transaction Status."""

from __future__ import annotations

from sp_mcp.fields import PathSegment, argument
from sp_mcp.operation import RequestModel


class GetTransactionRequest(RequestModel):
    transactionId: PathSegment = argument("Transaction id", source="vendor_orders_submit_acknowledgement")
