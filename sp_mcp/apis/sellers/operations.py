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
    Operation(
        api="sellers",
        operation_id="getAccount",
        title="Get the seller's account",
        description="Shows the seller's business, selling plan, primary contact and marketplaces. Use it only when the "
        "person asks about the account: it holds addresses. About one call a minute once the first 15 are used. "
        "Returns `payload`.",
        endpoint=Endpoint(
            method="GET",
            path="/sellers/v1/account",
            rate=Rate(0.016, 15),
            effect=Effect.READS,
            proof=("payload",),
        ),
        request=requests.GetAccountRequest,
        response=responses.GetAccountResponse,
        role=_ROLE,
        example=Example({}, {"payload": {"businessType": "PRIVATE_LIMITED", "sellingPlan": "PROFESSIONAL"}}),
    ),
)
