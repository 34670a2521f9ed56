"""Answers of Easy Ship."""

from __future__ import annotations

from sp_mcp.operation import ErrorGiven, ResponseModel


class SlotGiven(ResponseModel):
    slotId: str | None = None
    startTime: str | None = None
    endTime: str | None = None
    handoverMethod: str | None = None


class DimensionsGiven(ResponseModel):
    length: float | None = None
    width: float | None = None
    height: float | None = None
    unit: str | None = None
    identifier: str | None = None


class WeightGiven(ResponseModel):
    value: float | None = None
    unit: str | None = None


class ItemGiven(ResponseModel):
    orderItemId: str | None = None
    orderItemSerialNumbers: list[str] | None = None


class PackageIdGiven(ResponseModel):
    amazonOrderId: str | None = None
    packageId: str | None = None


class Invoice(ResponseModel):
    invoiceNumber: str | None = None
    invoiceDate: str | None = None


class Tracking(ResponseModel):
    trackingId: str | None = None


class Package(ResponseModel):
    scheduledPackageId: PackageIdGiven | None = None
    packageDimensions: DimensionsGiven | None = None
    packageWeight: WeightGiven | None = None
    packageItems: list[ItemGiven] | None = None
    packageTimeSlot: SlotGiven | None = None
    packageIdentifier: str | None = None
    invoice: Invoice | None = None
    packageStatus: str | None = None
    trackingDetails: Tracking | None = None


class Packages(ResponseModel):
    packages: list[Package] | None = None


class ListHandoverSlotsResponse(ResponseModel):
    amazonOrderId: str | None = None
    timeSlots: list[SlotGiven] | None = None


class RejectedOrder(ResponseModel):
    amazonOrderId: str | None = None
    error: ErrorGiven | None = None


class CreateScheduledPackagesResponse(ResponseModel):
    scheduledPackages: list[Package] | None = None
    rejectedOrders: list[RejectedOrder] | None = None
    printableDocumentsUrl: str | None = None
