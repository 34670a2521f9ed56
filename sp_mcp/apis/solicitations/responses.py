"""Answers of Solicitations."""

from __future__ import annotations

from sp_mcp.apis.hal import ActionsGiven
from sp_mcp.operation import ErrorGiven, ResponseModel


class GetSolicitationActionsForOrderResponse(ActionsGiven):
    """The same form as Messaging's."""


class SolicitationAccepted(ResponseModel):
    errors: list[ErrorGiven] | None = None
