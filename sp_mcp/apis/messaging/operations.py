"""The operations of Messaging, and the question a person answers before each message."""

from __future__ import annotations

from typing import Any

from sp_mcp.apis.messaging import requests, responses
from sp_mcp.endpoint import Effect, Endpoint, Rate
from sp_mcp.operation import Example, Operation, ResponseModel
from sp_mcp.question import Question
from sp_mcp.text import quoted, shown

_RATE = Rate(1, 5)
_ROLE = "the role Buyer Communication and a seller's account"
_HAL = "application/hal+json, application/json"
_EXAMPLE = {"amazonOrderId": "902-1234567-1234567", "marketplaceIds": ["ATVPDKIKX0DER"]}
_CONTENT = {
    "text": "Your parcel arrives on Thursday.",
    "attachments": [{"uploadDestinationId": "upload-1", "fileName": "invoice.pdf"}],
    "coverageStartDate": "2026-05-04T00:00:00Z",
}
_ACTIONS = "messaging_get_messaging_actions_for_order"

_ADVICE = {
    "Unauthorized": "For a message this usually means that Amazon does not permit its kind for this order now: "
    f"{_ACTIONS} lists the permitted kinds. If it lists this one, the application probably lacks the role Buyer "
    "Communication.",
    "InvalidInput": "Check that the text is plain, in the buyer's language and without e-mail addresses, and that "
    "each attachment was uploaded for exactly this message of this order.",
    "NotFound": "Amazon knows no such order in this marketplace.",
    "ResourceNotFound": "Amazon knows no such order in this marketplace.",
}


def _read(
    operation_id: str,
    path: str,
    title: str,
    description: str,
    response: type[ResponseModel],
    answer: dict[str, Any],
    proof: tuple[str, ...],
) -> Operation:
    return Operation(
        api="messaging",
        operation_id=operation_id,
        title=title,
        description=description,
        endpoint=Endpoint(
            method="GET",
            path=f"/messaging/v1/orders/{{amazonOrderId}}{path}",
            rate=_RATE,
            effect=Effect.READS,
            accept=_HAL,
            proof=proof,
        ),
        request=requests.OrderRequest,
        response=response,
        role=_ROLE,
        example=Example(_EXAMPLE, answer),
        advice=_ADVICE,
    )


def _message(
    operation_id: str,
    path: str,
    kind: str,
    purpose: str,
    request: type[requests.OrderRequest],
    *,
    offered_as: str | None = None,
    removed: str | None = None,
) -> Operation:
    """Returns the operation of one message. `kind` names the message in its title; `purpose` says when to use it.

    `offered_as` is its name in the list of permitted messages, if that differs from `path`. `removed` is the day on
    which Amazon removed it.
    """

    def ask(call: requests.OrderRequest) -> Question:
        return _ask_to_send(call, kind)

    fields = request.model_fields
    carries = " or ".join(what for what, name in (("text", "text"), ("files", "attachments")) if name in fields)
    description = (
        f"{purpose} Takes {carries}{' or both' if ' or ' in carries else ' only'}. Call it only if {_ACTIONS} lists "
        f"`{offered_as or path}`. Returns {{}} when Amazon accepts it. Needs consent. It cannot be recalled."
    )
    if removed:
        description = (
            f"Amazon removed this message from its API on {removed}; expect a refusal. {purpose} Needs consent."
        )
    return Operation(
        api="messaging",
        operation_id=operation_id,
        title=f"Message: {kind}" + (" (removed by Amazon)" if removed else ""),
        description=description,
        endpoint=Endpoint(
            method="POST",
            path=f"/messaging/v1/orders/{{amazonOrderId}}/messages/{path}",
            # sendInvoice has no usage plan in the model; Amazon's SDK uses the same 1 and 5
            # (docs/facts/messaging.md#rates).
            rate=_RATE,
            effect=Effect.CHANGES,
            success=201,
            accept=_HAL,
            locations={"marketplaceIds": ("query",)},
        ),
        request=request,
        response=responses.MessageAccepted,
        role=_ROLE,
        example=Example(_EXAMPLE | {name: value for name, value in _CONTENT.items() if name in fields}),
        question=ask,
        success_note=_accepted,
        outcome_note="No tool can read messages back, so the outcome cannot be checked. A repeated call may send the "
        "buyer the message a second time. Let the person decide.",
        advice=_ADVICE,
        removed=removed,
    )


