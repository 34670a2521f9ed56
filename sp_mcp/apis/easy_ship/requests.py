"""Arguments of Easy Ship.

Required fields and limits follow Amazon's model file. Where the service is known to need more, a comment
beside the field gives the reason. tools/deviations.py lists all deviations.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from sp_mcp.fields import Identifier, MarketplaceId, PathSegment, Text, Timestamp, argument, instant
from sp_mcp.operation import RequestModel

_SLOTS = "easy_ship_list_handover_slots"
_PACKAGE = "easy_ship_get_scheduled_package"

OrderId = PathSegment

_ORDER_ID = argument("Amazon order id", example="403-1234567-1234567", subject=True)
_MARKETPLACE = argument("The order's marketplace", example="A21TJRUUN4KGV (India)")


class Dimensions(RequestModel):
    # Amazon's model file requires none of these fields, but Amazon cannot find slots without them
    # (docs/facts/easy-ship.md#size-and-weight).
    length: float = argument("Length in cm", example="30", ge=0.01)
    width: float = argument("Width in cm", example="20", ge=0.01)
    height: float = argument("Height in cm", example="10.5", ge=0.01)
    unit: Literal["cm"] = argument("Always cm; convert inches to cm", if_refused="Convert inches to cm.")
    identifier: Identifier | None = argument("Name of a custom package size", source="the seller", default=None)


class Weight(RequestModel):
    value: float = argument(
        "Weight in grams",
        example="750",
        ge=11,
        if_refused="Easy Ship takes no parcel under 11 g, packing included. Ask the person for the packed weight; do "
        "not raise it yourself.",
    )
    unit: Literal["grams", "g"] = argument("Unit of `value`: grams")


class TimeSlot(RequestModel):
    slotId: Identifier = argument("Slot id, as listed")
    startTime: Timestamp | None = argument("As listed", default=None)
    endTime: Timestamp | None = argument("As listed", default=None)
    handoverMethod: Literal["PICKUP", "DROPOFF"] | None = argument("As listed", default=None)

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.startTime and self.endTime and instant(self.endTime) < instant(self.startTime):
            raise ValueError("endTime is earlier than startTime; copy the slot as it was listed")
        return self


class Item(RequestModel):
    orderItemId: Identifier | None = argument("Order item id", source="the order", default=None)
    orderItemSerialNumbers: list[Identifier] | None = argument(
        "Serial numbers of the item", source="the seller", default=None, max_length=100
    )


class PackageDetails(RequestModel):
    packageTimeSlot: TimeSlot = argument("The slot the person wants, copied as listed", source=_SLOTS)
    packageItems: list[Item] | None = argument(
        "Only items that need serial numbers; Amazon makes a warranty document for them", default=None, max_length=500
    )
    packageIdentifier: Text | None = argument(
        "The seller's own mark, printed on the label", example="shelf 7", default=None, private=True
    )


class BulkPackageDetails(PackageDetails):
    packageTimeSlot: TimeSlot = argument("A slot that the person gives; no tool lists slots in these marketplaces")


class ScheduledPackageId(RequestModel):
    amazonOrderId: OrderId = _ORDER_ID
    packageId: Identifier | None = argument("Package id", source=_PACKAGE, default=None)


class UpdatePackageDetails(RequestModel):
    scheduledPackageId: ScheduledPackageId = argument("The package to move")
    packageTimeSlot: TimeSlot = argument("The new slot, copied as listed", source=_SLOTS)


class OrderScheduleDetails(RequestModel):
    amazonOrderId: OrderId = _ORDER_ID
    packageDetails: BulkPackageDetails | None = argument(
        "Leave out unless the person gives a slot; without it Amazon takes the earliest", default=None
    )


class ListHandoverSlotsRequest(RequestModel):
    marketplaceId: MarketplaceId = _MARKETPLACE
    amazonOrderId: OrderId = _ORDER_ID
    packageDimensions: Dimensions = argument("Outer size of the parcel, from the catalog or the person")
    packageWeight: Weight = argument("Packed weight, from the catalog or the person; do not raise it to the minimum")


class GetScheduledPackageRequest(RequestModel):
    amazonOrderId: OrderId = _ORDER_ID
    marketplaceId: MarketplaceId = _MARKETPLACE


class CreateScheduledPackageRequest(RequestModel):
    amazonOrderId: OrderId = _ORDER_ID
    marketplaceId: MarketplaceId = _MARKETPLACE
    packageDetails: PackageDetails = argument("Slot, and items that need serial numbers")


class UpdateScheduledPackagesRequest(RequestModel):
    marketplaceId: MarketplaceId = _MARKETPLACE
    updatePackageDetailsList: list[UpdatePackageDetails] = argument("Packages to move", min_length=1, max_length=500)


class CreateScheduledPackagesRequest(RequestModel):
    marketplaceId: MarketplaceId = argument("The orders' marketplace", example="A1C3SOZRARQ6R3 (Poland)")
    # Amazon states no maximum for the request, but its answer holds 100 packages at most.
    orderScheduleDetailsList: list[OrderScheduleDetails] = argument("Orders to book", min_length=1, max_length=100)
    labelFormat: Literal["PDF", "ZPL"] = argument("Label file format")
