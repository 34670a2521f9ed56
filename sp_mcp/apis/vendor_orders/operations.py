"""The operations of Vendor Orders."""

from __future__ import annotations

from sp_mcp.apis.vendor_orders import probes, questions, requests, responses
from sp_mcp.endpoint import Effect, Endpoint, Rate
from sp_mcp.operation import Example, Operation

_RATE = Rate(10, 10)
_ROLE = "the role Amazon Fulfillment or Inventory and Order Tracking, and a vendor's account"
_LIST = "vendor_orders_get_purchase_orders"
_COLLECT = "vendor_orders_collect_purchase_orders"
_FOLLOW = "vendor_orders_follow_acknowledgement"


_ACKNOWLEDGEMENT = {
    "purchaseOrderNumber": "4Z32PABC",
    "sellingParty": {"partyId": "ABCDE"},
    "acknowledgementDate": "2026-05-04T09:30:00Z",
    "items": [
        {
            "itemSequenceNumber": "1",
            "vendorProductIdentifier": "SKU-1",
            "orderedQuantity": {"amount": 10, "unitOfMeasure": "Eaches", "unitSize": 1},
            "netCost": {"currencyCode": "USD", "amount": "12.50"},
            "itemAcknowledgements": [
                {
                    "acknowledgementCode": "Accepted",
                    "acknowledgedQuantity": {"amount": 8, "unitOfMeasure": "Eaches", "unitSize": 1},
                },
                {
                    "acknowledgementCode": "Rejected",
                    "acknowledgedQuantity": {"amount": 2, "unitOfMeasure": "Eaches", "unitSize": 1},
                    "rejectionReason": "TemporarilyUnavailable",
                },
            ],
        }
    ],
}


def _received(_: requests.SubmitAcknowledgementRequest, __: responses.SubmitAcknowledgementResponse) -> str:
    return (
        f"Amazon has received the acknowledgement. {_FOLLOW} shows whether it took effect, which can take 30 minutes."
    )


_ADVICE = {
    "InvalidInput": f"A pair of times can be at most 7 days apart, and {_LIST} reaches back 6 months. With nextToken, "
    "all other arguments must be those of the first page.",
    "NotFound": f"This vendor has no such purchase order; {_LIST} lists its orders.",
}

OPERATIONS = (
    Operation(
        api="vendor_orders",
        operation_id="getPurchaseOrders",
        title="List purchase orders",
        description=f"Lists one page of purchase orders with their lines, costs and ship windows; {_COLLECT} lists all "
        "pages. `…After` and `…Before` are at most 7 days apart, within the past 6 months. Returns `payload.orders`, "
        "and `payload.pagination.nextToken` if there are more.",
        endpoint=Endpoint(
            method="GET",
            path="/vendor/orders/v1/purchaseOrders",
            rate=_RATE,
            effect=Effect.READS,
            proof=("payload",),
        ),
        request=requests.GetPurchaseOrdersRequest,
        response=responses.GetPurchaseOrdersResponse,
        role=_ROLE,
        example=Example(
            {"purchaseOrderState": "New", "includeDetails": True, "limit": 10}, {"payload": {"orders": []}}
        ),
        advice=_ADVICE,
    ),
    Operation(
        api="vendor_orders",
        operation_id="getPurchaseOrder",
        title="Get purchase order",
        description="Shows one purchase order with all its lines. Copy their quantities, costs and "
        "identifiers into an acknowledgement. Returns `payload` with `orderDetails.items`.",
        endpoint=Endpoint(
            method="GET",
            path="/vendor/orders/v1/purchaseOrders/{purchaseOrderNumber}",
            rate=_RATE,
            effect=Effect.READS,
            proof=("payload",),
        ),
        request=requests.GetPurchaseOrderRequest,
        response=responses.GetPurchaseOrderResponse,
        role=_ROLE,
        example=Example({"purchaseOrderNumber": "4Z32PABC"}, {"payload": {"purchaseOrderNumber": "4Z32PABC"}}),
        advice=_ADVICE,
    ),
    Operation(
        api="vendor_orders",
        operation_id="submitAcknowledgement",
        title="Acknowledge purchase orders",
        description=f"Accepts, backorders or rejects lines of purchase orders. Copy each line's values from "
        f"{_COLLECT}. Returns a `transactionId` when Amazon has received it; {_FOLLOW} shows whether it took "
        "effect, which can take 30 minutes. Needs consent. Accepting commits the vendor to deliver; a rejected line "
        "stays rejected.",
        endpoint=Endpoint(
            method="POST",
            path="/vendor/orders/v1/acknowledgements",
            rate=_RATE,
            effect=Effect.CHANGES,
            success=202,
            proof=("payload",),
        ),
        request=requests.SubmitAcknowledgementRequest,
        response=responses.SubmitAcknowledgementResponse,
        role=_ROLE,
        example=Example({"acknowledgements": [_ACKNOWLEDGEMENT]}, {"payload": {"transactionId": "t-1"}}),
        question=questions.ask_to_acknowledge,
        success_note=_received,
        reconciliation=probes.ACKNOWLEDGEMENT_RECONCILIATION,
        advice=_ADVICE,
    ),
    Operation(
        api="vendor_orders",
        operation_id="getPurchaseOrdersStatus",
        title="Get purchase orders' status",
        description="Shows what was accepted, rejected and received of each line of purchase orders. Use it to check "
        "an acknowledgement or to follow deliveries. `…After` and `…Before` are at most 7 days apart. Returns "
        "`payload.ordersStatus`.",
        endpoint=Endpoint(
            method="GET",
            path="/vendor/orders/v1/purchaseOrdersStatus",
            rate=_RATE,
            effect=Effect.READS,
            proof=("payload",),
        ),
        request=requests.GetPurchaseOrdersStatusRequest,
        response=responses.GetPurchaseOrdersStatusResponse,
        role=_ROLE,
        example=Example({"itemConfirmationStatus": "UNCONFIRMED"}, {"payload": {"ordersStatus": []}}),
        advice=_ADVICE,
    ),
)
