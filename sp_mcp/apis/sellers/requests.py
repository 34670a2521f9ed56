"""Arguments of Sellers: there are none."""

from __future__ import annotations

from sp_mcp.operation import RequestModel


class GetMarketplaceParticipationsRequest(RequestModel):
    """This operation takes no arguments."""


class GetAccountRequest(RequestModel):
    """This operation takes no arguments."""
