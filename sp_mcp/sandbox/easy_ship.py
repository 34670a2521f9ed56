"""Easy Ship: slots that expire, and packages in them (docs/facts/easy-ship.md#slots,
docs/facts/easy-ship.md#error-codes).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sp_mcp.sandbox import label_files
from sp_mcp.sandbox.refusals import Refusal, invalid
from sp_mcp.sandbox.state import BULK_ONLY, Order, Slot, State, package, slot_at

SLOT_SECONDS = 600
"""How long a listed slot can be taken."""

_MOST_IN_ANSWER = 100


def list_handover_slots(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """Offer new slots; the ones offered before go on until they expire."""
    order = _order(state, call["amazonOrderId"], call["marketplaceId"])
    size = call["packageDimensions"]
    if not {"length", "width", "height", "unit"} <= size.keys() and "identifier" not in size:
        raise invalid("The package dimensions are incomplete.")
    if call["packageWeight"]["value"] > 30_000 or any(
        size.get(side, 0) > 200 for side in ("length", "width", "height")
    ):
        raise Refusal(404, "TimeSlotNotAvailable", "No time slot is available for a package of this size.")
    order.dimensions, order.weight = size, call["packageWeight"]
    return {"amazonOrderId": order.order_id, "timeSlots": _offer(state, order)}


def get_scheduled_package(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """The package of a scheduled order."""
    return _scheduled(_order(state, call["amazonOrderId"], call["marketplaceId"]))


def create_scheduled_package(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """Book a slot for one order."""
    order = _order(state, call["amazonOrderId"], call["marketplaceId"])
    _schedule(state, order, call["packageDetails"])
    state.record("createScheduledPackage", order.order_id)
    return _scheduled(order)


def update_scheduled_packages(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """Move packages to other slots: all of them, or none."""
    moves = []
    for entry in call["updatePackageDetailsList"]:
        order = _order(state, entry["scheduledPackageId"]["amazonOrderId"], call["marketplaceId"])
        scheduled = _scheduled(order)
        if scheduled["packageStatus"] != "ReadyForPickup":
            raise Refusal(405, "OrderNotEligibleForRescheduling", "The order cannot be rescheduled.")
        moves.append((order, _take(state, order, entry["packageTimeSlot"])))
    for order, slot in moves:
        _scheduled(order)["packageTimeSlot"] = slot
        state.record("updateScheduledPackages", order.order_id)
    return {"packages": [_scheduled(order) for order, _ in moves]}


def create_scheduled_package_bulk(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """Book slots for many orders; those that cannot be booked come back with the reason."""
    if call["marketplaceId"] not in BULK_ONLY:
        raise invalid("This operation is not supported in the marketplace.")
    if len(call["orderScheduleDetailsList"]) > _MOST_IN_ANSWER:
        raise invalid(f"At most {_MOST_IN_ANSWER} orders.")
    scheduled, rejected = [], []
    for entry in call["orderScheduleDetailsList"]:
        try:
            order = _order(state, entry["amazonOrderId"], call["marketplaceId"], bulk=True)
            _schedule(state, order, entry.get("packageDetails"))
        except Refusal as refusal:
            rejected.append({"amazonOrderId": entry["amazonOrderId"], "error": refusal.error})
            continue
        state.record("createScheduledPackageBulk", order.order_id)
        scheduled.append(_scheduled(order))
    answer: dict[str, Any] = {"scheduledPackages": scheduled, "rejectedOrders": rejected}
    if scheduled:
        booked = [package["scheduledPackageId"]["amazonOrderId"] for package in scheduled]
        answer["printableDocumentsUrl"] = label_files.archive(state, booked, call["labelFormat"])
    return answer


def _order(state: State, order_id: str, marketplace: str, *, bulk: bool = False) -> Order:
    if marketplace in BULK_ONLY and not bulk:
        raise Refusal(404, "RegionNotSupported", "The operation is not supported in this region.")
    order = state.orders.get(order_id)
    if order is None or not order.easy_ship or order.marketplace != marketplace:
        raise Refusal(404, "ResourceNotFound", "The requested resource was not found.")
    if order.pending:
        raise Refusal(404, "InvalidOrderState", "The order is not in a state in which it can be scheduled.")
    return order


def _scheduled(order: Order) -> dict[str, Any]:
    if order.package is None:
        raise Refusal(404, "ResourceNotFound", "The order has no scheduled package.")
    return order.package


def _offer(state: State, order: Order) -> list[dict[str, Any]]:
    """Pickup and drop-off tomorrow, pickup in the morning and afternoon of the day after."""
    state.slot_count += 1
    today = state.clock.now()
    digits = order.order_id.replace("-", "")[-7:]
    offered = []
    for number, (days, method, hour) in enumerate(
        ((1, "PICKUP", 10), (1, "DROPOFF", 14), (2, "PICKUP", 10), (2, "PICKUP", 15))
    ):
        slot_id = f"slot-{digits}-{state.slot_count}-{number + 1}"
        offset = "+01:00" if order.marketplace in BULK_ONLY else "+05:30"
        slot = slot_at(today + timedelta(days=days), slot_id, method, hour, offset=offset)
        order.slots[slot["slotId"]] = Slot(slot, state.clock.monotonic() + SLOT_SECONDS)
        offered.append(slot)
    return offered


def _take(state: State, order: Order, wanted: dict[str, Any]) -> dict[str, Any]:
    offered = order.slots.get(wanted["slotId"])
    if offered is None:
        raise Refusal(400, "InvalidTimeSlotId", "The time slot is not one of this order's.")
    if changed := [name for name, value in wanted.items() if offered.slot[name] != value]:
        # A slot is sent back as it was listed (docs/facts/easy-ship.md#slots); what Amazon does otherwise is not known.
        raise invalid("The time slot is not as it was listed.", ", ".join(changed))
    if state.clock.monotonic() >= offered.valid_until:
        raise Refusal(400, "ScheduleWindowExpired", "The time slot has expired.")
    return offered.slot


def _schedule(state: State, order: Order, details: dict[str, Any] | None) -> None:
    if order.package is not None:
        raise Refusal(400, "ScheduledPackageAlreadyExists", "The order is scheduled already.")
    slot = _take(state, order, details["packageTimeSlot"]) if details else _offer(state, order)[0]
    booked = package(order, slot)
    for name in ("packageItems", "packageIdentifier"):
        if details and name in details:
            booked[name] = details[name]
    order.package = booked


RESTRICTED = frozenset({"createScheduledPackageBulk"})
"""What needs a Restricted Data Token."""

ANSWERS = {
    "listHandoverSlots": list_handover_slots,
    "getScheduledPackage": get_scheduled_package,
    "createScheduledPackage": create_scheduled_package,
    "updateScheduledPackages": update_scheduled_packages,
    "createScheduledPackageBulk": create_scheduled_package_bulk,
}
"""How each operation is answered, by Amazon's name for it."""
