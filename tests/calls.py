"""One good call of every operation, used wherever a rule holds for all of them."""

from __future__ import annotations

import json
from typing import Any

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
    "/restrictedDataToken": {"restrictedDataToken": "Atz.sprdt|secret-rdt", "expiresIn": 3600},
}
"""A success for every path; messages answer `{}`."""


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
