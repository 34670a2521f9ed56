"""The operations of Sellers."""

from __future__ import annotations

from sp_mcp.apis.sellers import requests, responses
from sp_mcp.operation import Effect, Operation
from sp_mcp.quota.bucket import Rate

OPERATIONS = (
    Operation(
        api="sellers",
        operation_id="getMarketplaceParticipations",
        method="GET",
        path="/sellers/v1/marketplaceParticipations",
        title="List marketplaces",
        description="Lists the marketplaces a seller's account can sell in, with their ids and store names. Use it "
        "where a marketplace id is not known. Once a minute at most. Returns payload.",
        request=requests.GetMarketplaceParticipationsRequest,
        response=responses.GetMarketplaceParticipationsResponse,
        rate=Rate(0.016, 15),
        role="the role Finance and Accounting or Selling Partner Insights, and a seller's account",
        effect=Effect.READS,
        proof=("payload",),
    ),
)
