"""Answers of Messaging."""

from __future__ import annotations

from sp_mcp.apis.hal import ActionsGiven
from sp_mcp.operation import ErrorGiven, ResponseModel


class GetMessagingActionsForOrderResponse(ActionsGiven):
    """The permitted messages, in the form of the model file or in that of the live service."""


class Buyer(ResponseModel):
    locale: str | None = None


class GetAttributesResponse(ResponseModel):
    buyer: Buyer | None = None
    errors: list[ErrorGiven] | None = None


class MessageAccepted(ResponseModel):
    """The answer of every message operation: an empty object, or errors."""

    errors: list[ErrorGiven] | None = None
