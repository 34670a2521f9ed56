"""One good call of every operation, used wherever a rule holds for all of them."""

from __future__ import annotations

import json
from typing import Any

from sp_mcp.operation import Operation
from tests.fakes import Wire

IN = "A21TJRUUN4KGV"
US = "ATVPDKIKX0DER"
ORDER = "403-1234567-1234567"
SLOT = {
    "slotId": "slot-1",
    "startTime": "2026-05-05T10:00:00+05:30",
    "endTime": "2026-05-05T13:00:00+05:30",
    "handoverMethod": "PICKUP",
}
FILE = {"uploadDestinationId": "upload-1", "fileName": "invoice.pdf"}
MESSAGE = {"amazonOrderId": ORDER, "marketplaceIds": [US]}
TEXT = {**MESSAGE, "text": "Your parcel arrives on Thursday."}
FILES = {**MESSAGE, "attachments": [FILE]}
ACKNOWLEDGEMENT = {
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

GOOD: dict[str, dict[str, Any]] = {
    "easy_ship_list_handover_slots": {
        "marketplaceId": IN,
        "amazonOrderId": ORDER,
        "packageDimensions": {"length": 20, "width": 15, "height": 10.5, "unit": "cm"},
        "packageWeight": {"value": 500, "unit": "g"},
    },
    "easy_ship_get_scheduled_package": {"amazonOrderId": ORDER, "marketplaceId": IN},
    "easy_ship_create_scheduled_package": {
        "amazonOrderId": ORDER,
        "marketplaceId": IN,
        "packageDetails": {"packageTimeSlot": SLOT},
    },
    "easy_ship_update_scheduled_packages": {
        "marketplaceId": IN,
        "updatePackageDetailsList": [{"scheduledPackageId": {"amazonOrderId": ORDER}, "packageTimeSlot": SLOT}],
    },
    "easy_ship_create_scheduled_package_bulk": {
        "marketplaceId": "A1C3SOZRARQ6R3",
        "orderScheduleDetailsList": [{"amazonOrderId": ORDER}],
        "labelFormat": "PDF",
    },
    "messaging_get_messaging_actions_for_order": MESSAGE,
    "messaging_get_attributes": MESSAGE,
    "messaging_confirm_customization_details": TEXT,
    "messaging_create_confirm_delivery_details": TEXT,
    "messaging_create_legal_disclosure": FILES,
    "messaging_create_confirm_order_details": TEXT,
    "messaging_create_confirm_service_details": TEXT,
    "messaging_create_amazon_motors": FILES,
    "messaging_create_warranty": {**FILES, "coverageStartDate": "2026-05-04T00:00:00Z"},
    "messaging_create_digital_access_key": TEXT,
    "messaging_create_unexpected_problem": TEXT,
    "messaging_create_negative_feedback_removal": MESSAGE,
    "messaging_send_invoice": FILES,
    "vendor_orders_get_purchase_orders": {"purchaseOrderState": "New", "includeDetails": True, "limit": 10},
    "vendor_orders_get_purchase_order": {"purchaseOrderNumber": "4Z32PABC"},
    "vendor_orders_submit_acknowledgement": {"acknowledgements": [ACKNOWLEDGEMENT]},
    "vendor_orders_get_purchase_orders_status": {"itemConfirmationStatus": "UNCONFIRMED"},
    "orders_search_orders": {
        "createdAfter": "2026-05-01T00:00:00Z",
        "fulfillmentStatuses": ["UNSHIPPED"],
        "includedData": ["PACKAGES", "FULFILLMENT"],
    },
    "orders_get_order": {"orderId": ORDER, "includedData": ["BUYER"]},
    "solicitations_get_actions_for_order": MESSAGE,
    "solicitations_create_review_solicitation": MESSAGE,
    "sellers_get_marketplace_participations": {},
    "vendor_transactions_get_transaction": {"transactionId": "t-1"},
    "uploads_create_upload_destination_for_resource": {
        "resource": f"messaging/v1/orders/{ORDER}/messages/invoice",
        "marketplaceIds": [US],
        "contentMD5": "1B2M2Y8AsgTpgAmY7PhCfg==",
        "contentType": "application/pdf",
    },
    "feeds_create_feed_document": {"contentType": "text/xml; charset=UTF-8"},
    "feeds_create_feed": {
        "feedType": "POST_EASYSHIP_DOCUMENTS",
        "marketplaceIds": [IN],
        "inputFeedDocumentId": "amzn1.tortuga.4.eu.1",
        "feedOptions": {"AmazonOrderId": ORDER, "DocumentType": "Invoice"},
    },
    "feeds_get_feed": {"feedId": "50000"},
    "feeds_get_feed_document": {"feedDocumentId": "amzn1.tortuga.4.eu.2"},
    "reports_get_report": {"reportId": "amzn1.easyship.document.1"},
    "reports_get_report_document": {"reportDocumentId": "amzn1.spdoc.1.4.eu.1"},
}

ANSWERS: dict[str, Any] = {
    "/timeSlot": {"amazonOrderId": ORDER, "timeSlots": [SLOT]},
    "/packages/bulk": {"scheduledPackages": [], "rejectedOrders": []},
    "/package": {"scheduledPackageId": {"amazonOrderId": ORDER, "packageId": "p-1"}, "packages": []},
    "/attributes": {"buyer": {"locale": "en-US"}},
    f"/messaging/v1/orders/{ORDER}": {"_links": {"self": {"href": "/"}, "actions": []}},
    "/purchaseOrders": {"payload": {"orders": []}},
    "/purchaseOrders/4Z32PABC": {"payload": {"purchaseOrderNumber": "4Z32PABC"}},
    "/purchaseOrdersStatus": {"payload": {"ordersStatus": []}},
    "/acknowledgements": {"payload": {"transactionId": "t-1"}},
    "/orders/2026-01-01/orders": {"orders": []},
    f"/orders/2026-01-01/orders/{ORDER}": {"order": {"orderId": ORDER}},
    f"/solicitations/v1/orders/{ORDER}": {"_links": {"self": {"href": "/"}, "actions": []}},
    "/marketplaceParticipations": {"payload": []},
    "/transactions/t-1": {"payload": {"transactionStatus": {"transactionId": "t-1", "status": "Success"}}},
    f"/uploadDestinations/messaging/v1/orders/{ORDER}/messages/invoice": {"payload": {"uploadDestinationId": "u-1"}},
    "/feeds/2021-06-30/documents": {"feedDocumentId": "amzn1.tortuga.4.eu.1", "url": "https://s.example/1"},
    "/feeds/2021-06-30/feeds": {"feedId": "50000"},
    "/feeds/50000": {"feedId": "50000", "processingStatus": "IN_PROGRESS"},
    "/documents/amzn1.tortuga.4.eu.2": {"feedDocumentId": "amzn1.tortuga.4.eu.2", "url": "https://s.example/2"},
    "/reports/amzn1.easyship.document.1": {"reportId": "amzn1.easyship.document.1", "processingStatus": "DONE"},
    "/documents/amzn1.spdoc.1.4.eu.1": {"reportDocumentId": "amzn1.spdoc.1.4.eu.1", "url": "https://s.example/3"},
    "/restrictedDataToken": {"restrictedDataToken": "Atz.sprdt|secret-rdt", "expiresIn": 3600},
}
"""A success for every path; messages answer `{}`."""


def answer_to(operation: Operation) -> Any:
    """The success that answers the good call of an operation."""
    path = operation.to_request(GOOD[operation.name]).path
    return next((answer for end, answer in ANSWERS.items() if path.endswith(end)), {})


def different(name: str, times: int) -> list[dict[str, Any]]:
    """So many good calls of one operation, each about another order."""
    text = json.dumps(GOOD[name])
    return [
        json.loads(text.replace(ORDER, f"403-1234567-{number:07}").replace("4Z32PABC", f"4Z32{number:04}"))
        for number in range(times)
    ]


def amazon() -> Wire:
    """A scripted Amazon that answers every operation with a success."""
    return Wire({**{path: [answer] for path, answer in ANSWERS.items()}, "": [{}]})
