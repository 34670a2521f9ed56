"""Answers of Orders."""

from __future__ import annotations

from sp_mcp.apis.orders.money import (
    ItemExpense,
    ItemProceeds,
    ItemPromotion,
    ItemTax,
    Money,
    OrderPayment,
    OrderProceeds,
)
from sp_mcp.fields import StrangersText
from sp_mcp.operation import ResponseModel


class Alias(ResponseModel):
    aliasId: str | None = None
    aliasType: str | None = None


class AssociatedOrder(ResponseModel):
    orderId: str | None = None
    associationType: str | None = None


class SalesChannel(ResponseModel):
    channelName: str | None = None
    marketplaceId: str | None = None
    marketplaceName: str | None = None


class Buyer(ResponseModel):
    buyerName: StrangersText = None
    buyerEmail: str | None = None
    buyerCompanyName: StrangersText = None
    buyerPurchaseOrderNumber: StrangersText = None


class AddressExtendedFields(ResponseModel):
    streetName: StrangersText = None
    streetNumber: StrangersText = None
    complement: StrangersText = None
    neighborhood: StrangersText = None


class CustomerAddress(ResponseModel):
    name: StrangersText = None
    companyName: StrangersText = None
    addressLine1: StrangersText = None
    addressLine2: StrangersText = None
    addressLine3: StrangersText = None
    city: StrangersText = None
    districtOrCounty: StrangersText = None
    stateOrRegion: StrangersText = None
    municipality: StrangersText = None
    postalCode: StrangersText = None
    countryCode: str | None = None
    phone: StrangersText = None
    extendedFields: AddressExtendedFields | None = None
    addressType: str | None = None


class HourMinute(ResponseModel):
    hour: int | None = None
    minute: int | None = None


class TimeWindow(ResponseModel):
    startTime: HourMinute | None = None
    endTime: HourMinute | None = None


class BusinessHour(ResponseModel):
    dayOfWeek: str | None = None
    timeWindows: list[TimeWindow] | None = None


class ExceptionDate(ResponseModel):
    exceptionDate: str | None = None
    exceptionDateType: str | None = None
    timeWindows: list[TimeWindow] | None = None


class PreferredDeliveryTime(ResponseModel):
    businessHours: list[BusinessHour] | None = None
    exceptionDates: list[ExceptionDate] | None = None


class DeliveryPreference(ResponseModel):
    dropOffLocation: StrangersText = None
    addressInstruction: StrangersText = None
    deliveryTime: PreferredDeliveryTime | None = None
    deliveryCapabilities: list[str] | None = None


class Recipient(ResponseModel):
    deliveryAddress: CustomerAddress | None = None
    deliveryPreference: DeliveryPreference | None = None


class TaxRegistrationAttribute(ResponseModel):
    key: str | None = None
    value: StrangersText = None


class OrderTaxRegistration(ResponseModel):
    entityType: str | None = None
    legalName: StrangersText = None
    taxRegistrationType: str | None = None
    taxRegistrationNumber: StrangersText = None
    taxRegistrationAddress: CustomerAddress | None = None
    taxRegistrationAttributes: list[TaxRegistrationAttribute] | None = None


class OrderTaxInvoicing(ResponseModel):
    buyerInvoicePreference: str | None = None
    invoiceStatus: str | None = None


class OrderTax(ResponseModel):
    taxRegistrations: list[OrderTaxRegistration] | None = None
    taxInvoicing: OrderTaxInvoicing | None = None


class DateTimeRange(ResponseModel):
    earliestDateTime: str | None = None
    latestDateTime: str | None = None


class OrderFulfillment(ResponseModel):
    fulfillmentStatus: str | None = None
    fulfilledBy: str | None = None
    fulfillmentServiceLevel: str | None = None
    shipByWindow: DateTimeRange | None = None
    deliverByWindow: DateTimeRange | None = None
    labelPrintingWindow: DateTimeRange | None = None


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
    title: StrangersText = None
    sellerSku: str | None = None
    condition: ItemCondition | None = None
    price: ItemPrice | None = None
    serialNumbers: list[str] | None = None
    customization: ItemCustomization | None = None


class ItemCancellationRequest(ResponseModel):
    requester: str | None = None
    cancelReason: StrangersText = None


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
    title: StrangersText = None
    measurement: Measurement | None = None


class ItemSubstitutionPreference(ResponseModel):
    substitutionType: str | None = None
    substitutionOptions: list[ItemSubstitutionOption] | None = None


class ItemPicking(ResponseModel):
    substitutionPreference: ItemSubstitutionPreference | None = None


class GiftOption(ResponseModel):
    giftMessage: StrangersText = None
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


class PackageStatus(ResponseModel):
    status: str | None = None
    detailedStatus: str | None = None


class MerchantAddress(ResponseModel):
    name: str | None = None
    addressLine1: str | None = None
    addressLine2: str | None = None
    addressLine3: str | None = None
    city: str | None = None
    districtOrCounty: str | None = None
    stateOrRegion: str | None = None
    municipality: str | None = None
    postalCode: str | None = None
    countryCode: str | None = None


class PackageItem(ResponseModel):
    orderItemId: str | None = None
    quantity: int | None = None
    transparencyCodes: list[str] | None = None


class OrderPackage(ResponseModel):
    packageReferenceId: str | None = None
    createdTime: str | None = None
    packageStatus: PackageStatus | None = None
    carrier: str | None = None
    shipTime: str | None = None
    shippingService: str | None = None
    trackingNumber: str | None = None
    shipFromAddress: MerchantAddress | None = None
    packageItems: list[PackageItem] | None = None


class FulfillmentOrder(ResponseModel):
    fulfillmentOrderId: str | None = None


class Order(ResponseModel):
    orderId: str | None = None
    orderAliases: list[Alias] | None = None
    createdTime: str | None = None
    lastUpdatedTime: str | None = None
    programs: list[str] | None = None
    associatedOrders: list[AssociatedOrder] | None = None
    salesChannel: SalesChannel | None = None
    buyer: Buyer | None = None
    recipient: Recipient | None = None
    proceeds: OrderProceeds | None = None
    payment: OrderPayment | None = None
    tax: OrderTax | None = None
    fulfillment: OrderFulfillment | None = None
    orderItems: list[OrderItem] | None = None
    packages: list[OrderPackage] | None = None
    fulfillmentOrders: list[FulfillmentOrder] | None = None


class Pagination(ResponseModel):
    nextToken: str | None = None


class SearchOrdersResponse(ResponseModel):
    orders: list[Order] | None = None
    pagination: Pagination | None = None
    lastUpdatedBefore: str | None = None
    createdBefore: str | None = None


class GetOrderResponse(ResponseModel):
    order: Order | None = None
