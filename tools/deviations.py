"""Where sp-mcp deliberately says something else than Amazon's model files, and why.

tools/check_conformance.py finds the differences; each must be explained here, and each reason must explain one.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

ANYTHING: Any = object()
"""Stands for every value in a reason."""


@dataclass(frozen=True)
class Difference:
    """One place where we and Amazon's model say different things."""

    operation: str
    place: str
    aspect: str
    amazon: Any
    ours: Any

    def __str__(self) -> str:
        return f"{self.operation} {self.place} {self.aspect}: Amazon {self.amazon!r}, ours {self.ours!r}"


@dataclass(frozen=True)
class Reason:
    """Why differences that match are meant.

    `operation`, `place` and `aspect` are patterns (`*` matches anything, `[` and `]` themselves). `amazon` and
    `ours` are exactly what both sides say.
    """

    operation: str
    place: str
    aspect: str
    why: str
    amazon: Any = ANYTHING
    ours: Any = ANYTHING

    def explains(self, difference: Difference) -> bool:
        """Whether this is the reason of that difference."""
        patterns = (
            (difference.operation, self.operation),
            (difference.place, self.place),
            (difference.aspect, self.aspect),
        )
        return (
            all(fnmatchcase(text, pattern.replace("[]", "[[]]")) for text, pattern in patterns)
            and self.amazon in (ANYTHING, difference.amazon)
            and self.ours in (ANYTHING, difference.ours)
        )


_SEGMENT = "^[A-Za-z0-9][A-Za-z0-9_-]*$"
_DOTTED = "^[A-Za-z0-9][A-Za-z0-9._-]*$"
_ACK = "submitAcknowledgement"
_LINE = "request.acknowledgements[].items[]"
_ANSWER = f"{_LINE}.itemAcknowledgements[]"

