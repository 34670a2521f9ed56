"""What the items of an order earn and cost, in answers of Orders."""

from __future__ import annotations

from sp_mcp.operation import ResponseModel


class Money(ResponseModel):
    amount: str | None = None
    currencyCode: str | None = None


class OrderProceedsBreakdown(ResponseModel):
    type: str | None = None
    status: str | None = None
    subtotal: Money | None = None


class OrderProceeds(ResponseModel):
    grandTotal: Money | None = None
    breakdowns: list[OrderProceedsBreakdown] | None = None


class PaymentExecution(ResponseModel):
    paymentMethod: str | None = None
    paymentAmount: Money | None = None
    acquirerId: str | None = None
    cardBrand: str | None = None
    authorizationCode: str | None = None


class OrderPayment(ResponseModel):
    paymentExecutions: list[PaymentExecution] | None = None


class ItemProceedsDetailedBreakdown(ResponseModel):
    subtype: str | None = None
    value: Money | None = None


class ItemProceedsBreakdown(ResponseModel):
    type: str | None = None
    subtotal: Money | None = None
    detailedBreakdowns: list[ItemProceedsDetailedBreakdown] | None = None


class ItemProceeds(ResponseModel):
    proceedsTotal: Money | None = None
    breakdowns: list[ItemProceedsBreakdown] | None = None


class PointsGranted(ResponseModel):
    pointsNumber: int | None = None
    pointsMonetaryValue: Money | None = None


class ItemPointsCost(ResponseModel):
    pointsGranted: PointsGranted | None = None


class ItemExpense(ResponseModel):
    pointsCost: ItemPointsCost | None = None


class ItemPromotionBreakdown(ResponseModel):
    promotionId: str | None = None


class ItemPromotion(ResponseModel):
    breakdowns: list[ItemPromotionBreakdown] | None = None


class ItemTaxCalculationBreakdown(ResponseModel):
    reportingScheme: str | None = None


class ItemTaxCollection(ResponseModel):
    model: str | None = None
    responsibleParty: str | None = None


class ItemTax(ResponseModel):
    taxCalculationBreakdowns: list[ItemTaxCalculationBreakdown] | None = None
    taxCollections: list[ItemTaxCollection] | None = None
