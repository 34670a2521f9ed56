"""What a scheduled package tells about a booking whose outcome is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sp_mcp.apis.easy_ship import responses
from sp_mcp.fields import instant
from sp_mcp.operation import Look, Settling

_PACKAGE = "easy_ship_get_scheduled_package"


def comparable(value: str) -> object:
    """The same instant in two zones is the same, and so is a word in any casing (sp-api-facts 2.5)."""
    try:
        return instant(value)
    except ValueError:
        return value.casefold()


def _same(slot: Mapping[str, Any], booked: responses.SlotGiven) -> bool | None:
    """Whether a package is in a slot: by its id, or by its times and method; None where that cannot be told."""
    if booked.slotId and booked.slotId == slot.get("slotId"):
        return True
    pairs = [(slot.get(name), getattr(booked, name)) for name in ("startTime", "endTime", "handoverMethod")]
    known = [comparable(said) == comparable(got) for said, got in pairs if said and got]
    # An id may be a new one for the same slot, so without times it proves nothing.
    if not all(pairs[0]):
        return None
    return all(known)


def _look(package_id: Mapping[str, Any], marketplace: str, slot: Mapping[str, Any] | None) -> Look:
    order = package_id["amazonOrderId"]

    def shows(package: responses.Package) -> bool | None:
        known = package.scheduledPackageId or responses.PackageIdGiven()
        wanted = package_id.get("packageId")
        if known.amazonOrderId != order or (wanted and known.packageId != wanted):
            return None
        booked = package.packageTimeSlot
        same = _same(slot, booked) if slot is not None and booked is not None else None
        # In another slot it may have been put since, by anybody.
        return True if same else None

    return Look({"amazonOrderId": order, "marketplaceId": marketplace}, shows)


def _one(call: Mapping[str, Any]) -> Iterator[Look]:
    slot = call["packageDetails"]["packageTimeSlot"]
    yield _look({"amazonOrderId": call["amazonOrderId"]}, call["marketplaceId"], slot)


def _moved(call: Mapping[str, Any]) -> Iterator[Look]:
    for change in call["updatePackageDetailsList"]:
        yield _look(change["scheduledPackageId"], call["marketplaceId"], change["packageTimeSlot"])


def _many(call: Mapping[str, Any]) -> Iterator[Look]:
    for order in call["orderScheduleDetailsList"]:
        # Where Amazon chose the slot, a package may be anybody's.
        slot = (order.get("packageDetails") or {}).get("packageTimeSlot")
        yield _look({"amazonOrderId": order["amazonOrderId"]}, call["marketplaceId"], slot)


_PATIENCE = 300.0
"""Seconds for a request that nobody waits for any more to take effect after all. Ours: Amazon states none."""

OF_ONE = Settling(_PACKAGE, _one, absent=frozenset({"ResourceNotFound"}), patience=_PATIENCE)
# That a package is not found says nothing of a move: the order may have been cancelled.
OF_MOVES = Settling(_PACKAGE, _moved, patience=_PATIENCE)
# Nor does it of a bulk: where that exists, this read does not (sp-api-facts 3.5).
OF_MANY = Settling(_PACKAGE, _many, patience=_PATIENCE)
