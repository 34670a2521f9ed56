"""The items of an order, in answers of Orders."""

from __future__ import annotations

from sp_mcp.apis.orders.money import ItemExpense, ItemProceeds, ItemPromotion, ItemTax, Money
from sp_mcp.fields import UntrustedText
from sp_mcp.operation import ResponseModel


class DateTimeRange(ResponseModel):
    earliestDateTime: str | None = None
    latestDateTime: str | None = None


class Measurement(ResponseModel):
    unit: str | None = None
    value: float | None = None


class AssociatedOrderItem(ResponseModel):
    orderId: str | None = None
    orderItemId: str | None = None
    associationType: str | None = None


class ItemCondition(ResponseModel):
    conditionType: str | None = None
    conditionSubtype: str | None = None
    conditionNote: str | None = None


class ItemPrice(ResponseModel):
    unitPrice: Money | None = None
    priceDesignation: str | None = None


class ItemCustomization(ResponseModel):
    customizedUrl: str | None = None


class ItemProduct(ResponseModel):
    asin: str | None = None
    title: UntrustedText = None
    sellerSku: str | None = None
    condition: ItemCondition | None = None
    price: ItemPrice | None = None
    serialNumbers: list[str] | None = None
    customization: ItemCustomization | None = None


class ItemCancellationRequest(ResponseModel):
    requester: str | None = None
    cancelReason: UntrustedText = None


class ItemCancellationExecution(ResponseModel):
    cancelledBy: str | None = None
    cancelReason: str | None = None


class ItemCancellation(ResponseModel):
    cancellationRequest: ItemCancellationRequest | None = None
    cancellationExecution: ItemCancellationExecution | None = None


class ItemSubstitutionOption(ResponseModel):
    asin: str | None = None
    quantityOrdered: int | None = None
    sellerSku: str | None = None
    title: UntrustedText = None
    measurement: Measurement | None = None


class ItemSubstitutionPreference(ResponseModel):
    substitutionType: str | None = None
    substitutionOptions: list[ItemSubstitutionOption] | None = None


class ItemPicking(ResponseModel):
    substitutionPreference: ItemSubstitutionPreference | None = None


class GiftOption(ResponseModel):
    giftMessage: UntrustedText = None
    giftWrapLevel: str | None = None


class SerialNumberRequirement(ResponseModel):
    requirementType: str | None = None


class ItemPacking(ResponseModel):
    giftOption: GiftOption | None = None
    serialNumberRequirement: SerialNumberRequirement | None = None


class ItemShippingConstraints(ResponseModel):
    palletDelivery: str | None = None
    cashOnDelivery: str | None = None
    signatureConfirmation: str | None = None
    recipientIdentityVerification: str | None = None
    recipientAgeVerification: str | None = None


class ItemInternationalShipping(ResponseModel):
    iossNumber: str | None = None


class ItemShipping(ResponseModel):
    scheduledDeliveryWindow: DateTimeRange | None = None
    shippingConstraints: ItemShippingConstraints | None = None
    internationalShipping: ItemInternationalShipping | None = None


class ItemFulfillment(ResponseModel):
    quantityFulfilled: int | None = None
    quantityUnfulfilled: int | None = None
    picking: ItemPicking | None = None
    packing: ItemPacking | None = None
    shipping: ItemShipping | None = None


class OrderItem(ResponseModel):
    orderItemId: str | None = None
    quantityOrdered: int | None = None
    measurement: Measurement | None = None
    associatedOrderItems: list[AssociatedOrderItem] | None = None
    programs: list[str] | None = None
    product: ItemProduct | None = None
    proceeds: ItemProceeds | None = None
    expense: ItemExpense | None = None
    promotion: ItemPromotion | None = None
    cancellation: ItemCancellation | None = None
    fulfillment: ItemFulfillment | None = None
    tax: ItemTax | None = None
