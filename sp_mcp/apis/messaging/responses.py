"""Answers of Messaging."""

from __future__ import annotations

from sp_mcp.apis.hal import ActionsGiven
from sp_mcp.operation import ErrorGiven, ResponseModel


class GetMessagingActionsForOrderResponse(ActionsGiven):
    """What the model says and what the live service sends."""


class Buyer(ResponseModel):
    locale: str | None = None


class GetAttributesResponse(ResponseModel):
    buyer: Buyer | None = None
    errors: list[ErrorGiven] | None = None


class MessageAccepted(ResponseModel):
    """All message operations answer the same: nothing, or errors."""

    errors: list[ErrorGiven] | None = None
