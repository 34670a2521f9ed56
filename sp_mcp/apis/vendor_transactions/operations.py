"""The operations of Vendor Transaction Status."""

from __future__ import annotations

from sp_mcp.apis.vendor_transactions import requests, responses
from sp_mcp.operation import Effect, Operation
from sp_mcp.quota.bucket import Rate

OPERATIONS = (
    Operation(
        api="vendor_transactions",
        operation_id="getTransaction",
        method="GET",
        path="/vendor/transactions/v1/transactions/{transactionId}",
        title="Get transaction",
        description="Shows what became of an acknowledgement: Success, Failure with errors, or Processing. Some are "
        "known to stay in Processing although they took effect. Returns payload.transactionStatus.",
        request=requests.GetTransactionRequest,
        response=responses.GetTransactionResponse,
        rate=Rate(10, 20),
        role="the role Amazon Fulfillment or Inventory and Order Tracking, and a vendor's account",
        effect=Effect.READS,
        proof=("payload",),
        advice={"NotFound": "No such transaction of this vendor."},
    ),
)
