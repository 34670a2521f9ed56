"""What of a call may be kept: its arguments without what is private, what it is about, and what makes it another.

Which is which is declared on the request model's fields (see fields.argument). What a model does not know, as
Amazon's sandbox may be sent, counts as private.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sp_mcp.fields import PRIVATE, SUBJECT, VOLATILE, is_marked, model_in
from sp_mcp.text import counted

_LONGEST = 255
"""Characters of a value that are kept; longer ones are texts of some kind."""


def redacted(model: type[BaseModel], wire: Mapping[str, Any]) -> dict[str, Any]:
    """`wire` with `[redacted, 12 characters]` for every private value, and without names that the model lacks."""
    return {
        name: _redacted_value(field, value)
        for name, value in wire.items()
        if (field := model.model_fields.get(name)) is not None
    }


def subjects(model: type[BaseModel], wire: Mapping[str, Any]) -> list[str]:
    """The values of all fields that say what the call is about, each once, in their order."""
    return list(dict.fromkeys(_subjects(model, wire)))


def dedup_key(model: type[BaseModel] | None, wire: Any) -> Any:
    """`wire` without when it was called: what is equal for two calls of which the second repeats the first."""
    if isinstance(wire, list):
        return [dedup_key(model, item) for item in wire]
    if not isinstance(wire, Mapping) or model is None:
        return wire
    fields = model.model_fields
    return {
        name: dedup_key(model_in(fields[name].annotation) if name in fields else None, value)
        for name, value in wire.items()
        if name not in fields or not is_marked(fields[name], VOLATILE)
    }


def _redacted_value(field: FieldInfo, value: Any) -> Any:
    if is_marked(field, PRIVATE):
        return _blank(value)
    inner = model_in(field.annotation)
    return _walk(inner, value)


def _walk(model: type[BaseModel] | None, value: Any) -> Any:
    if isinstance(value, list):
        return [_walk(model, item) for item in value]
    if isinstance(value, Mapping):
        return _blank(value) if model is None else redacted(model, value)
    # Where an object belongs, anything else is not what the model describes.
    if model is not None or (isinstance(value, str) and len(value) > _LONGEST):
        return _blank(value)
    return value


def _blank(value: Any) -> str:
    return f"[redacted, {counted(len(value), 'character')}]" if isinstance(value, str) else "[redacted]"


def _subjects(model: type[BaseModel], value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _subjects(model, item)
    if not isinstance(value, Mapping):
        return
    for name, field in model.model_fields.items():
        given = value.get(name)
        if is_marked(field, SUBJECT) and isinstance(given, str):
            yield given[:_LONGEST]
        elif (inner := model_in(field.annotation)) is not None:
            yield from _subjects(inner, given)
