"""Solicitations: asking a buyer for a review, once."""

from __future__ import annotations

from typing import Any

from sp_mcp.sandbox.refusals import Refusal
from sp_mcp.sandbox.state import State

_ACTION = "productReviewAndSellerFeedback"


def get_solicitation_actions(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """Whether the buyer may be asked for a review now."""
    order = state.order_in(call["amazonOrderId"], call["marketplaceIds"])
    base = f"/solicitations/v1/orders/{order.order_id}"
    end = f"?marketplaceIds={order.marketplace}"
    offered = not order.pending and _ACTION not in order.sent
    actions = [{"href": f"{base}/solicitations/{_ACTION}{end}", "name": _ACTION}] if offered else []
    return {"_links": {"self": {"href": base + end}, "actions": actions}, "_embedded": {"actions": []}}


def create_solicitation(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """Ask the buyer, once."""
    offered = get_solicitation_actions(state, call)["_links"]["actions"]
    order = state.orders[call["amazonOrderId"]]
    if not offered:
        raise Refusal(403, "Unauthorized", "You are not permitted to solicit the buyer of this order.")
    order.sent.append(_ACTION)
    state.record("createProductReviewAndSellerFeedbackSolicitation", order.order_id)
    return {}


ANSWERS = {
    "getSolicitationActionsForOrder": get_solicitation_actions,
    "createProductReviewAndSellerFeedbackSolicitation": create_solicitation,
}
"""How each operation is answered, by Amazon's name for it."""
