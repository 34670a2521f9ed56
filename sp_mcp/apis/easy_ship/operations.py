"""The operations of Easy Ship."""

from __future__ import annotations

from sp_mcp.apis.easy_ship import notes, probes, questions, requests, responses
from sp_mcp.endpoint import Effect, Endpoint, Rate
from sp_mcp.operation import Example, Operation

_RATE = Rate(1, 5)
_INDIA = "A21TJRUUN4KGV"
_ORDER = "403-1234567-1234567"
_ORDER_CALL = {"amazonOrderId": _ORDER, "marketplaceId": _INDIA}
_SLOT = {
    "slotId": "slot-1",
    "startTime": "2026-05-05T10:00:00+05:30",
    "endTime": "2026-05-05T13:00:00+05:30",
    "handoverMethod": "PICKUP",
}
_PACKAGE_ID = {"scheduledPackageId": {"amazonOrderId": _ORDER, "packageId": "p-1"}}
_ROLE = "the role Direct-to-Consumer Shipping (Restricted) and a seller's account"
_SLOTS = "easy_ship_list_handover_slots"
_PACKAGE = "easy_ship_get_scheduled_package"


_NEW_SLOTS = f"List the slots again with {_SLOTS}, let the person choose, and call again with the new slot."
_ADVICE = {
    "InvalidInput": "Check that the order is an Easy Ship order that is unshipped and waiting to be scheduled.",
    "InvalidTimeSlotId": _NEW_SLOTS,
    "ScheduleWindowExpired": _NEW_SLOTS,
    "RetryableAfterGettingNewSlots": _NEW_SLOTS,
    "TimeSlotNotAvailable": "Amazon found no slot. Check the weight and the dimensions. If they are right, all slots "
    "lie after the date on which Amazon expects to cancel the order.",
    "ScheduledPackageAlreadyExists": f"The order is already scheduled; {_PACKAGE} shows its package.",
    "InvalidOrderState": "The order must be unshipped and waiting to be scheduled.",
    "ResourceNotFound": "Amazon knows no such order or package in this marketplace. An order that is not scheduled "
    "has no package yet.",
    "RegionNotSupported": "Amazon does not offer this operation in this marketplace. In Poland and the Netherlands "
    "only easy_ship_create_scheduled_package_bulk exists.",
    "OrderNotEligibleForRescheduling": "Amazon no longer allows a new slot for this order.",
}


