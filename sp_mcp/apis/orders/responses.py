"""Answers of Orders."""

from __future__ import annotations

from sp_mcp.apis.orders.items import DateTimeRange, OrderItem
from sp_mcp.apis.orders.money import (
    OrderPayment,
    OrderProceeds,
)
from sp_mcp.fields import UntrustedText
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
    buyerName: UntrustedText = None
    buyerEmail: str | None = None
    buyerCompanyName: UntrustedText = None
    buyerPurchaseOrderNumber: UntrustedText = None


class AddressExtendedFields(ResponseModel):
    streetName: UntrustedText = None
    streetNumber: UntrustedText = None
    complement: UntrustedText = None
    neighborhood: UntrustedText = None


class CustomerAddress(ResponseModel):
    name: UntrustedText = None
    companyName: UntrustedText = None
    addressLine1: UntrustedText = None
    addressLine2: UntrustedText = None
    addressLine3: UntrustedText = None
    city: UntrustedText = None
    districtOrCounty: UntrustedText = None
    stateOrRegion: UntrustedText = None
    municipality: UntrustedText = None
    postalCode: UntrustedText = None
    countryCode: str | None = None
    phone: UntrustedText = None
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
    dropOffLocation: UntrustedText = None
    addressInstruction: UntrustedText = None
    deliveryTime: PreferredDeliveryTime | None = None
    deliveryCapabilities: list[str] | None = None


class Recipient(ResponseModel):
    deliveryAddress: CustomerAddress | None = None
    deliveryPreference: DeliveryPreference | None = None


class TaxRegistrationAttribute(ResponseModel):
    key: str | None = None
    value: UntrustedText = None


class OrderTaxRegistration(ResponseModel):
    entityType: str | None = None
    legalName: UntrustedText = None
    taxRegistrationType: str | None = None
    taxRegistrationNumber: UntrustedText = None
    taxRegistrationAddress: CustomerAddress | None = None
    taxRegistrationAttributes: list[TaxRegistrationAttribute] | None = None


class OrderTaxInvoicing(ResponseModel):
    buyerInvoicePreference: str | None = None
    invoiceStatus: str | None = None


class OrderTax(ResponseModel):
    taxRegistrations: list[OrderTaxRegistration] | None = None
    taxInvoicing: OrderTaxInvoicing | None = None


class OrderFulfillment(ResponseModel):
    fulfillmentStatus: str | None = None
    fulfilledBy: str | None = None
    fulfillmentServiceLevel: str | None = None
    shipByWindow: DateTimeRange | None = None
    deliverByWindow: DateTimeRange | None = None
    labelPrintingWindow: DateTimeRange | None = None


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
