"""Arguments of Vendor Orders.

Amazon's model file marks `netCost` as optional, but its description calls it required and Amazon rejects lines without
it, so these models require it (docs/facts/vendor-orders.md#net-cost).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Self, TypeVar

from pydantic import AfterValidator, StringConstraints, ValidationInfo, model_validator

from sp_mcp.apis.vendor_orders.quantity import pieces
from sp_mcp.fields import PageToken, PathSegment, Text, Timestamp, argument, instant, object_to
from sp_mcp.operation import RequestModel
from sp_mcp.text import shown

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


class _Windows(RequestModel):
    """Filters with pairs of times that may be at most seven days apart. `WINDOWS` names the pairs."""

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
                object_to(f"{after} and {before} are more than 7 days apart; call once for each 7 days", info)
        return self


class GetPurchaseOrdersRequest(_Windows):
    WINDOWS = (("createdAfter", "createdBefore"), ("changedAfter", "changedBefore"))

    createdAfter: Timestamp | None = argument("Placed after this time", default=None)
    createdBefore: Timestamp | None = argument("Placed before this time", default=None)
    changedAfter: Timestamp | None = argument("Changed by Amazon after this time", default=None)
    changedBefore: Timestamp | None = argument("Changed by Amazon before this time", default=None)
    purchaseOrderState: Literal["New", "Acknowledged", "Closed"] | None = argument(
        "Only orders in this state; New orders wait for an acknowledgement", default=None
    )
    isPOChanged: bool | None = argument("Only orders changed after they were placed", default=None)
    poItemState: Literal["Cancelled"] | None = argument("Only orders with cancelled items", default=None)
    orderingVendorCode: Text | None = argument("Only orders of this vendor code", example="ABCDE", default=None)
    includeDetails: bool | None = argument("false: return order numbers and states only", default=None)
    limit: int | None = argument("Page size, default 100", default=None, ge=1, le=100)
    sortOrder: Literal["ASC", "DESC"] | None = argument("Sort by the date placed", default=None)
    nextToken: PageToken | None = argument(
        "To get the next page; leave all other arguments unchanged", source="`payload.pagination`", default=None
    )


class GetPurchaseOrderRequest(RequestModel):
    purchaseOrderNumber: PathSegment = argument("Purchase order number", example="4Z32PABC", source=_COLLECT)


class GetPurchaseOrdersStatusRequest(_Windows):
    WINDOWS = (("createdAfter", "createdBefore"), ("updatedAfter", "updatedBefore"))

    purchaseOrderNumber: Text | None = argument("Only this purchase order", example="4Z32PABC", default=None)
    createdAfter: Timestamp | None = argument("Placed after this time", default=None)
    createdBefore: Timestamp | None = argument("Placed before this time", default=None)
    updatedAfter: Timestamp | None = argument("Updated after this time", default=None)
    updatedBefore: Timestamp | None = argument("Updated before this time", default=None)
    purchaseOrderStatus: Literal["OPEN", "CLOSED"] | None = argument("Only orders with this status", default=None)
    itemConfirmationStatus: Literal["ACCEPTED", "PARTIALLY_ACCEPTED", "REJECTED", "UNCONFIRMED"] | None = argument(
        "How the vendor answered the line", default=None
    )
    itemReceiveStatus: Literal["NOT_RECEIVED", "PARTIALLY_RECEIVED", "RECEIVED"] | None = argument(
        "How much of the line Amazon has received", default=None
    )
    orderingVendorCode: Text | None = argument("Only orders of this vendor code", example="ABCDE", default=None)
    shipToPartyId: Text | None = argument(
        "Warehouse code", example="PHX6", source="`shipToParty` of an order", default=None
    )
    limit: int | None = argument("Page size, default 100", default=None, ge=1, le=100)
    sortOrder: Literal["ASC", "DESC"] | None = argument("Sort by the date placed", default=None)
    nextToken: PageToken | None = argument(
        "To get the next page; leave all other arguments unchanged", source="`payload.pagination`", default=None
    )


class Quantity(RequestModel):
    """A number of pieces, or of cases that hold `unitSize` pieces each."""

    amount: int | None = argument("Number of pieces or cases", example="12", default=None, ge=0, le=_MOST)
    unitOfMeasure: Literal["Cases", "Eaches"] | None = argument("As ordered; Eaches are single pieces", default=None)
    unitSize: int | None = argument("Pieces in a case, as in the order", default=None, ge=0, le=_MOST)

    @property
    def pieces(self) -> int | None:
        """The number of single pieces, or None if it cannot be calculated."""
        return pieces(self.amount, self.unitOfMeasure, self.unitSize)


class Money(RequestModel):
    currencyCode: Annotated[str, StringConstraints(min_length=3, max_length=3)] | None = argument(
        "Currency code", example="USD", default=None
    )
    amount: DecimalText | None = argument("Decimal number as text", example='"12.50"', default=None)
    unitOfMeasure: Literal["POUNDS", "OUNCES", "GRAMS", "KILOGRAMS"] | None = argument(
        "Unit of the price, if the product is sold by weight", default=None
    )


class NetCost(Money):
    # Amazon rejects a line without a price above zero, and the answer to the call does not say so
    # (docs/facts/vendor-orders.md#net-cost).
    currencyCode: Annotated[str, StringConstraints(min_length=3, max_length=3)] = argument(
        "Currency code", example="USD"
    )
    amount: Annotated[DecimalText, AfterValidator(_positive)] = argument("Decimal number as text", example='"12.50"')


class Address(RequestModel):
    name: Text = argument("Name", example="Toys Ltd")
    addressLine1: Text = argument("Street", example="1 High Street")
    addressLine2: Text | None = argument("Second address line", example="Unit 5", default=None)
    addressLine3: Text | None = argument("Third address line", example="Dock 2", default=None)
    city: Text | None = argument("City", example="Leeds", default=None)
    county: Text | None = argument("County", example="Kent", default=None)
    district: Text | None = argument("District", example="Soho", default=None)
    stateOrRegion: Text | None = argument("State", example="WA", default=None)
    postalCode: Text | None = argument("Postal code", example="98101", default=None)
    countryCode: Annotated[str, StringConstraints(min_length=2, max_length=2)] = argument("Country code", example="US")
    phone: Text | None = argument("Phone", example="+1 206 555 0100", default=None)


class TaxInfo(RequestModel):
    taxRegistrationType: Literal["VAT", "GST"] = argument("Kind of tax registration")
    taxRegistrationNumber: Text = argument("Tax registration number", example="GB123456789", private=True)


class Party(RequestModel):
    partyId: Text = argument("Vendor code", example="ABCDE", source="`sellingParty` of the order")
    address: Address | None = argument("Leave out unless the person gives it", default=None, private=True)
    taxInfo: TaxInfo | None = argument("Leave out unless the person gives it", default=None)


class ItemAnswer(RequestModel):
    acknowledgementCode: Literal["Accepted", "Backordered", "Rejected"] = argument(
        "Use Backordered only if the line's `isBackOrderAllowed` is true"
    )
    acknowledgedQuantity: Quantity = argument("The quantity that gets this code")
    scheduledShipDate: Timestamp | None = argument(
        "When it ships. `Backordered` needs this or `scheduledDeliveryDate`", default=None
    )
    scheduledDeliveryDate: Timestamp | None = argument("When it arrives", default=None)
    rejectionReason: Literal["TemporarilyUnavailable", "InvalidProductIdentifier", "ObsoleteProduct"] | None = argument(
        "Reason; only with Rejected", default=None
    )

    @model_validator(mode="after")
    def _means_one_thing(self) -> Self:
        if self.acknowledgementCode != "Rejected" and not self.acknowledgedQuantity.amount:
            raise ValueError("acknowledgedQuantity.amount must be 1 or more for Accepted and Backordered")
        if self.acknowledgementCode != "Rejected" and self.rejectionReason is not None:
            raise ValueError("rejectionReason can be given only with Rejected")
        return self


class ItemAcknowledgement(RequestModel):
    itemSequenceNumber: Text | None = argument("Line number as text", example='"1"', default=None)
    amazonProductIdentifier: Text | None = argument("ASIN, as in the order", default=None)
    vendorProductIdentifier: Text | None = argument("The vendor's SKU, as in the order", default=None)
    orderedQuantity: Quantity = argument("The ordered quantity, as in the order")
    netCost: NetCost = argument("Unit cost, as in the order and on the invoice")
    listPrice: Money | None = argument("Only for books that are sold at list price", default=None)
    discountMultiplier: Text | None = argument(
        "Only for books that are sold at list price", example='"0.45"', default=None
    )
    itemAcknowledgements: list[ItemAnswer] = argument(
        "One answer, or several that split the line's quantity", min_length=1, max_length=10
    )

    @model_validator(mode="after")
    def _no_more_than_ordered(self) -> Self:
        if not any(self.names):
            raise ValueError("name the line by itemSequenceNumber, amazonProductIdentifier or vendorProductIdentifier")
        if (balance := self.balance) and balance[0] > balance[1]:
            raise ValueError(
                f"the answers add up to {balance[0]}, but only {balance[1]} were ordered; Amazon accepts no more"
            )
        return self

    @property
    def names(self) -> tuple[str | None, ...]:
        """What identifies the line: its number, or else both product identifiers."""
        if self.itemSequenceNumber:
            return (self.itemSequenceNumber,)
        return (self.vendorProductIdentifier, self.amazonProductIdentifier)

    @property
    def balance(self) -> tuple[int, int] | None:
        """The sum of the answers and the ordered quantity in the same unit, or None if they cannot be compared."""
        quantities = [self.orderedQuantity, *(answer.acknowledgedQuantity for answer in self.itemAcknowledgements)]
        units = {quantity.unitOfMeasure for quantity in quantities}
        sizes = {quantity.unitSize for quantity in quantities if quantity.unitSize}
        same = len(units) == 1 and len(sizes) <= 1
        ordered, *answered = (quantity.amount if same else quantity.pieces for quantity in quantities)
        known = [number for number in answered if number is not None]
        return (sum(known), ordered) if ordered is not None and len(known) == len(answered) else None


class OrderAcknowledgement(RequestModel):
    purchaseOrderNumber: Text = argument("Purchase order number", example="4Z32PABC", source=_COLLECT, subject=True)
    sellingParty: Party = argument("The vendor, as in the order")
    acknowledgementDate: Timestamp = argument("Current time", volatile=True)
    items: list[ItemAcknowledgement] = argument(
        "Every line of the order; Amazon counts a missing line as rejected", min_length=1, max_length=1000
    )

    @model_validator(mode="after")
    def _each_line_once(self) -> Self:
        if twice := _twice([item.names for item in self.items]):
            name = shown(next(filter(None, twice), ""), 40)
            raise ValueError(
                f"line {name} appears twice; put all its answers into one entry, or give each of two lines its own "
                "itemSequenceNumber"
            )
        return self


class SubmitAcknowledgementRequest(RequestModel):
    acknowledgements: list[OrderAcknowledgement] = argument(
        "One entry for each purchase order", min_length=1, max_length=100
    )

    @model_validator(mode="after")
    def _each_order_once(self) -> Self:
        if twice := _twice([order.purchaseOrderNumber for order in self.acknowledgements]):
            raise ValueError(
                f"order {shown(twice, 40)} appears twice; Amazon would replace the first entry by the second"
            )
        return self


_Name = TypeVar("_Name")


def _twice(names: list[_Name]) -> _Name | None:
    """Returns the first name that occurs more than once, or None."""
    return next((name for position, name in enumerate(names) if name in names[:position]), None)
