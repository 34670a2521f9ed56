"""Arguments of Easy Ship.

Requiredness and limits follow Amazon's model file; where the service is known to want more, the reason
stands beside the field. Deviations are listed in tools/deviations.py.
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
    # Amazon's model requires none of these; slots cannot be worked out without them (sp-api-facts 2.5).
    length: float = argument("Centimetres", example="30", ge=0.01)
    width: float = argument("Centimetres", example="20", ge=0.01)
    height: float = argument("Centimetres", example="10.5", ge=0.01)
    unit: Literal["cm"] = argument("Always cm")
    identifier: Identifier | None = argument("Name of a custom package size", source="the seller", default=None)


class Weight(RequestModel):
    value: float = argument("Grams", example="750", ge=11)
    unit: Literal["grams", "g"] = argument("grams or g")


class TimeSlot(RequestModel):
    slotId: Identifier = argument("Slot id, as listed")
    startTime: Timestamp | None = argument("As listed", default=None)
    endTime: Timestamp | None = argument("As listed", default=None)
    handoverMethod: Literal["PICKUP", "DROPOFF"] | None = argument("As listed", default=None)

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.startTime and self.endTime and instant(self.endTime) < instant(self.startTime):
            raise ValueError("endTime is earlier than startTime; give the slot as it was listed")
        return self


class Item(RequestModel):
    orderItemId: Identifier | None = argument("Order item id", source="the order", default=None)
    orderItemSerialNumbers: list[Identifier] | None = argument(
        "Serial numbers", source="the seller", default=None, max_length=100
    )


class PackageDetails(RequestModel):
    packageTimeSlot: TimeSlot = argument("The chosen slot, unchanged", source=_SLOTS)
    packageItems: list[Item] | None = argument(
        "Only items that need serial numbers; they get a warranty document", default=None, max_length=500
    )
    packageIdentifier: Text | None = argument(
        "Your own mark, printed on the label", example="shelf 7", default=None, private=True
    )


class ScheduledPackageId(RequestModel):
    amazonOrderId: OrderId = _ORDER_ID
    packageId: Identifier | None = argument("Package id", source=_PACKAGE, default=None)


class UpdatePackageDetails(RequestModel):
    scheduledPackageId: ScheduledPackageId = argument("Which package")
    packageTimeSlot: TimeSlot = argument("The new slot, unchanged", source=_SLOTS)


class OrderScheduleDetails(RequestModel):
    amazonOrderId: OrderId = _ORDER_ID
    packageDetails: PackageDetails | None = argument(
        "Leave out: Amazon takes the earliest slot, and slots cannot be listed there", default=None
    )


class ListHandoverSlotsRequest(RequestModel):
    marketplaceId: MarketplaceId = _MARKETPLACE
    amazonOrderId: OrderId = _ORDER_ID
    packageDimensions: Dimensions = argument("Outer size, from the catalog or the seller")
    packageWeight: Weight = argument("Weight with packing, from the catalog or the seller")


class GetScheduledPackageRequest(RequestModel):
    amazonOrderId: OrderId = _ORDER_ID
    marketplaceId: MarketplaceId = _MARKETPLACE


class CreateScheduledPackageRequest(RequestModel):
    amazonOrderId: OrderId = _ORDER_ID
    marketplaceId: MarketplaceId = _MARKETPLACE
    packageDetails: PackageDetails = argument("Slot and contents")


class UpdateScheduledPackagesRequest(RequestModel):
    marketplaceId: MarketplaceId = _MARKETPLACE
    updatePackageDetailsList: list[UpdatePackageDetails] = argument("Packages to move", min_length=1, max_length=500)


class CreateScheduledPackagesRequest(RequestModel):
    marketplaceId: MarketplaceId = argument("The orders' marketplace", example="A1C3SOZRARQ6R3 (Poland)")
    # Amazon states no maximum; its answer holds 100 packages at most.
    orderScheduleDetailsList: list[OrderScheduleDetails] = argument("Orders to book", min_length=1, max_length=100)
    labelFormat: Literal["PDF", "ZPL"] = argument("Label file format")
