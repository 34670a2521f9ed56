"""The operations of Easy Ship, and what a person is asked before each."""

from __future__ import annotations

from datetime import datetime

from sp_mcp.apis.easy_ship import requests, responses, settling
from sp_mcp.apis.easy_ship.settling import comparable
from sp_mcp.operation import Effect, Operation
from sp_mcp.quota.bucket import Rate
from sp_mcp.wording import Question, counted, per_item, shown

_RATE = Rate(1, 5)
_ROLE = "the role Direct-to-Consumer Shipping (Restricted) and a seller's account"
_SLOTS = "easy_ship_list_handover_slots"
_PACKAGE = "easy_ship_get_scheduled_package"
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


def _ask_to_schedule(call: requests.CreateScheduledPackageRequest) -> Question:
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


def _ask_to_move(call: requests.UpdateScheduledPackagesRequest) -> Question:
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


def _ask_to_schedule_many(call: requests.CreateScheduledPackagesRequest) -> Question:
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


def _as_agreed(call: requests.CreateScheduledPackageRequest, package: responses.Package) -> str | None:
    return _another_slot(call.packageDetails.packageTimeSlot, call.amazonOrderId, package)


def _all_as_agreed(call: requests.UpdateScheduledPackagesRequest, answer: responses.Packages) -> str | None:
    notes = []
    for package in answer.packages or []:
        known = package.scheduledPackageId or responses.PackageIdGiven()
        meant = [
            change.packageTimeSlot
            for change in call.updatePackageDetailsList
            if change.scheduledPackageId.amazonOrderId == known.amazonOrderId
            and change.scheduledPackageId.packageId in (None, known.packageId)
        ]
        # Of two packages of an order that were not told apart, it cannot be said which is which.
        if len(meant) == 1 and known.amazonOrderId:
            notes.append(_another_slot(meant[0], known.amazonOrderId, package))
    return " ".join(filter(None, notes)) or None


def _another_slot(agreed: requests.TimeSlot, order: str, package: responses.Package) -> str | None:
    """Says so where a package is in another slot than the one a person agreed to."""
    booked = package.packageTimeSlot or responses.SlotGiven()
    # The id says nothing to a person who was shown times, and decides where there were none.
    for name in ("startTime", "endTime", "handoverMethod") if agreed.startTime else ("slotId",):
        said, got = getattr(agreed, name), getattr(booked, name)
        if said and got and comparable(said) != comparable(got):
            return f"Order {shown(order)} is in another slot than was agreed to: {name} is {shown(got)}, not {said}."
    return None


def _booked_and_not(
    _: requests.CreateScheduledPackagesRequest, answer: responses.CreateScheduledPackagesResponse
) -> tuple[int, int]:
    return len(answer.scheduledPackages or ()), len(answer.rejectedOrders or ())


def _how_many(
    call: requests.CreateScheduledPackagesRequest, answer: responses.CreateScheduledPackagesResponse
) -> str | None:
    asked = len(call.orderScheduleDetailsList)
    booked, rejected = _booked_and_not(call, answer)
    if booked >= asked:
        return None
    told = [f"Of {counted(asked, 'order')}, {booked} booked and {rejected} rejected"]
    told += ["rejectedOrders says why"] if rejected else []
    told += [f"{asked - booked - rejected} not mentioned by Amazon"] if booked + rejected < asked else []
    return "; ".join(told) + "."


_NEW_SLOTS = f"List the slots again with {_SLOTS}, let the person choose, and call again with the new slot."
_ADVICE = {
    "InvalidInput": "Check that this is an Easy Ship order, unshipped and waiting to be scheduled.",
    "InvalidTimeSlotId": _NEW_SLOTS,
    "ScheduleWindowExpired": _NEW_SLOTS,
    "RetryableAfterGettingNewSlots": _NEW_SLOTS,
    "TimeSlotNotAvailable": "No slot fits: check weight and dimensions, or the slot lies after the order's "
    "expected cancellation.",
    "ScheduledPackageAlreadyExists": f"The order is scheduled already; see it with {_PACKAGE}.",
    "InvalidOrderState": "The order must be unshipped and waiting to be scheduled.",
    "ResourceNotFound": "No such order or package in this marketplace; an order that is not scheduled yet has "
    "no package.",
    "RegionNotSupported": "This operation does not exist in this marketplace. Poland and the Netherlands have "
    "easy_ship_create_scheduled_package_bulk only.",
    "OrderNotEligibleForRescheduling": "This order's slot cannot be changed any more.",
}


