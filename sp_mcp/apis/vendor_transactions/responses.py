"""Answers of Vendor Transaction Status."""

from __future__ import annotations

from sp_mcp.operation import ErrorGiven, ResponseModel


class Transaction(ResponseModel):
    transactionId: str | None = None
    status: str | None = None
    errors: list[ErrorGiven] | None = None


class TransactionStatus(ResponseModel):
    transactionStatus: Transaction | None = None


class GetTransactionResponse(ResponseModel):
    payload: TransactionStatus | None = None
    errors: list[ErrorGiven] | None = None