OPERATIONS = (
    Operation(
        api="easy_ship",
        operation_id="listHandoverSlots",
        title="List handover slots",
        description="Lists the time slots in which Amazon can take over an Easy Ship package. Call it before you "
        "schedule or move a package; it books nothing. Returns `timeSlots`, which expire quickly.",
        endpoint=Endpoint(
            method="POST",
            path="/easyShip/2022-03-23/timeSlot",
            rate=_RATE,
            effect=Effect.READS,
            proof=("timeSlots",),
        ),
        request=requests.ListHandoverSlotsRequest,
        response=responses.ListHandoverSlotsResponse,
        role=_ROLE,
        example=Example(
            _ORDER_CALL
            | {
                "packageDimensions": {"length": 20, "width": 15, "height": 10.5, "unit": "cm"},
                "packageWeight": {"value": 500, "unit": "g"},
            },
            {"amazonOrderId": _ORDER, "timeSlots": [_SLOT]},
        ),
        advice=_ADVICE,
    ),
    Operation(
        api="easy_ship",
        operation_id="getScheduledPackage",
        title="Get scheduled package",
        description="Shows an order's scheduled Easy Ship package: slot, status and tracking id. Use it to follow a "
        "package or to see whether a booking took effect. The error ResourceNotFound usually means that the order is "
        "not scheduled.",
        endpoint=Endpoint(
            method="GET",
            path="/easyShip/2022-03-23/package",
            rate=_RATE,
            effect=Effect.READS,
            proof=("scheduledPackageId",),
        ),
        request=requests.GetScheduledPackageRequest,
        response=responses.Package,
        role=_ROLE,
        example=Example(_ORDER_CALL, _PACKAGE_ID),
        advice=_ADVICE,
    ),
    Operation(
        api="easy_ship",
        operation_id="createScheduledPackage",
        title="Schedule package",
        description=f"Books the handover of one order in a slot from {_SLOTS}. Returns the package with its tracking "
        "id. Call easy_ship_get_documents next, for the label. Needs consent. A booking cannot be cancelled. Some "
        "marketplaces let it be moved.",
        endpoint=Endpoint(
            method="POST",
            path="/easyShip/2022-03-23/package",
            rate=_RATE,
            effect=Effect.CHANGES,
            proof=("scheduledPackageId",),
        ),
        request=requests.CreateScheduledPackageRequest,
        response=responses.Package,
        role=_ROLE,
        example=Example(_ORDER_CALL | {"packageDetails": {"packageTimeSlot": _SLOT}}, _PACKAGE_ID),
        question=questions.ask_to_schedule,
        success_note=notes.slot_as_agreed,
        reconciliation=probes.BOOKING_RECONCILIATION,
        advice=_ADVICE,
    ),
    Operation(
        api="easy_ship",
        operation_id="updateScheduledPackages",
        title="Move scheduled packages",
        description=f"Moves scheduled packages to new slots from {_SLOTS}. Not every marketplace supports this. "
        "Returns `packages`. Needs consent. The old slot is lost.",
        endpoint=Endpoint(
            method="PATCH",
            path="/easyShip/2022-03-23/package",
            rate=_RATE,
            effect=Effect.CHANGES,
            proof=("packages",),
        ),
        request=requests.UpdateScheduledPackagesRequest,
        response=responses.Packages,
        role=_ROLE,
        example=Example(
            {
                "marketplaceId": _INDIA,
                "updatePackageDetailsList": [
                    {"scheduledPackageId": {"amazonOrderId": _ORDER}, "packageTimeSlot": _SLOT}
                ],
            },
            {"packages": []},
        ),
        idempotent=True,
        question=questions.ask_to_move,
        success_note=notes.slots_as_agreed,
        reconciliation=probes.MOVE_RECONCILIATION,
        advice=_ADVICE,
    ),
    Operation(
        api="easy_ship",
        operation_id="createScheduledPackageBulk",
        title="Schedule packages in bulk",
        description="Books the handover of up to 100 orders in one call, in Poland and the Netherlands only. Returns "
        "`scheduledPackages`, `rejectedOrders` with reasons (a successful call can hold some) and "
        "`printableDocumentsUrl`: pass it to easy_ship_save_bulk_documents within minutes. Needs consent. Bookings "
        "cannot be cancelled.",
        endpoint=Endpoint(
            method="POST",
            path="/easyShip/2022-03-23/packages/bulk",
            rate=_RATE,
            effect=Effect.CHANGES,
            proof=("scheduledPackages", "rejectedOrders", "printableDocumentsUrl"),
            restricted=True,
        ),
        request=requests.CreateScheduledPackagesRequest,
        response=responses.CreateScheduledPackagesResponse,
        role=_ROLE,
        example=Example(
            {
                "marketplaceId": "A1C3SOZRARQ6R3",
                "orderScheduleDetailsList": [{"amazonOrderId": _ORDER}],
                "labelFormat": "PDF",
            },
            {"scheduledPackages": [], "rejectedOrders": []},
        ),
        question=questions.ask_to_schedule_many,
        count_parts=notes.count_booked,
        download="printableDocumentsUrl",
        success_note=notes.not_all_booked,
        reconciliation=probes.BULK_RECONCILIATION,
        # The marketplaces of this operation have no getScheduledPackage (docs/facts/easy-ship.md#where-it-works).
        outcome_note="In Poland and the Netherlands no tool shows the outcome. Ask the person to check the orders in "
        "Seller Central before anybody repeats the call.",
        advice=_ADVICE,
    ),
)
