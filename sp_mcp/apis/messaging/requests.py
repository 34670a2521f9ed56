"""Arguments of Messaging.

Amazon's model file marks no field of a message's body as required and writes the limits of attachments as
`maxLength` of an array. These models require what each message needs and limit the number of files
(docs/facts/messaging.md#required-fields, docs/facts/messaging.md#attachments).
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints, model_validator

from sp_mcp.fields import OneMarketplaceId, PathSegment, Text, Timestamp, argument
from sp_mcp.operation import RequestModel

_LOCALE = "messaging_get_attributes"
# Only tags and entities that people write, so that "a < b > c" and a link's "&copy=1" are not taken for HTML.
_TAGS = (
    "a|b|i|u|p|s|br|hr|em|h[1-6]|div|img|span|font|html|body|head|link|meta|table|t[dhr]|[ou]l|li|script|style|strong"
)
_MARKUP = re.compile(
    rf"</?({_TAGS})(\s+[\w-]+\s*=[^<>]*)?\s*/?>|<!--|&(#\d+|#x[0-9a-f]+|amp|lt|gt|quot|nbsp);", re.IGNORECASE
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,}")


def _plain(text: str) -> str:
    if _MARKUP.search(text):
        raise ValueError("must be plain text; Amazon does not allow HTML")
    if _EMAIL.search(text):
        raise ValueError("must not hold an e-mail address; Amazon does not allow one")
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _no_url(value: str) -> str:
    # Anybody who reads a presigned URL can use it, so it must not go into a message.
    if "://" in value:
        raise ValueError("is a URL; give the uploadDestinationId that messaging_upload_attachment returned")
    return value


Plain = AfterValidator(_plain)
Text400 = Annotated[str, StringConstraints(min_length=1, max_length=400), Plain]
Text800 = Annotated[str, StringConstraints(min_length=1, max_length=800), Plain]
Text2000 = Annotated[str, StringConstraints(min_length=1, max_length=2000), Plain]

_WORDS = f"Plain text in the language that {_LOCALE} shows, without HTML or e-mail addresses"
_EXAMPLE = "“It arrives on Monday”"
_TEXT = argument(_WORDS, example=_EXAMPLE, private=True)
_OPTIONAL_TEXT = argument(_WORDS, example=_EXAMPLE, default=None, private=True)


class Attachment(RequestModel):
    uploadDestinationId: Annotated[Text, AfterValidator(_no_url)] = argument(
        "Id of a file uploaded for this message", source="messaging_upload_attachment"
    )
    fileName: Text = argument("Name the buyer sees", example="invoice.pdf", private=True)


def _attachments(least: int) -> Any:
    what = "PDF, Word, text, JPG, GIF or PNG files"
    if least:
        return argument(what, min_length=least, max_length=5)
    return argument(what, default=None, max_length=5)


class OrderRequest(RequestModel):
    """The arguments that every messaging operation has."""

    amazonOrderId: PathSegment = argument("Amazon order id", example="902-1234567-1234567", subject=True)
    marketplaceIds: OneMarketplaceId = argument("The order's marketplace", example='["ATVPDKIKX0DER"] (US)')


class TextOrFiles(OrderRequest):
    @model_validator(mode="after")
    def _not_empty(self) -> TextOrFiles:
        if not getattr(self, "text", None) and not getattr(self, "attachments", None):
            raise ValueError("give text, attachments or both")
        return self


class CreateConfirmCustomizationDetailsRequest(TextOrFiles):
    text: Text800 | None = _OPTIONAL_TEXT
    attachments: list[Attachment] | None = _attachments(0)


class CreateConfirmDeliveryDetailsRequest(OrderRequest):
    text: Text2000 = _TEXT


class CreateLegalDisclosureRequest(OrderRequest):
    attachments: list[Attachment] = _attachments(1)


class CreateConfirmOrderDetailsRequest(OrderRequest):
    text: Text2000 = _TEXT


class CreateConfirmServiceDetailsRequest(OrderRequest):
    text: Text2000 = _TEXT


class CreateAmazonMotorsRequest(OrderRequest):
    attachments: list[Attachment] = _attachments(1)


class CreateWarrantyRequest(OrderRequest):
    attachments: list[Attachment] = _attachments(1)
    coverageStartDate: Timestamp | None = argument("When the warranty begins", default=None)
    coverageEndDate: Timestamp | None = argument("When the warranty ends", default=None)


class CreateDigitalAccessKeyRequest(TextOrFiles):
    text: Text400 | None = _OPTIONAL_TEXT
    attachments: list[Attachment] | None = _attachments(0)


class CreateUnexpectedProblemRequest(OrderRequest):
    text: Text2000 = _TEXT


class CreateNegativeFeedbackRemovalRequest(OrderRequest):
    """This message has no body: Amazon writes the text."""


class InvoiceRequest(OrderRequest):
    attachments: list[Attachment] = _attachments(1)
