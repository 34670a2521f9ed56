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


def _same(slot: Mapping[str, Any], package: responses.Package) -> bool:
    """Whether a package is in a slot; its id says so, or its times do."""
    booked = package.packageTimeSlot or responses.SlotGiven()
    if booked.slotId and booked.slotId == slot.get("slotId"):
        return True
    times = [(slot.get(name), getattr(booked, name)) for name in ("startTime", "endTime")]
    return all(said and got and comparable(said) == comparable(got) for said, got in times)


def _look(order: str, marketplace: str, slot: Mapping[str, Any] | None, *, moved: bool = False) -> Look:
    def shows(package: responses.Package) -> bool | None:
        if slot is None or _same(slot, package):
            return True
        # A package that was to be moved is still where it was; one that was to be made is somebody's, perhaps ours.
        return False if moved else None

    return Look({"amazonOrderId": order, "marketplaceId": marketplace}, shows)


def _one(call: Mapping[str, Any]) -> Iterator[Look]:
    yield _look(call["amazonOrderId"], call["marketplaceId"], call["packageDetails"]["packageTimeSlot"])


def _moved(call: Mapping[str, Any]) -> Iterator[Look]:
    for change in call["updatePackageDetailsList"]:
        order = change["scheduledPackageId"]["amazonOrderId"]
        yield _look(order, call["marketplaceId"], change["packageTimeSlot"], moved=True)


def _many(call: Mapping[str, Any]) -> Iterator[Look]:
    for order in call["orderScheduleDetailsList"]:
        slot = (order.get("packageDetails") or {}).get("packageTimeSlot")
        yield _look(order["amazonOrderId"], call["marketplaceId"], slot)


_ABSENT = frozenset({"ResourceNotFound"})
_PATIENCE = 300.0
"""Seconds for a request that nobody waits for any more to take effect after all. Ours: Amazon states none."""

OF_ONE = Settling(_PACKAGE, _one, absent=_ABSENT, patience=_PATIENCE)
OF_MOVES = Settling(_PACKAGE, _moved, absent=_ABSENT, patience=_PATIENCE)
OF_MANY = Settling(_PACKAGE, _many, absent=_ABSENT, patience=_PATIENCE)
