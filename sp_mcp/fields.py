"""Building blocks for request models: how an argument is described, and how leniently it is read."""

from __future__ import annotations

import json
import re
import types
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints, ValidationInfo
from pydantic import field_validator as _field_validator
from pydantic.fields import FieldInfo

from sp_mcp.regions import MARKETPLACES

LONGEST = 1000
"""Limit of text for which Amazon documents none, in characters. Ours: nothing real is longer."""

LONGEST_TOKEN = 8192
"""The same for page tokens, which are opaque."""


SUBJECT, PRIVATE, VOLATILE, UNTRUSTED = "subject", "private", "volatile", "untrusted"
"""Marks of a field, in what pydantic calls its extra schema; no client sees them."""

IF_REFUSED = "if_refused"
"""Key of what to do about a value that is refused, in the same extra schema."""

SOFT = "soft"
"""Key of the validation context: a list that takes warnings where a check is not to be enforced, or None."""


MOST_VALUES = 50_000
TOO_LARGE = f"is too large: more than {MOST_VALUES} values, or nested more than 50 deep"


def is_too_large(value: Any) -> bool:
    """Whether a JSON value is more than any call needs, so that checking it would only cost time."""
    level, seen = [value], 0
    for _ in range(50):
        seen += len(level)
        if not level or seen > MOST_VALUES:
            break
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(level)


def object_to(problem: str, info: ValidationInfo) -> None:
    """Refuse because of `problem`, or only warn where the validation context says so."""
    warnings = (info.context or {}).get(SOFT)
    if warnings is None:
        raise ValueError(problem)
    warnings.append(problem)


def argument(
    what: str,
    *,
    example: str | None = None,
    source: str | None = None,
    default: Any = ...,
    subject: bool = False,
    private: bool = False,
    volatile: bool = False,
    if_refused: str | None = None,
    **limits: Any,
) -> Any:
    """A field of a request model. `source` says where the value comes from, mostly a tool's name.

    `subject` marks what a call is about, such as an order's number: changes can be found by it in the ledger.
    `private` marks what is never kept there: words to a buyer, names of files, addresses, tax numbers. `volatile`
    marks what differs each time a call is made, such as when: with another value it still counts as the same call.
    `if_refused` says what to do about a value that is refused, where the limit alone does not.
    """
    parts = [what.rstrip(".")]
    if example:
        parts.append(f"e.g. {example}")
    description = ", ".join(parts) + "."
    if source:
        description += f" From {source}."
    return Field(
        default,
        description=description,
        json_schema_extra={
            "source": source or "",
            "example": example or "",
            **({SUBJECT: True} if subject else {}),
            **({PRIVATE: True} if private else {}),
            **({VOLATILE: True} if volatile else {}),
            **({IF_REFUSED: if_refused} if if_refused else {}),
        },
        **limits,
    )


# ASCII: elsewhere \d means the digits of every script.
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)


def _timestamp(value: str) -> str:
    if not _TIMESTAMP.fullmatch(value):
        raise ValueError("must be a date with a time, such as 2026-05-01T00:00:00Z")
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("is not a day and time that exists") from None
    return value


def instant(timestamp: str) -> datetime:
    """A checked timestamp as an instant; one without a zone counts as UTC."""
    parsed = datetime.fromisoformat(timestamp)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _no_country(value: str) -> str:
    for identifier, marketplace in MARKETPLACES.items():
        if value == marketplace.country:
            raise ValueError(f"is a country code; the marketplace of {marketplace.name} is {identifier}")
    return value


def _one_marketplace(value: Any) -> Any:
    # The wire wants a list of exactly one; a lone id is what people and models write.
    return [value] if isinstance(value, str) and not value.lstrip().startswith("[") else value


# A path parameter must stay one segment: no slash, no dot segments, nothing that needs encoding.
_SEGMENT = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"

# The same for ids that hold dots; never dots alone.
_DOTTED = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"

Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
Timestamp = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_timestamp),
    Field(json_schema_extra={"format": "date-time"}),
]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=255)]
PathSegment = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=_SEGMENT)]
PageToken = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TOKEN)]
DottedSegment = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=_DOTTED)]
UntrustedText = Annotated[str | None, Field(json_schema_extra={UNTRUSTED: True})]
"""Text in an answer that a buyer or another stranger wrote."""

MarketplaceId = Annotated[
    str, StringConstraints(min_length=1, max_length=255, pattern=r"^[A-Z0-9]+$"), AfterValidator(_no_country)
]
OneMarketplaceId = Annotated[list[MarketplaceId], BeforeValidator(_one_marketplace), Field(min_length=1, max_length=1)]
UpTo25MarketplaceIds = Annotated[
    list[MarketplaceId], BeforeValidator(_one_marketplace), Field(min_length=1, max_length=25)
]
UpTo50MarketplaceIds = Annotated[
    list[MarketplaceId], BeforeValidator(_one_marketplace), Field(min_length=1, max_length=50)
]


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a field's annotation leads to, through options and lists; None where it leads to none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType, list):
        return next((found for arm in get_args(annotation) if (found := model_in(arm))), None)
    return None


def is_marked(field: FieldInfo, mark: str) -> bool:
    """Whether a field has one of the marks that `argument` gives."""
    extra = field.json_schema_extra
    return isinstance(extra, dict) and bool(extra.get(mark))


@cache
def _kind(model: type[BaseModel], name: str) -> tuple[str, tuple[str, ...]]:
    """What JSON a field wants (object, array, number, boolean, enum, text) and an enum's values."""
    annotation: Any = model.model_fields[name].annotation
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(arm for arm in get_args(annotation) if arm is not type(None))
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is list:
        return "array", ()
    if get_origin(annotation) is Literal:
        return "enum", tuple(str(value) for value in get_args(annotation))
    if isinstance(annotation, type):
        if issubclass(annotation, BaseModel):
            return "object", ()
        if issubclass(annotation, bool):
            return "boolean", ()
        if issubclass(annotation, int | float):
            return "number", ()
    return "text", ()


def _read(model: type[BaseModel], value: Any, info: ValidationInfo) -> Any:
    """Accept what a careful reader would: JSON in a string, any casing of an enum; but no true for 1."""
    assert info.field_name is not None
    kind, choices = _kind(model, info.field_name)
    if kind == "number" and isinstance(value, bool):
        raise ValueError("must be a number, not true or false")
    if not isinstance(value, str):
        return value
    if kind == "enum":
        return next((choice for choice in choices if choice.casefold() == value.casefold()), value)
    if kind in ("object", "array") and value.lstrip()[:1] in ("{", "["):
        try:
            parsed = json.loads(value)
        except (ValueError, RecursionError):
            return value
        if is_too_large(parsed):
            raise ValueError(TOO_LARGE)
        return parsed
    return value


read_leniently = _field_validator("*", mode="before")(classmethod(_read))
"""A validator for every field of a request model; assign it inside the class."""
