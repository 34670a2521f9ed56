"""Answers of Vendor Orders."""

from __future__ import annotations

from sp_mcp.fields import UntrustedText
from sp_mcp.operation import ErrorGiven, ResponseModel


class QuantityGiven(ResponseModel):
    amount: int | None = None
    unitOfMeasure: str | None = None
    unitSize: int | None = None


class MoneyGiven(ResponseModel):
    currencyCode: str | None = None
    amount: str | None = None
    unitOfMeasure: str | None = None


class AddressGiven(ResponseModel):
    name: str | None = None
    addressLine1: str | None = None
    addressLine2: str | None = None
    addressLine3: str | None = None
    city: str | None = None
    county: str | None = None
    district: str | None = None
    stateOrRegion: str | None = None
    postalCode: str | None = None
    countryCode: str | None = None
    phone: str | None = None


class TaxInfoGiven(ResponseModel):
    taxRegistrationType: str | None = None
    taxRegistrationNumber: str | None = None


class PartyGiven(ResponseModel):
    partyId: str | None = None
    address: AddressGiven | None = None
    taxInfo: TaxInfoGiven | None = None


class ImportDetails(ResponseModel):
    methodOfPayment: str | None = None
    internationalCommercialTerms: str | None = None
    portOfDelivery: str | None = None
    importContainers: str | None = None
    shippingInstructions: UntrustedText = None


class OrderItem(ResponseModel):
    itemSequenceNumber: str | None = None
    amazonProductIdentifier: str | None = None
    vendorProductIdentifier: str | None = None
    orderedQuantity: QuantityGiven | None = None
    isBackOrderAllowed: bool | None = None
    netCost: MoneyGiven | None = None
    listPrice: MoneyGiven | None = None


class OrderDetails(ResponseModel):
    purchaseOrderDate: str | None = None
    purchaseOrderChangedDate: str | None = None
    purchaseOrderStateChangedDate: str | None = None
    purchaseOrderType: str | None = None
    importDetails: ImportDetails | None = None
    dealCode: str | None = None
    paymentMethod: str | None = None
    buyingParty: PartyGiven | None = None
    sellingParty: PartyGiven | None = None
    shipToParty: PartyGiven | None = None
    billToParty: PartyGiven | None = None
    shipWindow: str | None = None
    deliveryWindow: str | None = None
    items: list[OrderItem] | None = None


class Order(ResponseModel):
    purchaseOrderNumber: str | None = None
    purchaseOrderState: str | None = None
    orderDetails: OrderDetails | None = None


class Pagination(ResponseModel):
    nextToken: str | None = None


class OrderList(ResponseModel):
    pagination: Pagination | None = None
    orders: list[Order] | None = None


class GetPurchaseOrdersResponse(ResponseModel):
    payload: OrderList | None = None
    errors: list[ErrorGiven] | None = None


class GetPurchaseOrderResponse(ResponseModel):
    payload: Order | None = None
    errors: list[ErrorGiven] | None = None


class TransactionId(ResponseModel):
    transactionId: str | None = None


class SubmitAcknowledgementResponse(ResponseModel):
    payload: TransactionId | None = None
    errors: list[ErrorGiven] | None = None


class OrderedQuantityDetails(ResponseModel):
    updatedDate: str | None = None
    orderedQuantity: QuantityGiven | None = None
    cancelledQuantity: QuantityGiven | None = None


class OrderedQuantity(ResponseModel):
    orderedQuantity: QuantityGiven | None = None
    orderedQuantityDetails: list[OrderedQuantityDetails] | None = None


class AcknowledgementStatusDetails(ResponseModel):
    acknowledgementDate: str | None = None
    acceptedQuantity: QuantityGiven | None = None
    rejectedQuantity: QuantityGiven | None = None


class AcknowledgementStatus(ResponseModel):
    confirmationStatus: str | None = None
    acceptedQuantity: QuantityGiven | None = None
    rejectedQuantity: QuantityGiven | None = None
    acknowledgementStatusDetails: list[AcknowledgementStatusDetails] | None = None


class ReceivingStatus(ResponseModel):
    receiveStatus: str | None = None
    receivedQuantity: QuantityGiven | None = None
    lastReceiveDate: str | None = None


class OrderItemStatus(ResponseModel):
    itemSequenceNumber: str | None = None
    buyerProductIdentifier: str | None = None
    vendorProductIdentifier: str | None = None
    netCost: MoneyGiven | None = None
    listPrice: MoneyGiven | None = None
    orderedQuantity: OrderedQuantity | None = None
    acknowledgementStatus: AcknowledgementStatus | None = None
    receivingStatus: ReceivingStatus | None = None


class OrderStatus(ResponseModel):
    purchaseOrderNumber: str | None = None
    purchaseOrderStatus: str | None = None
    purchaseOrderDate: str | None = None
    lastUpdatedDate: str | None = None
    sellingParty: PartyGiven | None = None
    shipToParty: PartyGiven | None = None
    itemStatus: list[OrderItemStatus] | None = None


class OrderListStatus(ResponseModel):
    pagination: Pagination | None = None
    ordersStatus: list[OrderStatus] | None = None


class GetPurchaseOrdersStatusResponse(ResponseModel):
    payload: OrderListStatus | None = None
    errors: list[ErrorGiven] | None = None
