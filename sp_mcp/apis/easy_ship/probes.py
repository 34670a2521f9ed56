"""Decides from a scheduled package whether a booking with unknown outcome took effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sp_mcp.apis.easy_ship import responses
from sp_mcp.fields import instant
from sp_mcp.operation import Probe, Reconciliation

_PACKAGE = "easy_ship_get_scheduled_package"


def comparable(value: str) -> object:
    """Returns a form of `value` in which one instant in two zones, or one word in two casings, is equal
    (docs/facts/easy-ship.md#enum-casing).
    """
    try:
        return instant(value)
    except ValueError:
        return value.casefold()


def _same(slot: Mapping[str, Any], booked: responses.SlotGiven) -> bool | None:
    """Whether a package is in `slot`, judged by the slot's id or else by its times and method.

    Returns None if neither can be compared.
    """
    if booked.slotId and booked.slotId == slot.get("slotId"):
        return True
    pairs = [(slot.get(name), getattr(booked, name)) for name in ("startTime", "endTime", "handoverMethod")]
    known = [comparable(said) == comparable(got) for said, got in pairs if said and got]
    # Amazon may give the same slot a new id, so without times a different id proves nothing.
    if not all(pairs[0]):
        return None
    return all(known)


def _probe(package_id: Mapping[str, Any], marketplace: str, slot: Mapping[str, Any] | None) -> Probe:
    order = package_id["amazonOrderId"]

    def shows(package: responses.Package) -> bool | None:
        known = package.scheduledPackageId or responses.PackageIdGiven()
        wanted = package_id.get("packageId")
        if known.amazonOrderId != order or (wanted and known.packageId != wanted):
            return None
        booked = package.packageTimeSlot
        same = _same(slot, booked) if slot is not None and booked is not None else None
        # Anybody may have moved the package to another slot since, so another slot proves nothing.
        return True if same else None

    return Probe({"amazonOrderId": order, "marketplaceId": marketplace}, shows)


def _one(call: Mapping[str, Any]) -> Iterator[Probe]:
    slot = call["packageDetails"]["packageTimeSlot"]
    yield _probe({"amazonOrderId": call["amazonOrderId"]}, call["marketplaceId"], slot)


def _moved(call: Mapping[str, Any]) -> Iterator[Probe]:
    for change in call["updatePackageDetailsList"]:
        yield _probe(change["scheduledPackageId"], call["marketplaceId"], change["packageTimeSlot"])


def _many(call: Mapping[str, Any]) -> Iterator[Probe]:
    for order in call["orderScheduleDetailsList"]:
        # If Amazon chose the slot, a package does not show which booking made it.
        slot = (order.get("packageDetails") or {}).get("packageTimeSlot")
        yield _probe({"amazonOrderId": order["amazonOrderId"]}, call["marketplaceId"], slot)


_FINAL_AFTER = 300.0
"""Seconds after which a booking that Amazon does not show counts as lost. Ours: Amazon states no time."""

BOOKING_RECONCILIATION = Reconciliation(
    _PACKAGE, _one, absent=frozenset({"ResourceNotFound"}), final_after=_FINAL_AFTER
)
# A missing package proves nothing about a move: the order may have been cancelled.
MOVE_RECONCILIATION = Reconciliation(_PACKAGE, _moved, final_after=_FINAL_AFTER)
# It proves nothing about a bulk booking either: getScheduledPackage does not exist in the marketplaces of the bulk
# operation (docs/facts/easy-ship.md#where-it-works).
BULK_RECONCILIATION = Reconciliation(_PACKAGE, _many, final_after=_FINAL_AFTER)
