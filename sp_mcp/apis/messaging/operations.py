"""The operations of Messaging, and what a person is asked before each message."""

from __future__ import annotations

from sp_mcp.apis.messaging import requests, responses
from sp_mcp.operation import Effect, Operation, ResponseModel
from sp_mcp.quota.bucket import Rate
from sp_mcp.wording import Question, quoted, shown

_RATE = Rate(1, 5)
_ROLE = "the role Buyer Communication and a seller's account"
_ACTIONS = "messaging_get_messaging_actions_for_order"

_ADVICE = {
    "Unauthorized": "For a message this mostly means that Amazon does not permit its kind for this order now: "
    f"see {_ACTIONS}. Otherwise the application lacks the role Buyer Communication.",
    "InvalidInput": "Check the text (plain, the buyer's language, no e-mail address) and that each attachment was "
    "uploaded for exactly this message of this order.",
    "NotFound": "No such order in this marketplace.",
    "ResourceNotFound": "No such order in this marketplace.",
}


def _read(
    operation_id: str,
    path: str,
    title: str,
    description: str,
    response: type[ResponseModel],
    proof: tuple[str, ...],
) -> Operation:
    return Operation(
        api="messaging",
        operation_id=operation_id,
        method="GET",
        path=f"/messaging/v1/orders/{{amazonOrderId}}{path}",
        title=title,
        description=description,
        request=requests.OrderRequest,
        response=response,
        rate=_RATE,
        role=_ROLE,
        effect=Effect.READS,
        accept="application/hal+json, application/json",
        proof=proof,
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
    """A message to a buyer. `kind` completes “message about …”; `purpose` says when to use it.

    `offered_as` is its name in the list of permitted messages, where that is not the end of its path.
    """

    def ask(call: requests.OrderRequest) -> Question:
        return _ask_to_send(call, kind)

    fields = request.model_fields
    carries = " and ".join(what for what, name in (("text", "text"), ("files", "attachments")) if name in fields)
    description = (
        f"{purpose} Carries {carries}{'' if ' and ' in carries else ' only'}. Only if {_ACTIONS} offers "
        f"{offered_as or path}. Returns {{}} when accepted. Needs consent. Cannot be recalled."
    )
    if removed:
        description = f"Removed from Amazon's API on {removed}; expect a refusal. {purpose} Needs consent."
    return Operation(
        api="messaging",
        operation_id=operation_id,
        method="POST",
        path=f"/messaging/v1/orders/{{amazonOrderId}}/messages/{path}",
        title=f"Message: {kind}" + (" (removed by Amazon)" if removed else ""),
        description=description,
        request=request,
        response=responses.MessageAccepted,
        # sendInvoice has no usage plan in the model; Amazon's SDK uses the same 1 and 5 (sp-api-facts 1.20).
        rate=_RATE,
        role=_ROLE,
        effect=Effect.CHANGES,
        success=201,
        accept="application/hal+json, application/json",
        question=ask,
        afterword=_accepted,
        outcome_note="Messages cannot be read back, so nobody can check; a repeated call may reach the buyer a second "
        "time. A person should decide.",
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
        "Lists the kinds of message Amazon permits for an order right now. Call it before any message. "
        "Returns _links.actions with their names.",
        responses.GetMessagingActionsForOrderResponse,
        ("_links", "_embedded"),
    ),
    _read(
        "GetAttributes",
        "/attributes",
        "Get buyer's language",
        "Shows the language the buyer reads. Call it before writing a text. Returns buyer.locale, e.g. en-US.",
        responses.GetAttributesResponse,
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
        "Tells the buyer when the order arrives, or arranges the delivery.",
        requests.CreateConfirmDeliveryDetailsRequest,
    ),
    _message(
        "createLegalDisclosure",
        "legalDisclosure",
        "legal disclosure",
        "Sends the buyer documents the law requires, and nothing else.",
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