OPERATIONS = (
    Operation(
        api="easy_ship",
        operation_id="listHandoverSlots",
        method="POST",
        path="/easyShip/2022-03-23/timeSlot",
        title="List handover slots",
        description="Lists the time slots in which Amazon can take over an Easy Ship package; books nothing. First "
        "step of scheduling or moving one. Returns timeSlots; they expire quickly.",
        request=requests.ListHandoverSlotsRequest,
        response=responses.ListHandoverSlotsResponse,
        rate=_RATE,
        role=_ROLE,
        effect=Effect.READS,
        proof=("timeSlots",),
        advice=_ADVICE,
    ),
    Operation(
        api="easy_ship",
        operation_id="getScheduledPackage",
        method="GET",
        path="/easyShip/2022-03-23/package",
        title="Get scheduled package",
        description="Shows an order's scheduled Easy Ship package: slot, status, tracking id. Use it to follow a "
        "package or to see whether a booking took effect. An unscheduled order answers ResourceNotFound.",
        request=requests.GetScheduledPackageRequest,
        response=responses.Package,
        rate=_RATE,
        role=_ROLE,
        effect=Effect.READS,
        proof=("scheduledPackageId",),
        advice=_ADVICE,
    ),
    Operation(
        api="easy_ship",
        operation_id="createScheduledPackage",
        method="POST",
        path="/easyShip/2022-03-23/package",
        title="Schedule package",
        description=f"Books the handover of one order in a slot of {_SLOTS}. Returns the package with its tracking "
        "id; easy_ship_get_documents has the label. Needs consent. Cannot be cancelled, only moved.",
        request=requests.CreateScheduledPackageRequest,
        response=responses.Package,
        rate=_RATE,
        role=_ROLE,
        effect=Effect.CHANGES,
        proof=("scheduledPackageId",),
        question=_ask_to_schedule,
        afterword=_as_agreed,
        settling=settling.OF_ONE,
        advice=_ADVICE,
    ),
    Operation(
        api="easy_ship",
        operation_id="updateScheduledPackages",
        method="PATCH",
        path="/easyShip/2022-03-23/package",
        title="Move scheduled packages",
        description=f"Moves packages that are scheduled already to new slots of {_SLOTS}. Returns the packages. "
        "Needs consent. The old slot is lost.",
        request=requests.UpdateScheduledPackagesRequest,
        response=responses.Packages,
        rate=_RATE,
        role=_ROLE,
        effect=Effect.CHANGES,
        proof=("packages",),
        idempotent=True,
        question=_ask_to_move,
        afterword=_all_as_agreed,
        settling=settling.OF_MOVES,
        advice=_ADVICE,
    ),
    Operation(
        api="easy_ship",
        operation_id="createScheduledPackageBulk",
        method="POST",
        path="/easyShip/2022-03-23/packages/bulk",
        title="Schedule packages in bulk",
        description="Books the handover of up to 100 orders at once; Poland and the Netherlands only. Returns "
        "scheduledPackages, rejectedOrders with reasons (a success may hold some), and a printableDocumentsUrl, for "
        "easy_ship_save_bulk_documents within minutes. Needs consent. Cannot be cancelled.",
        request=requests.CreateScheduledPackagesRequest,
        response=responses.CreateScheduledPackagesResponse,
        rate=_RATE,
        role=_ROLE,
        effect=Effect.CHANGES,
        proof=("scheduledPackages", "rejectedOrders", "printableDocumentsUrl"),
        restricted=True,
        question=_ask_to_schedule_many,
        tally=_booked_and_not,
        download="printableDocumentsUrl",
        afterword=_how_many,
        settling=settling.OF_MANY,
        # Where this operation exists, the one that shows packages does not (sp-api-facts 3.5).
        outcome_note="Seller Central shows what became of it; in Poland and the Netherlands no tool does. A person "
        "should look before it is repeated.",
        advice=_ADVICE,
    ),
)
