"""Arguments of Vendor Orders.

The model file marks `netCost` as optional and says in words that it is required; the service rejects
lines without it, so it is required here (sp-api-facts 2.5).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Self, TypeVar

from pydantic import AfterValidator, StringConstraints, ValidationInfo, model_validator

from sp_mcp.apis.vendor_orders.quantity import pieces
from sp_mcp.fields import LONGEST_TOKEN, PathSegment, Text, Timestamp, argument, instant, object_to
from sp_mcp.operation import RequestModel
from sp_mcp.wording import shown

_COLLECT = "vendor_orders_collect_purchase_orders"
_WINDOW_DAYS = 7
_MOST = 2**31 - 1


def _positive(amount: str) -> str:
    if not Decimal(amount) > 0:
        raise ValueError("must be more than 0")
    return amount


DecimalText = Annotated[
    str, StringConstraints(max_length=40, pattern=r"^-?(0|([1-9][0-9]*))(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$")
]
PageToken = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TOKEN)]


class _Windows(RequestModel):
    """Filters whose pairs of instants may be at most seven days apart."""

    WINDOWS: ClassVar[tuple[tuple[str, str], ...]] = ()

    @model_validator(mode="after")
    def _short_and_forward(self, info: ValidationInfo) -> Self:
        for after, before in self.WINDOWS:
            first, last = getattr(self, after), getattr(self, before)
            if first is None or last is None:
                continue
            seconds = (instant(last) - instant(first)).total_seconds()
            if seconds < 0:
                object_to(f"{before} is earlier than {after}", info)
            elif seconds > _WINDOW_DAYS * 86400:
                object_to(f"{after} and {before} are more than 7 days apart; ask in windows of 7 days", info)
        return self


class GetPurchaseOrdersRequest(_Windows):
    WINDOWS = (("createdAfter", "createdBefore"), ("changedAfter", "changedBefore"))

    createdAfter: Timestamp | None = argument("Placed after", default=None)
    createdBefore: Timestamp | None = argument("Placed before", default=None)
    changedAfter: Timestamp | None = argument("Changed by Amazon after", default=None)
    changedBefore: Timestamp | None = argument("Changed by Amazon before", default=None)
    purchaseOrderState: Literal["New", "Acknowledged", "Closed"] | None = argument(
        "New ones wait for an answer", default=None
    )
    isPOChanged: bool | None = argument("Only orders changed after they were placed", default=None)
    poItemState: Literal["Cancelled"] | None = argument("Only orders with cancelled items", default=None)
    orderingVendorCode: Text | None = argument("Vendor code", example="ABCDE", default=None)
    includeDetails: bool | None = argument("false: order numbers and states only", default=None)
    limit: int | None = argument("Page size, default 100", default=None, ge=1, le=100)
    sortOrder: Literal["ASC", "DESC"] | None = argument("By date placed", default=None)
    nextToken: PageToken | None = argument(
        "For the next page, with all other arguments unchanged", source="payload.pagination", default=None
    )


class GetPurchaseOrderRequest(RequestModel):
    purchaseOrderNumber: PathSegment = argument("Order number", example="4Z32PABC", source=_COLLECT)


class GetPurchaseOrdersStatusRequest(_Windows):
    WINDOWS = (("createdAfter", "createdBefore"), ("updatedAfter", "updatedBefore"))

    purchaseOrderNumber: Text | None = argument("One order only", example="4Z32PABC", default=None)
    createdAfter: Timestamp | None = argument("Placed after", default=None)
    createdBefore: Timestamp | None = argument("Placed before", default=None)
    updatedAfter: Timestamp | None = argument("Updated after", default=None)
    updatedBefore: Timestamp | None = argument("Updated before", default=None)
    purchaseOrderStatus: Literal["OPEN", "CLOSED"] | None = argument("Order status", default=None)
    itemConfirmationStatus: Literal["ACCEPTED", "PARTIALLY_ACCEPTED", "REJECTED", "UNCONFIRMED"] | None = argument(
        "What you answered", default=None
    )
    itemReceiveStatus: Literal["NOT_RECEIVED", "PARTIALLY_RECEIVED", "RECEIVED"] | None = argument(
        "What Amazon received", default=None
    )
    orderingVendorCode: Text | None = argument("Vendor code", example="ABCDE", default=None)
    shipToPartyId: Text | None = argument(
        "Warehouse code", example="PHX6", source="shipToParty of an order", default=None
    )
    limit: int | None = argument("Page size, default 100", default=None, ge=1, le=100)
    sortOrder: Literal["ASC", "DESC"] | None = argument("By date placed", default=None)
    nextToken: PageToken | None = argument(
        "For the next page, with all other arguments unchanged", source="payload.pagination", default=None
    )


class Quantity(RequestModel):
    amount: int | None = argument("How many", example="12", default=None, ge=0, le=_MOST)
    unitOfMeasure: Literal["Cases", "Eaches"] | None = argument("As ordered", default=None)
    unitSize: int | None = argument("Pieces in a case, as in the order", default=None, ge=0, le=_MOST)

    @property
    def pieces(self) -> int | None:
        """How many single pieces; None where that cannot be told."""
        return pieces(self.amount, self.unitOfMeasure, self.unitSize)


class Money(RequestModel):
    currencyCode: Annotated[str, StringConstraints(min_length=3, max_length=3)] | None = argument(
        "ISO 4217", example="USD", default=None
    )
    amount: DecimalText | None = argument("Decimal number as text", example='"12.50"', default=None)
    unitOfMeasure: Literal["POUNDS", "OUNCES", "GRAMS", "KILOGRAMS"] | None = argument(
        "If sold by weight", default=None
    )


class NetCost(Money):
    # An answer without a price, or with none above zero, is rejected later and silently (sp-api-facts 2.5).
    currencyCode: Annotated[str, StringConstraints(min_length=3, max_length=3)] = argument("ISO 4217", example="USD")
    amount: Annotated[DecimalText, AfterValidator(_positive)] = argument("Decimal number as text", example='"12.50"')


class Address(RequestModel):
    name: Text = argument("Name", example="Toys Ltd")
    addressLine1: Text = argument("Street", example="1 High Street")
    addressLine2: Text | None = argument("More of it", example="Unit 5", default=None)
    addressLine3: Text | None = argument("More of it", example="Dock 2", default=None)
    city: Text | None = argument("City", example="Leeds", default=None)
    county: Text | None = argument("County", example="Kent", default=None)
    district: Text | None = argument("District", example="Soho", default=None)
    stateOrRegion: Text | None = argument("State", example="WA", default=None)
    postalCode: Text | None = argument("Postal code", example="98101", default=None)
    countryCode: Annotated[str, StringConstraints(min_length=2, max_length=2)] = argument("ISO 3166", example="US")
    phone: Text | None = argument("Phone", example="+1 206 555 0100", default=None)


class TaxInfo(RequestModel):
    taxRegistrationType: Literal["VAT", "GST"] = argument("Kind")
    taxRegistrationNumber: Text = argument("Number", example="GB123456789", private=True)


class Party(RequestModel):
    partyId: Text = argument("Vendor code", example="ABCDE", source="sellingParty of the order")
    address: Address | None = argument("Only if it must be stated", default=None, private=True)
    taxInfo: TaxInfo | None = argument("Only if it must be stated", default=None)


class ItemAnswer(RequestModel):
    acknowledgementCode: Literal["Accepted", "Backordered", "Rejected"] = argument(
        "Backordered only if the line's isBackOrderAllowed is true"
    )
    acknowledgedQuantity: Quantity = argument("How many this answer is for")
    scheduledShipDate: Timestamp | None = argument("When it ships; a backorder wants this or the other", default=None)
    scheduledDeliveryDate: Timestamp | None = argument("When it arrives", default=None)
    rejectionReason: Literal["TemporarilyUnavailable", "InvalidProductIdentifier", "ObsoleteProduct"] | None = argument(
        "Why, if Rejected", default=None
    )

    @model_validator(mode="after")
    def _means_one_thing(self) -> Self:
        if self.acknowledgementCode != "Rejected" and not self.acknowledgedQuantity.amount:
            raise ValueError("acknowledgedQuantity.amount must be 1 or more for Accepted and Backordered")
        if self.acknowledgementCode != "Rejected" and self.rejectionReason is not None:
            raise ValueError("rejectionReason goes with Rejected only")
        return self


class ItemAcknowledgement(RequestModel):
    itemSequenceNumber: Text | None = argument("Line number as text", example='"1"', default=None)
    amazonProductIdentifier: Text | None = argument("ASIN, as in the order", default=None)
    vendorProductIdentifier: Text | None = argument("Your SKU, as in the order", default=None)
    orderedQuantity: Quantity = argument("As in the order")
    netCost: NetCost = argument("Unit cost, as in the order; must equal the invoice")
    listPrice: Money | None = argument("Books sold at list price only", default=None)
    discountMultiplier: Text | None = argument("Books sold at list price only", example='"0.45"', default=None)
    itemAcknowledgements: list[ItemAnswer] = argument(
        "One answer, or several that split the line", min_length=1, max_length=10
    )

    @model_validator(mode="after")
    def _no_more_than_ordered(self) -> Self:
        if not any(self.names):
            raise ValueError("name the line: itemSequenceNumber, amazonProductIdentifier or vendorProductIdentifier")
        if (balance := self.balance) and balance[0] > balance[1]:
            raise ValueError(f"{balance[0]} are answered for but {balance[1]} were ordered; Amazon takes no more")
        return self

    @property
    def names(self) -> tuple[str | None, ...]:
        """What the line is called: its number, or else both product identifiers."""
        if self.itemSequenceNumber:
            return (self.itemSequenceNumber,)
        return (self.vendorProductIdentifier, self.amazonProductIdentifier)

    @property
    def balance(self) -> tuple[int, int] | None:
        """How much is answered for and how much was ordered, where both can be compared."""
        quantities = [self.orderedQuantity, *(answer.acknowledgedQuantity for answer in self.itemAcknowledgements)]
        units = {quantity.unitOfMeasure for quantity in quantities}
        sizes = {quantity.unitSize for quantity in quantities if quantity.unitSize}
        same = len(units) == 1 and len(sizes) <= 1
        ordered, *answered = (quantity.amount if same else quantity.pieces for quantity in quantities)
        known = [number for number in answered if number is not None]
        return (sum(known), ordered) if ordered is not None and len(known) == len(answered) else None


class OrderAcknowledgement(RequestModel):
    purchaseOrderNumber: Text = argument("Order number", example="4Z32PABC", source=_COLLECT, subject=True)
    sellingParty: Party = argument("The vendor, as in the order")
    acknowledgementDate: Timestamp = argument("Now", moment=True)
    items: list[ItemAcknowledgement] = argument(
        "Every line of the order; missing ones count as rejected", min_length=1, max_length=1000
    )

    @model_validator(mode="after")
    def _each_line_once(self) -> Self:
        if twice := _twice([item.names for item in self.items]):
            name = shown(next(filter(None, twice), ""), 40)
            raise ValueError(
                f"line {name} is there twice; put all its answers into one, or tell two lines apart by "
                "itemSequenceNumber"
            )
        return self


class SubmitAcknowledgementRequest(RequestModel):
    acknowledgements: list[OrderAcknowledgement] = argument("One for each order", min_length=1, max_length=100)

    @model_validator(mode="after")
    def _each_order_once(self) -> Self:
        if twice := _twice([order.purchaseOrderNumber for order in self.acknowledgements]):
            raise ValueError(f"order {shown(twice, 40)} is there twice; the later answer would replace the earlier")
        return self


_Name = TypeVar("_Name")


def _twice(names: list[_Name]) -> _Name | None:
    """The first name that is there more than once."""
    return next((name for position, name in enumerate(names) if name in names[:position]), None)
