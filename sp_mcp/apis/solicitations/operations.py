"""The operations of Solicitations, and what a person is asked before a buyer is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sp_mcp.apis.solicitations import requests, responses
from sp_mcp.operation import Effect, Look, Operation, Settling
from sp_mcp.quota.bucket import Rate
from sp_mcp.wording import Question, shown

_RATE = Rate(1, 5)
_ROLE = "the role Buyer Solicitation and a seller's account"
_HAL = "application/hal+json, application/json"
_ACTIONS = "solicitations_get_actions_for_order"
_ACTION = "productReviewAndSellerFeedback"

_ADVICE = {
    "Unauthorized": f"Mostly this means that Amazon does not permit it for this order now, or that the buyer was asked "
    f"already: see {_ACTIONS}. Otherwise the application lacks the role Buyer Solicitation.",
    "NotFound": "No such order in this marketplace.",
    "ResourceNotFound": "No such order in this marketplace.",
}


def _ask(call: requests.OrderRequest) -> Question:
    return Question(
        f"Ask the buyer of order {shown(call.amazonOrderId)} for a product review and seller feedback?",
        ("Text: Amazon's own, in the buyer's language",),
        "Amazon sends it to the buyer, once per order. It cannot be recalled.",
        call.marketplaceIds[0],
    )


def _looks(call: Mapping[str, Any]) -> Iterator[Look]:
    def shows(answer: responses.GetSolicitationActionsForOrderResponse) -> bool | None:
        # As long as it is offered nobody was asked; where it is not, that may have other reasons.
        return False if _ACTION in answer.offered else None

    yield Look({"amazonOrderId": call["amazonOrderId"], "marketplaceIds": call["marketplaceIds"]}, shows)


OPERATIONS = (
    Operation(
        api="solicitations",
        operation_id="getSolicitationActionsForOrder",
        # Hosts cut names that are longer than 47 characters.
        short_name="get_actions_for_order",
        method="GET",
        path="/solicitations/v1/orders/{amazonOrderId}",
        title="List permitted solicitations",
        description="Shows whether Amazon permits asking the buyer of an order for a review now. Call it before "
        f"asking. Returns _links.actions; {_ACTION} means yes.",
        request=requests.OrderRequest,
        response=responses.GetSolicitationActionsForOrderResponse,
        rate=_RATE,
        role=_ROLE,
        effect=Effect.READS,
        accept=_HAL,
        proof=("_links", "_embedded"),
        advice=_ADVICE,
    ),
    Operation(
        api="solicitations",
        operation_id="createProductReviewAndSellerFeedbackSolicitation",
        short_name="create_review_solicitation",
        method="POST",
        path=f"/solicitations/v1/orders/{{amazonOrderId}}/solicitations/{_ACTION}",
        title="Ask for a review",
        description="Asks the buyer of an order for a product review and seller feedback, in Amazon's words. Only if "
        f"{_ACTIONS} offers {_ACTION}; once per order. Returns {{}} when accepted. Needs consent. Cannot be recalled.",
        request=requests.OrderRequest,
        response=responses.SolicitationAccepted,
        rate=_RATE,
        role=_ROLE,
        effect=Effect.CHANGES,
        success=201,
        accept=_HAL,
        question=_ask,
        settling=Settling(_ACTIONS, _looks, patience=300.0),
        advice=_ADVICE,
    ),
)