def _accepted(call: requests.OrderRequest, _: responses.MessageAccepted) -> str:
    return f"Amazon accepted the message to the buyer of order {shown(call.amazonOrderId)}."


def _ask_to_send(call: requests.OrderRequest, kind: str) -> Question:
    facts = []
    if text := getattr(call, "text", None):
        facts.append(f"Text: {quoted(text)}")
    if start := getattr(call, "coverageStartDate", None):
        facts.append(f"Cover begins: {shown(start)}")
    if end := getattr(call, "coverageEndDate", None):
        facts.append(f"Cover ends: {shown(end)}")
    if files := getattr(call, "attachments", None):
        named = (f"{shown(file.fileName)} (upload {shown(file.uploadDestinationId, 60)})" for file in files)
        facts.append(f"Attached: {', '.join(named)}")
    return Question(
        f"Send the buyer of order {shown(call.amazonOrderId)} a message ({kind})?",
        tuple(facts),
        "Amazon delivers it to the buyer. It cannot be recalled, changed or read back.",
        call.marketplaceIds[0],
    )


OPERATIONS = (
    _read(
        "getMessagingActionsForOrder",
        "",
        "List permitted messages",
        "Lists the kinds of message that Amazon permits for an order now. Call it before you send a message. Returns "
        "their names in `_links.actions`.",
        responses.GetMessagingActionsForOrderResponse,
        {"_links": {"self": {"href": "/"}, "actions": []}},
        ("_links", "_embedded"),
    ),
    _read(
        "GetAttributes",
        "/attributes",
        "Get buyer's language",
        "Shows the language of the buyer. Call it before you write a text. Returns `buyer.locale`, e.g. en-US.",
        responses.GetAttributesResponse,
        {"buyer": {"locale": "en-US"}},
        ("buyer",),
    ),
    _message(
        "confirmCustomizationDetails",
        "confirmCustomizationDetails",
        "customization",
        "Asks the buyer to confirm or send details of a customized product.",
        requests.CreateConfirmCustomizationDetailsRequest,
    ),
    _message(
        "createConfirmDeliveryDetails",
        "confirmDeliveryDetails",
        "delivery",
        "Tells the buyer when the order arrives, or arranges the delivery with the buyer.",
        requests.CreateConfirmDeliveryDetailsRequest,
    ),
    _message(
        "createLegalDisclosure",
        "legalDisclosure",
        "legal disclosure",
        "Sends the buyer documents that the law requires, and no other documents.",
        requests.CreateLegalDisclosureRequest,
    ),
    _message(
        "createConfirmOrderDetails",
        "confirmOrderDetails",
        "order details",
        "Asks the buyer about the order before it ships.",
        requests.CreateConfirmOrderDetailsRequest,
    ),
    _message(
        "createConfirmServiceDetails",
        "confirmServiceDetails",
        "service details",
        "Arranges a home service call with the buyer.",
        requests.CreateConfirmServiceDetailsRequest,
    ),
    _message(
        "CreateAmazonMotors",
        "amazonMotors",
        "Amazon Motors",
        "Sends the buyer documents of an Amazon Motors order.",
        requests.CreateAmazonMotorsRequest,
        removed="2026-01-30",
    ),
    _message(
        "CreateWarranty",
        "warranty",
        "warranty",
        "Sends the buyer a warranty document.",
        requests.CreateWarrantyRequest,
    ),
    _message(
        "createDigitalAccessKey",
        "digitalAccessKey",
        "digital access key",
        "Sends the buyer the key of a digital product.",
        requests.CreateDigitalAccessKeyRequest,
    ),
    _message(
        "createUnexpectedProblem",
        "unexpectedProblem",
        "unexpected problem",
        "Tells the buyer about a problem with fulfilling the order.",
        requests.CreateUnexpectedProblemRequest,
    ),
    _message(
        "createNegativeFeedbackRemoval",
        "negativeFeedbackRemoval",
        "feedback removal",
        "Asks the buyer to remove negative feedback; the text is Amazon's.",
        requests.CreateNegativeFeedbackRemovalRequest,
        removed="2025-08-04",
    ),
    _message(
        "sendInvoice",
        "invoice",
        "invoice",
        "Sends the buyer an invoice.",
        requests.InvoiceRequest,
        offered_as="sendInvoice",
    ),
)
