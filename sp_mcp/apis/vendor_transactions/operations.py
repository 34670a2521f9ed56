"""The operations of Vendor Transaction Status."""

from __future__ import annotations

from sp_mcp.apis.vendor_transactions import requests, responses
from sp_mcp.endpoint import Effect, Endpoint, Rate
from sp_mcp.operation import Example, Operation

OPERATIONS = (
    Operation(
        api="vendor_transactions",
        operation_id="getTransaction",
        title="Get transaction",
        description="Shows the status of an acknowledgement: Success, Failure with errors, or Processing. An "
        "acknowledgement that took effect can still show Processing; check with vendor_orders_follow_acknowledgement. "
        "Returns `payload.transactionStatus`.",
        endpoint=Endpoint(
            method="GET",
            path="/vendor/transactions/v1/transactions/{transactionId}",
            rate=Rate(10, 20),
            effect=Effect.READS,
            proof=("payload",),
        ),
        request=requests.GetTransactionRequest,
        response=responses.GetTransactionResponse,
        role="the role Amazon Fulfillment or Inventory and Order Tracking, and a vendor's account",
        example=Example(
            {"transactionId": "t-1"}, {"payload": {"transactionStatus": {"transactionId": "t-1", "status": "Success"}}}
        ),
        advice={"NotFound": "This vendor has no such transaction."},
    ),
)
