"""Messaging: what may be said about an order, and saying it (docs/facts/messaging.md#permitted-messages)."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from sp_mcp.sandbox.refusals import Refusal, invalid
from sp_mcp.sandbox.state import Order, State

_REMOVED = ("negativeFeedbackRemoval", "amazonMotors")

# The live service calls the invoice's action by its operation (docs/facts/messaging.md#shape-of-the-action-list).
_LISTED_AS = {"invoice": "sendInvoice"}


def get_messaging_actions(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """The kinds that are permitted now, in the shape of the live service."""
    order = _order(state, call)
    base = f"/messaging/v1/orders/{order.order_id}"
    end = f"?marketplaceIds={order.marketplace}"
    names = [_LISTED_AS.get(kind, kind) for kind in order.permitted if kind not in order.sent]
    actions = [{"href": f"{base}/messages/{name}{end}", "name": name} for name in names]
    embedded = [
        {
            "name": link["name"],
            "title": link["name"],
            "_links": {"self": link, "schema": {"href": f"{base}/messages/{link['name']}/schema{end}"}},
            "_embedded": {"schema": {"type": "object", "disabled": False}},
        }
        for link in actions
    ]
    return {"_links": {"self": {"href": base + end}, "actions": actions}, "_embedded": {"actions": embedded}}


def get_attributes(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """The buyer's language."""
    return {"buyer": {"locale": _order(state, call).locale}}


def send(state: State, call: dict[str, Any], operation_id: str, kind: str) -> dict[str, Any]:
    """Deliver a message of a kind."""
    order = _order(state, call)
    if kind in _REMOVED or kind not in order.permitted or kind in order.sent:
        raise Refusal(403, "Unauthorized", "Invalid amazonOrderId and template combination.")
    text = call.get("text", "")
    if re.search(r"</?[A-Za-z][^>]*>", text) or re.search(r"[^\s@]+@[^\s@]+\.\w{2,}", text):
        raise invalid("The text holds HTML or an e-mail address.")
    if not text and not call.get("attachments"):
        raise invalid("The message is empty.")
    for file in call.get("attachments", ()):
        if not _uploaded(state, file["uploadDestinationId"], f"messaging/v1/orders/{order.order_id}/messages/{kind}"):
            raise invalid(f"Attachment with ID {file['uploadDestinationId'][:40]} does not exist.")
    order.sent.append(kind)
    state.record(operation_id, order.order_id)
    return {}


def _uploaded(state: State, identifier: str, resource: str) -> bool:
    """Whether a file was uploaded for exactly this message, or lies ready for practice."""
    made_for, path = state.destinations.get(identifier, ("", ""))
    file = state.storage.file(path)
    return identifier in state.uploads or (made_for == resource and file is not None and file.content is not None)


def _order(state: State, call: dict[str, Any]) -> Order:
    return state.order_in(call["amazonOrderId"], call["marketplaceIds"])


_MESSAGES = {
    "confirmCustomizationDetails": "confirmCustomizationDetails",
    "createConfirmDeliveryDetails": "confirmDeliveryDetails",
    "createLegalDisclosure": "legalDisclosure",
    "createConfirmOrderDetails": "confirmOrderDetails",
    "createConfirmServiceDetails": "confirmServiceDetails",
    "CreateAmazonMotors": "amazonMotors",
    "CreateWarranty": "warranty",
    "createDigitalAccessKey": "digitalAccessKey",
    "createUnexpectedProblem": "unexpectedProblem",
    "createNegativeFeedbackRemoval": "negativeFeedbackRemoval",
    "sendInvoice": "invoice",
}
"""The operation that sends a message -> the end of its path, which is the kind of the message."""

ANSWERS = {
    "getMessagingActionsForOrder": get_messaging_actions,
    "GetAttributes": get_attributes,
    **{name: partial(send, operation_id=name, kind=kind) for name, kind in _MESSAGES.items()},
}
"""How each operation is answered, by Amazon's name for it."""
