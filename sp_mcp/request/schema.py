"""JSON schemas as a client sees them: short for arguments, permissive for answers.

tools/generate_tools.py writes them, and server/definitions.py reads what it wrote. Their form is one that every client
converts whole (docs/facts/mcp.md#schemas-that-clients-convert): no `additionalProperties`, no `const`, and a
description beside each `$ref` of an argument and inside each definition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from sp_mcp.fields import IF_REFUSED, LONGEST, LONGEST_TOKEN, PRIVATE, SUBJECT, UNTRUSTED, VOLATILE
from sp_mcp.operation import RequestModel, ResponseModel

Schema = dict[str, Any]

CONFIRMATION_CODE = "confirmationCode"

RESERVED: Schema = {
    "notes": {"type": ["array", "null"], "items": {"type": "string"}},
    "strangersText": {"type": ["array", "null"], "items": {"type": "string"}},
    "leftOut": {"type": ["object", "null"]},
    "preview": {"type": ["object", "null"]},
}
"""What this program adds to an answer of Amazon's (docs/architecture.md#results)."""

_FOR_US = (
    "title",
    "default",
    "source",
    "example",
    "additionalProperties",
    SUBJECT,
    PRIVATE,
    VOLATILE,
    UNTRUSTED,
    IF_REFUSED,
)
"""Keys that a reader of a schema does not need."""


class UndescribedDefinition(Exception):
    """A model is used twice in one request and has no docstring, which clients show instead of the field's words."""


def input_schema(request: type[RequestModel], *, changes: bool = False) -> Schema:
    """The arguments of a tool; one that `changes` something takes a confirmation code besides."""
    schema = _Cleaner(request.model_json_schema(), _argument).clean()
    required = schema.pop("required", [])
    properties = schema.setdefault("properties", {})
    if changes:
        properties[CONFIRMATION_CODE] = {
            "type": "string",
            "description": "The code from this call's preview. Use it only after the person has said yes.",
        }
    if required:
        schema["required"] = required
    schema.pop("description", None)
    for name, definition in schema.get("$defs", {}).items():
        if "description" not in definition:
            raise UndescribedDefinition(f"{request.__name__} uses {name} more than once: give {name} a docstring.")
    if "$defs" in schema:
        schema["$defs"] = schema.pop("$defs")
    return schema


def output_schema(response: type[ResponseModel]) -> Schema:
    """What a result's structured content looks like.

    Nothing is required, null is always possible and other properties are welcome: strict clients refuse a
    whole result that does not match, also when a change has already taken effect.
    """
    schema = _Cleaner(response.model_json_schema(by_alias=True), _answer).clean()
    definitions = schema.pop("$defs", None)
    schema = {"type": "object", **schema, "properties": {**schema.get("properties", {}), **RESERVED}}
    return {**schema, "$defs": definitions} if definitions else schema


class _Cleaner:
    """Makes pydantic's schema short: what is used once is written where it is used, the rest stays a definition.

    `simplify` changes one node, before what is in it is cleaned.
    """

    def __init__(self, schema: Schema, simplify: Callable[[Schema], Schema]) -> None:
        self._definitions: Schema = schema.pop("$defs", {})
        self._schema = schema
        self._simplify = simplify
        uses = Counter(_references([schema, self._definitions]))
        self._shared = {name for name in self._definitions if uses[name] > 1 or self._leads_to_itself(name)}

    def clean(self) -> Schema:
        cleaned: Schema = self._node(self._schema)
        # In the order in which a reader meets them.
        names = dict.fromkeys(_references([cleaned, *(self._definitions[name] for name in self._shared)]))
        shared = {name: self._node(self._definitions[name]) for name in names if name in self._shared}
        return {**cleaned, "$defs": shared} if shared else cleaned

    def _node(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self._node(item) for item in node]
        if not isinstance(node, dict):
            return node
        node = self._simplify(self._inlined(node))
        if "$ref" in node and _name(node) not in self._shared:
            return self._node(node)
        if "$ref" in node and "description" in self._simplify(self._definitions[_name(node)]):
            # A bare reference would cost strict clients the whole tool.
            node = {"description": self._definitions[_name(node)]["description"], **node}
        return {
            key: {name: self._node(sub) for name, sub in value.items()} if key == "properties" else self._node(value)
            for key, value in node.items()
            if key not in _FOR_US
        }

    def _inlined(self, node: Schema) -> Schema:
        """The node with its reference, or that of its only alternative to null, replaced by what is used once."""
        if "$ref" in node and _name(node) not in self._shared:
            # The words of the field go before those of the model.
            return {**self._definitions[_name(node)], **_without(node, "$ref")}
        if "anyOf" in node:
            return {**node, "anyOf": [self._inlined(arm) for arm in node["anyOf"]]}
        return node

    def _leads_to_itself(self, name: str) -> bool:
        seen: set[str] = set()
        ways = [self._definitions[name]]
        while ways:
            for found in _references(ways.pop()):
                if found == name:
                    return True
                if found not in seen:
                    seen.add(found)
                    ways.append(self._definitions[found])
        return False


def _references(node: Any) -> Iterator[str]:
    """The names of all definitions that are referred to, each time they are."""
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield _name(node)
        for value in node.values():
            yield from _references(value)


def _name(node: Schema) -> str:
    return str(node["$ref"]).rsplit("/", 1)[-1]


def _without(node: Schema, *names: str) -> Schema:
    return {key: value for key, value in node.items() if key not in names}


def _argument(node: Schema) -> Schema:
    """`anyOf [X, null]` becomes X, since leaving an argument out says the same; limits nobody meets are left out."""
    arms = [arm for arm in node.get("anyOf", []) if arm.get("type") != "null"]
    if len(arms) == 1:
        node = {**arms[0], **_without(node, "anyOf")}
    if "const" in node:
        node = {"enum": [node["const"]], **_without(node, "const")}
    return {key: value for key, value in node.items() if not (key in _QUIET and _QUIET[key](value))}


def _answer(node: Schema) -> Schema:
    """`anyOf [{type: X}, null]` becomes `type: [X, null]`, and descriptions are left out."""
    arms = node.get("anyOf", [])
    if len(arms) == 2 and arms[1] == {"type": "null"} and isinstance(arms[0].get("type"), str):
        node = {**_without(node, "anyOf"), **arms[0], "type": [arms[0]["type"], "null"]}
    return _without(node, "description")


_QUIET: dict[str, Callable[[Any], bool]] = {
    "minLength": lambda least: least <= 3,
    # The limits of texts for a buyer are shown; those of ids and codes are not.
    "maxLength": lambda most: most <= 64 or most in (255, LONGEST, LONGEST_TOKEN),
    "minItems": lambda least: least == 1,
    "maxItems": lambda most: most > 100,
    "minimum": lambda least: least == 0,
    "maximum": lambda most: most >= 2**31 - 1,
    "pattern": lambda _: True,
}
"""Limits that are refused when broken, but that nobody meets by accident: not worth a reader's time."""
