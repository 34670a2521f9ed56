"""Answers of Solicitations."""

from __future__ import annotations

from sp_mcp.apis.hal import ActionsGiven
from sp_mcp.operation import ErrorGiven, ResponseModel


class GetSolicitationActionsForOrderResponse(ActionsGiven):
    """The permitted review requests, in the same form as Messaging's permitted messages."""


class SolicitationAccepted(ResponseModel):
    errors: list[ErrorGiven] | None = None
