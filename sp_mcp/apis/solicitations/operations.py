"""The operations of Solicitations, and the question a person answers before a review request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sp_mcp.apis.solicitations import requests, responses
from sp_mcp.endpoint import Effect, Endpoint, Rate
from sp_mcp.operation import Example, Operation, Probe, Reconciliation
from sp_mcp.question import Question
from sp_mcp.text import shown

_EXAMPLE = {"amazonOrderId": "902-1234567-1234567", "marketplaceIds": ["ATVPDKIKX0DER"]}
_RATE = Rate(1, 5)
_ROLE = "the role Buyer Solicitation and a seller's account"
_HAL = "application/hal+json, application/json"
_ACTIONS = "solicitations_get_actions_for_order"
_ACTION = "productReviewAndSellerFeedback"

_ADVICE = {
    "Unauthorized": "Usually this means that Amazon does not permit a review request for this order now, or that the "
    f"buyer was already asked: {_ACTIONS} shows whether it is permitted. If it is, the application probably lacks the "
    "role Buyer Solicitation.",
    "NotFound": "Amazon knows no such order in this marketplace.",
    "ResourceNotFound": "Amazon knows no such order in this marketplace.",
}


def _ask(call: requests.OrderRequest) -> Question:
    return Question(
        f"Ask the buyer of order {shown(call.amazonOrderId)} for a product review and seller feedback?",
        ("Text: Amazon's own, in the buyer's language",),
        "Amazon sends it to the buyer, once per order. It cannot be recalled.",
        call.marketplaceIds[0],
    )


def _accepted(call: requests.OrderRequest, _: responses.SolicitationAccepted) -> str:
    return f"Amazon accepted the review request to the buyer of order {shown(call.amazonOrderId)}."


def _probes(call: Mapping[str, Any]) -> Iterator[Probe]:
    def shows(answer: responses.GetSolicitationActionsForOrderResponse) -> bool | None:
        # While Amazon offers a review request, the buyer was not asked. A missing offer can have other reasons.
        return False if _ACTION in answer.offered else None

    yield Probe({"amazonOrderId": call["amazonOrderId"], "marketplaceIds": call["marketplaceIds"]}, shows)


OPERATIONS = (
    Operation(
        api="solicitations",
        operation_id="getSolicitationActionsForOrder",
        # Hosts cut names that are longer than 47 characters.
        short_name="get_actions_for_order",
        title="See whether a review request is permitted",
        description="Shows whether Amazon permits a review request for an order now. Call it before "
        f"solicitations_create_review_solicitation. Returns `_links.actions`; `{_ACTION}` in it means yes.",
        endpoint=Endpoint(
            method="GET",
            path="/solicitations/v1/orders/{amazonOrderId}",
            rate=_RATE,
            effect=Effect.READS,
            accept=_HAL,
            proof=("_links", "_embedded"),
        ),
        request=requests.OrderRequest,
        response=responses.GetSolicitationActionsForOrderResponse,
        role=_ROLE,
        example=Example(_EXAMPLE, {"_links": {"self": {"href": "/"}, "actions": []}}),
        advice=_ADVICE,
    ),
    Operation(
        api="solicitations",
        operation_id="createProductReviewAndSellerFeedbackSolicitation",
        short_name="create_review_solicitation",
        title="Ask for a review",
        description="Asks the buyer of an order for a product review and seller feedback, in Amazon's words. Call it "
        f"only if {_ACTIONS} lists `{_ACTION}`, and once per order. Returns {{}} when Amazon accepts the request. "
        "Needs consent. It cannot be recalled.",
        endpoint=Endpoint(
            method="POST",
            path=f"/solicitations/v1/orders/{{amazonOrderId}}/solicitations/{_ACTION}",
            rate=_RATE,
            effect=Effect.CHANGES,
            success=201,
            accept=_HAL,
            locations={"marketplaceIds": ("query",)},
        ),
        request=requests.OrderRequest,
        response=responses.SolicitationAccepted,
        role=_ROLE,
        example=Example(_EXAMPLE),
        question=_ask,
        success_note=_accepted,
        reconciliation=Reconciliation(_ACTIONS, _probes, final_after=300.0),
        advice=_ADVICE,
    ),
)
