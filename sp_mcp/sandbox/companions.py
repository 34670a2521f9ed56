"""Solicitations, Sellers and Vendor Transaction Status: small, and in one place."""

from __future__ import annotations

from typing import Any

from sp_mcp.sandbox.refusals import Refusal
from sp_mcp.sandbox.state import NETHERLANDS, POLAND, UNITED_STATES, State

_ACTION = "productReviewAndSellerFeedback"

_MARKETPLACES = {
    "A21TJRUUN4KGV": ("Amazon.in", "IN", "INR", "en_IN"),
    POLAND: ("Amazon.pl", "PL", "PLN", "pl_PL"),
    NETHERLANDS: ("Amazon.nl", "NL", "EUR", "nl_NL"),
    UNITED_STATES: ("Amazon.com", "US", "USD", "en_US"),
}

SETTLED_SECONDS = 60
"""How long a transaction stays in Processing."""


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


def get_marketplace_participations(_: State, __: dict[str, Any]) -> dict[str, Any]:
    """Where the practice account sells."""
    return {
        "payload": [
            {
                "marketplace": {
                    "id": identifier,
                    "name": name,
                    "countryCode": country,
                    "defaultCurrencyCode": currency,
                    "defaultLanguageCode": language,
                    "domainName": f"www.{name.lower()}",
                },
                "storeName": "Practice store",
                "participation": {"isParticipating": True, "hasSuspendedListings": False},
            }
            for identifier, (name, country, currency, language) in _MARKETPLACES.items()
        ]
    }


def get_transaction(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """What became of an acknowledgement; some stay in Processing for ever (sp-api-facts 4.5)."""
    known = state.transactions.get(call["transactionId"])
    if known is None:
        raise Refusal(404, "NotFound", "The transaction was not found.")
    since, applied, stuck = known
    if stuck or state.clock.monotonic() < since + SETTLED_SECONDS:
        status: dict[str, Any] = {"status": "Processing"}
    elif applied:
        status = {"status": "Success"}
    else:
        status = {"status": "Failure", "errors": [{"code": "NotAvailable", "message": "Not available."}]}
    return {"payload": {"transactionStatus": {"transactionId": call["transactionId"], **status}}}
