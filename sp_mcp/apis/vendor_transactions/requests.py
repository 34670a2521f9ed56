"""Arguments of Vendor Transaction Status."""

from __future__ import annotations

from sp_mcp.fields import PathSegment, argument
from sp_mcp.operation import RequestModel


class GetTransactionRequest(RequestModel):
    transactionId: PathSegment = argument("Transaction id", source="the answer to an acknowledgement")
