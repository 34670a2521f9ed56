"""What a person is asked before Easy Ship books or moves something."""

from __future__ import annotations

from datetime import datetime

from sp_mcp.apis.easy_ship import requests
from sp_mcp.question import Question
from sp_mcp.text import counted, per_item, shown

_TIMES = "Amazon goes by the slot; its times are as the assistant states them."
_NO_CANCEL = "Easy Ship has no way to cancel a booking; it can only be moved to another slot."


def _when(slot: requests.TimeSlot) -> str:
    """A slot as a person reads it. The times are the caller's; Amazon goes by the id."""
    how = {"PICKUP": "pickup, ", "DROPOFF": "drop-off, "}.get(slot.handoverMethod or "", "")
    identifier = f"slot {shown(slot.slotId, 60)}"
    if slot.startTime is None:
        return f"{how}{identifier} (the call does not say when that is)"
    start = datetime.fromisoformat(slot.startTime)
    # Not strftime's %a and %b, which follow the machine's language.
    day = f"{_DAYS[start.weekday()]} {start.day} {_MONTHS[start.month - 1]} {start.year}"
    end = f"–{datetime.fromisoformat(slot.endTime):%H:%M}" if slot.endTime else ""
    zone = start.strftime("%z")
    offset = f" UTC{zone[:3]}:{zone[3:5]}" if zone else ""
    return f"{how}{day}, {start:%H:%M}{end}{offset} ({identifier})"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def ask_to_schedule(call: requests.CreateScheduledPackageRequest) -> Question:
    details = call.packageDetails
    facts = [f"Handover: {_when(details.packageTimeSlot)}"]
    if details.packageItems:
        serials = [number for item in details.packageItems for number in item.orderItemSerialNumbers or []]
        listed = f": {', '.join(shown(number, 40) for number in serials[:10])}" if serials else ""
        more = f" and {len(serials) - 10} more" if len(serials) > 10 else ""
        facts.append(f"{counted(len(details.packageItems), 'item')} with serial numbers{listed}{more}")
    if details.packageIdentifier:
        facts.append(f"Mark on the label: {shown(details.packageIdentifier)}")
    return Question(
        f"Book an Easy Ship handover for order {shown(call.amazonOrderId)}?",
        tuple(facts),
        f"{_TIMES} A carrier is booked, and label and invoice are made. {_NO_CANCEL}",
        call.marketplaceId,
    )


def ask_to_move(call: requests.UpdateScheduledPackagesRequest) -> Question:
    changes = call.updatePackageDetailsList
    moves = [(_package_name(c.scheduledPackageId), f"to {_when(c.packageTimeSlot)}") for c in changes]
    return Question(
        f"Move the Easy Ship handover of {counted(len(changes), 'package')}?",
        per_item("Order", moves),
        f"{_TIMES} The present slot is given up and may be taken by somebody else.",
        call.marketplaceId,
    )


def _package_name(package: requests.ScheduledPackageId) -> str:
    named = f", package {shown(package.packageId, 60)}" if package.packageId else ""
    return f"{shown(package.amazonOrderId)}{named}"


def ask_to_schedule_many(call: requests.CreateScheduledPackagesRequest) -> Question:
    orders = call.orderScheduleDetailsList
    bookings = [
        (
            shown(o.amazonOrderId),
            _when(o.packageDetails.packageTimeSlot) if o.packageDetails else "earliest slot, chosen by Amazon",
        )
        for o in orders
    ]
    return Question(
        f"Book Easy Ship handovers for {counted(len(orders), 'order')}?",
        (*per_item("Order", bookings), f"Labels: {call.labelFormat}"),
        f"{_TIMES} Carriers are booked and labels are made. {_NO_CANCEL}",
        call.marketplaceId,
    )