DELIBERATE = (
    # What the model file does not hold.
    Reason("createNegativeFeedbackRemoval", "", "operation", "removed by Amazon on 2025-08-04; kept and marked"),
    Reason("CreateAmazonMotors", "", "operation", "removed by Amazon on 2026-01-30; kept and marked"),
    Reason("sendInvoice", "", "rate", "no usage plan in the model; Amazon's SDK uses 1 and 5", (None, None), (1, 5)),
    # Text: limits where Amazon documents none.
    Reason("*", "request*", "minLength", "an empty text is never meant", None, 1),
    Reason("*", "request*", "maxLength", "text without a limit gets one, so that no megabyte travels", None, 1000),
    Reason("*", "request*", "maxLength", "ids without a limit get the one of Easy Ship's ids", None, 255),
    Reason("*", "request*", "maxLength", "no date or amount is longer", None, 40),
    Reason("*", "request.nextToken", "maxLength", "opaque, so the limit is generous", None, 8192),
    Reason(_ACK, "request*.currencyCode", "minLength", "ISO 4217 codes have three letters", None, 3),
    Reason(_ACK, "request*.countryCode", "minLength", "ISO 3166 codes have two letters", None, 2),
    # Text: its form.
    Reason("*", "request.*amazonOrderId", "pattern", "an order id is one segment of a path", None, _SEGMENT),
    Reason("getPurchaseOrder", "request.purchaseOrderNumber", "pattern", "one segment of a path", None, _SEGMENT),
    Reason(
        "*",
        "request.marketplaceId",
        "pattern",
        "capital letters and digits (docs/facts/sp-api.md#marketplaces)",
        None,
        "^[A-Z0-9]+$",
    ),
    Reason(
        "*",
        "request.marketplaceIds[]",
        "pattern",
        "capital letters and digits (docs/facts/sp-api.md#marketplaces)",
        None,
        "^[A-Z0-9]+$",
    ),
    Reason(_ACK, "request*.amount", "pattern", "the model has this pattern in words; its exponent is limited", None),
    Reason("*", "request*", "rule", "a date must exist; it is sent as it was given", None, "_timestamp"),
    Reason(
        "*", "request.text", "rule", "no HTML, e-mail address or blank text, as the model says in words", None, "_plain"
    ),
    # Files of a message.
    Reason("*", "request.attachments*", "rule", "the upload's URL is taken for its id easily", None, "_no_url"),
    Reason("*", "request.attachments", "minLength", "the model means minItems", 1, None),
    Reason("*", "request.attachments", "maxLength", "the model means maxItems", 5, None),
    Reason("*", "request.attachments", "minItems", "the model writes minLength, or this message is its files", None, 1),
    Reason("*", "request.attachments", "maxItems", "the model writes maxLength", None, 5),
    Reason("createLegalDisclosure", "request.attachments", "required", "this message is its files", False, True),
    Reason("CreateAmazonMotors", "request.attachments", "required", "this message is its files", False, True),
    Reason("CreateWarranty", "request.attachments", "required", "this message is its files", False, True),
    Reason("sendInvoice", "request.attachments", "required", "this message is its files", False, True),
    Reason("createConfirm*Details", "request.text", "required", "this message is its text", False, True),
    Reason("createUnexpectedProblem", "request.text", "required", "this message is its text", False, True),
    Reason("*", "request", "rule", "this message is its text, its files or both", None, "_not_empty"),
    Reason("*", "request.marketplaceIds", "minItems", "the model says in words: exactly one", None, 1),
    Reason("*", "request.marketplaceId*", "rule", "a country code is no id; the id is named", None, "_no_country"),
    # Easy Ship.
    Reason("*", "request*packageTimeSlot", "rule", "no listed slot ends before it starts", None, "_forward"),
    Reason(
        "listHandoverSlots",
        "request.packageDimensions.*",
        "required",
        "asked for anyway (docs/facts/easy-ship.md#size-and-weight)",
        False,
        True,
    ),
    Reason(
        "listHandoverSlots",
        "request.packageWeight.*",
        "required",
        "asked for anyway (docs/facts/easy-ship.md#size-and-weight)",
        False,
        True,
    ),
    Reason("createScheduledPackageBulk", "request.*List", "maxItems", "the answer holds 100 at most", None, 100),
    # Vendor Orders.
    Reason("getPurchaseOrders", "request.isPOChanged", "type", "sent as true or false", "string", "boolean"),
    Reason("getPurchaseOrders", "request.includeDetails", "type", "sent as true or false", "string", "boolean"),
    Reason(
        "getPurchaseOrders*", "request", "rule", "the model says in words: 7 days at most", None, "_short_and_forward"
    ),
    Reason(_ACK, "request.acknowledgements", "required", "an answer to nothing is never meant", False, True),
    Reason(_ACK, "request*", "minItems", "an empty list is never meant", None, 1),
    Reason(_ACK, "request.acknowledgements", "maxItems", "a person must be able to read what is asked", None, 100),
    Reason(_ACK, _LINE.removesuffix("[]"), "maxItems", "a person must be able to read what is asked", None, 1000),
    Reason(_ACK, _ANSWER.removesuffix("[]"), "maxItems", "a line is split in a few parts at most", None, 10),
    Reason(_ACK, f"{_LINE}.netCost", "required", "the model says so in words", False, True),
    Reason(_ACK, f"{_LINE}.netCost.amount", "required", "a line without is rejected later", False, True),
    Reason(_ACK, f"{_LINE}.netCost.currencyCode", "required", "a line without is rejected later", False, True),
    Reason(_ACK, f"{_LINE}.netCost.amount", "rule", "0 or less is rejected later", None, "_positive"),
    Reason(_ACK, "request*Quantity.*", "minimum", "quantities are not negative", None, 0),
    Reason(_ACK, "request*Quantity.*", "maximum", "no quantity needs more than 31 bits", None, 2**31 - 1),
    Reason(
        _ACK, _ANSWER, "rule", "nothing accepted of nothing, no reason to reject what is not", None, "_means_one_thing"
    ),
    Reason(
        _ACK,
        "request.acknowledgements[]",
        "rule",
        "two answers to a line contradict each other",
        None,
        "_each_line_once",
    ),
    Reason(_ACK, "request", "rule", "two answers to an order contradict each other", None, "_each_order_once"),
    Reason(_ACK, _LINE, "rule", "quantities cannot be increased; a line needs a name", None, "_no_more_than_ordered"),
    # Orders, and what goes with the three APIs.
    Reason("searchOrders", "request.maxResultsPerPage", "minimum", "the model says it in words", None, 1),
    Reason("searchOrders", "request.maxResultsPerPage", "maximum", "the model says it in words", None, 100),
    Reason("searchOrders", "request.paginationToken", "maxLength", "opaque, so the limit is generous", None, 8192),
    Reason("searchOrders", "request", "rule", "the model says in words: one window, forward", None, "_one_window"),
    Reason("getOrder", "request.orderId", "pattern", "one segment of a path", None, _SEGMENT),
    Reason("getTransaction", "request.transactionId", "pattern", "one segment of a path", None, _SEGMENT),
    Reason("get*", "request.*Id", "pattern", "one segment of a path; these ids hold dots", None, _DOTTED),
    Reason("createUploadDestinationForResource", "", "rate", "Amazon's SDK uses the lower", (10.0, 10), (5, 5)),
    Reason("createUploadDestinationForResource", "request.resource", "pattern", "segments of a path, and no way out"),
    Reason("createUploadDestinationForResource", "request.contentMD5", "pattern", "16 bytes in base64 look like this"),
    Reason(
        "createFeed", "request.feedType", "values", "other feeds change listings and prices, which no job here needs"
    ),
    Reason(
        "createFeed",
        "request.feedOptions",
        "names",
        "the options of this feed (docs/facts/documents.md#documents-of-easy-ship); the model takes any",
    ),
    Reason("*Feed*", "", "operation", "no job here needs it", ANYTHING, None),
    Reason("*Report*", "", "operation", "no job here needs it", ANYTHING, None),
    # The live service answers otherwise than the model says (docs/facts/messaging.md#shape-of-the-action-list).
    Reason(
        "get*ActionsForOrder",
        "response*.self",
        "type",
        "a list of links now and then",
        "object",
        "object or array",
    ),
    Reason(
        "get*ActionsForOrder",
        "response*.schema",
        "type",
        "a list of links now and then",
        "object",
        "object or array",
    ),
    Reason("get*ActionsForOrder", "response*.href", "type", "a list now and then", "string", "string or array"),
    Reason("get*ActionsForOrder", "response._embedded.actions[]", "names", "name and title are here"),
    Reason("get*ActionsForOrder", "response*._embedded.schema", "names", "it is the JSON schema itself"),
)
