"""The operations of Sellers."""

from __future__ import annotations

from sp_mcp.apis.sellers import requests, responses
from sp_mcp.endpoint import Effect, Endpoint, Rate
from sp_mcp.operation import Example, Operation

_ROLE = "the role Finance and Accounting or Selling Partner Insights, and a seller's account"

OPERATIONS = (
    Operation(
        api="sellers",
        operation_id="getMarketplaceParticipations",
        title="List marketplaces",
        description="Lists the marketplaces a seller's account can sell in, with their ids and store names. Use it if "
        "you do not know a marketplace id. About one call a minute once the first 15 are used. Returns `payload`.",
        endpoint=Endpoint(
            method="GET",
            path="/sellers/v1/marketplaceParticipations",
            rate=Rate(0.016, 15),
            effect=Effect.READS,
            proof=("payload",),
        ),
        request=requests.GetMarketplaceParticipationsRequest,
        response=responses.GetMarketplaceParticipationsResponse,
        role=_ROLE,
        example=Example({}, {"payload": []}),
    ),
)
