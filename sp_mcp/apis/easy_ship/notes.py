"""What a reader should know of a successful booking: another slot than agreed, and orders that were not booked."""

from __future__ import annotations

from sp_mcp.apis.easy_ship import requests, responses
from sp_mcp.apis.easy_ship.probes import comparable
from sp_mcp.text import counted, shown


def slot_as_agreed(call: requests.CreateScheduledPackageRequest, package: responses.Package) -> str | None:
    """Returns a note if Amazon booked another slot than the call asked for, else None."""
    return _another_slot(call.packageDetails.packageTimeSlot, call.amazonOrderId, package)


def slots_as_agreed(call: requests.UpdateScheduledPackagesRequest, answer: responses.Packages) -> str | None:
    """Returns a note on each package that Amazon moved to another slot than the call asked for, or None."""
    notes = []
    for package in answer.packages or []:
        known = package.scheduledPackageId or responses.PackageIdGiven()
        meant = [
            change.packageTimeSlot
            for change in call.updatePackageDetailsList
            if change.scheduledPackageId.amazonOrderId == known.amazonOrderId
            and change.scheduledPackageId.packageId in (None, known.packageId)
        ]
        # If a call moves two packages of an order without their ids, the answer does not show which is which.
        if len(meant) == 1 and known.amazonOrderId:
            notes.append(_another_slot(meant[0], known.amazonOrderId, package))
    return " ".join(filter(None, notes)) or None


def _another_slot(agreed: requests.TimeSlot, order: str, package: responses.Package) -> str | None:
    """Returns a sentence if the package is in another slot than the person agreed to, else None."""
    booked = package.packageTimeSlot or responses.SlotGiven()
    # The person agreed to times and a method, so those are compared. Ids are compared only if no time was sent.
    for name in ("startTime", "endTime", "handoverMethod") if agreed.startTime else ("slotId",):
        said, got = getattr(agreed, name), getattr(booked, name)
        if said and got and comparable(said) != comparable(got):
            return (
                f"Amazon booked order {shown(order)} in another slot than the person agreed to: {name} is "
                f"{shown(got)}, not {said}. Tell the person."
            )
    return None


def count_booked(
    _: requests.CreateScheduledPackagesRequest, answer: responses.CreateScheduledPackagesResponse
) -> tuple[int, int]:
    """Returns how many orders Amazon booked and how many it rejected."""
    return len(answer.scheduledPackages or ()), len(answer.rejectedOrders or ())


def not_all_booked(
    call: requests.CreateScheduledPackagesRequest, answer: responses.CreateScheduledPackagesResponse
) -> str | None:
    """Returns a sentence with the counts if Amazon booked fewer orders than the call asked for, else None."""
    asked = len(call.orderScheduleDetailsList)
    booked, rejected = count_booked(call, answer)
    if booked >= asked:
        return None
    parts = [f"Of {counted(asked, 'order')}, Amazon booked {booked} and rejected {rejected}"]
    parts += ["`rejectedOrders` holds the reasons"] if rejected else []
    parts += [f"its answer does not mention {asked - booked - rejected}"] if booked + rejected < asked else []
    return "; ".join(parts) + "."
