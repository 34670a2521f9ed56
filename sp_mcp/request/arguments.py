"""Reading a call's arguments, and saying everything that is wrong with them at once.

Nothing the caller wrote is repeated, apart from short names: a problem may end up in a log or a transcript.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from sp_mcp.fields import IF_REFUSED, SOFT, TOO_LARGE, is_too_large, model_in
from sp_mcp.operation import RequestModel
from sp_mcp.text import folded_name, shown

M = TypeVar("M", bound=RequestModel)

_MOST_LINES = 25


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `path` leads to it, such as `items[0].netCost`, empty for the whole call."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" if self.path else self.text


@dataclass(frozen=True)
class Reading(Generic[M]):
    """Arguments that were read.

    `wire` is what to send, in Amazon's names and values. `call` is the model, or None where only Amazon's
    sandbox may see these arguments; `warnings` then says what is wrong with them.
    """

    wire: dict[str, Any] = dataclasses.field(repr=False)
    call: M | None = dataclasses.field(repr=False)
    warnings: tuple[Problem, ...] = ()


class InvalidArguments(Exception):
    """The arguments cannot be used. `problems` holds the first ones, `more` is the number of others."""

    def __init__(self, problems: list[Problem], more: int = 0) -> None:
        super().__init__(f"{len(problems) + more} problems")
        self.problems = problems
        self.more = more

    @property
    def lines(self) -> list[str]:
        """One line for each problem; very many end with a count."""
        lines = [str(problem) for problem in self.problems]
        return [*lines, f"… and {self.more} more"] if self.more else lines


def read(
    model: type[M],
    arguments: Mapping[str, Any],
    *,
    defaults: Mapping[str, Any],
    forgiven: Callable[[str], bool] | None = None,
) -> Reading[M]:
    """Check arguments against a request model.

    `defaults` fill in arguments that are left out. With `forgiven`, problems of the top-level arguments that it
    is true for become warnings, and so do those that concern no single one. Raises InvalidArguments.
    """
    if is_too_large(arguments):
        raise InvalidArguments([Problem("", f"the call {TOO_LARGE}")])
    given = {name: value for name, value in arguments.items() if value is not None}
    for name, value in defaults.items():
        if name in model.model_fields and given.get(name) in (None, "", []):
            given[name] = value
    warnings: list[str] | None = [] if forgiven else None
    try:
        call = model.model_validate(given, context={SOFT: warnings})
    except ValidationError as error:
        entries = error.errors(include_url=False)
        serious = [e for e in entries if not (forgiven and (not e["loc"] or forgiven(str(e["loc"][0]))))]
        first = [_problem(model, entry) for entry in (serious or entries)[:_MOST_LINES]]
        if serious:
            raise InvalidArguments(first, len(serious) - len(first)) from None
        # Amazon matches such cases letter by letter, so they are passed on as they were given.
        return Reading(given, None, tuple(first))
    wire = call.model_dump(mode="json", by_alias=True, exclude_none=True)
    return Reading(wire, call, tuple(Problem("", text) for text in warnings or ()))


def _problem(model: type[BaseModel], entry: Any) -> Problem:
    path, field, owner = _resolve(model, entry["loc"])
    kind, context = entry["type"], dict(entry.get("ctx", {}))
    if isinstance(entry["input"], str):
        context["length"] = len(entry["input"])
    if kind == "extra_forbidden":
        return Problem(path, _unknown(str(entry["loc"][-1]), owner, model))
    if kind == "missing":
        return Problem(path, f"required{_hint(field)}")
    text = _TEXTS[kind].format_map(_Limits(context)) if kind in _TEXTS else None
    if kind == "string_too_short" and context.get("min_length") == 1:
        text = "must not be empty"
    elif kind == "value_error":
        text = str(context.get("error", "is not valid"))
    elif kind == "string_pattern_mismatch":
        text = "does not have the right form" + _example(field)
    elif kind.endswith(("_type", "_parsing")) or kind == "model_attributes_type":
        text = _TYPES.get(kind, "has the wrong type") + (_members(field) or _example(field))
    elif kind == "literal_error" and " or " not in str(context.get("expected")):
        text = f"must be {context['expected']}"
    advice = _extra(field, IF_REFUSED)
    return Problem(path, f"{text or 'is not valid'}. {advice}" if advice else text or "is not valid")


def _resolve(model: type[BaseModel], location: tuple[Any, ...]) -> tuple[str, FieldInfo | None, type[BaseModel]]:
    """Path as text, the field it leads to, and the model that owns the last name."""
    path, field, owner = "", None, model
    current: type[BaseModel] | None = model
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
            continue
        if current is None:
            continue  # pydantic's own markers behind a leaf
        owner = current
        field = current.model_fields.get(part)
        path += ("." if path else "") + shown(part, 60)
        current = model_in(field.annotation) if field is not None else None
    return path, field, owner


def _unknown(name: str, owner: type[BaseModel], model: type[BaseModel]) -> str:
    """What to say of a name that `owner`, somewhere in `model`, does not know."""
    known = list(owner.model_fields)
    folded = folded_name(name[:80])
    if here := next((candidate for candidate in known if folded_name(candidate) == folded), None):
        return f"unknown; did you mean {here}?"
    if elsewhere := next((path for path in _paths(model) if folded_name(path.rsplit(".", 1)[-1]) == folded), None):
        return f"unknown here; it belongs to {elsewhere}"
    if near := difflib.get_close_matches(name[:80], known, n=1, cutoff=0.6):
        return f"unknown; did you mean {near[0]}?"
    return f"unknown; known here: {', '.join(known)}" if known else "unknown; this tool takes no arguments"


def _paths(model: type[BaseModel], before: str = "", within: tuple[type[BaseModel], ...] = ()) -> Iterator[str]:
    """The paths of all fields at every depth, the shallow ones first; a model inside itself is not gone into again."""
    yield from (f"{before}{name}" for name in model.model_fields)
    for name, field in model.model_fields.items():
        inner = model_in(field.annotation)
        if inner is not None and inner is not model and inner not in within:
            mark = "[]" if _is_list(field.annotation) else ""
            yield from _paths(inner, f"{before}{name}{mark}.", (*within, model))


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_is_list(arm) for arm in get_args(annotation))


def _members(field: FieldInfo | None) -> str:
    """The end of a sentence, " with a, b": the names an object, or each object of a list, must have. Or ""."""
    model = model_in(field.annotation) if field is not None else None
    if field is None or model is None:
        return ""
    needed = [name for name, inner in model.model_fields.items() if inner.is_required()] or list(model.model_fields)
    return f"{' of objects' if _is_list(field.annotation) else ''} with {', '.join(needed)}"


def _extra(field: FieldInfo | None, key: str) -> str:
    extra = field.json_schema_extra if field is not None else None
    return str(extra.get(key) or "") if isinstance(extra, dict) else ""


def _hint(field: FieldInfo | None) -> str:
    members = _members(field)
    kind = f", a list{members}" if members.startswith(" of") else f", an object{members}" if members else ""
    source = _extra(field, "source")
    return kind + _example(field) + (f"; take it from {source}" if source else "")


def _example(field: FieldInfo | None) -> str:
    example = _extra(field, "example")
    return f", e.g. {example}" if example else ""


class _Limits(dict[str, Any]):
    """Numbers for a sentence, as people write them."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        super().__init__({k: f"{v:g}" if isinstance(v, float) else v for k, v in context.items()})

    def __missing__(self, key: str) -> str:
        return "…"


_TEXTS = {
    "string_too_long": "at most {max_length} characters; this has {length}",
    "string_too_short": "at least {min_length} characters",
    "too_long": "has {actual_length} entries; at most {max_length}",
    "too_short": "has {actual_length} entries; at least {min_length}",
    "literal_error": "must be one of {expected}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "finite_number": "must be a finite number",
    "string_unicode": "holds half a character",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is too large a number",
}
_TYPES = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
}
