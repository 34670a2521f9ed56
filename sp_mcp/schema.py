"""JSON schemas as a client sees them: short for arguments, permissive for answers. They are not to be altered.

tools/generate_tools.py makes them, and listing.py reads what it wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sp_mcp.fields import LONGEST, LONGEST_TOKEN, MOMENT, PRIVATE, STRANGER, SUBJECT
from sp_mcp.operation import RequestModel, ResponseModel

CONFIRMATION_CODE = "confirmationCode"

_NO_NEWS = ("title", "default", "source", "example", SUBJECT, PRIVATE, MOMENT, STRANGER)


def input_schema(request: type[RequestModel], *, changes: bool = False) -> dict[str, Any]:
    """The arguments of a tool; one that `changes` something takes a confirmation code besides."""
    schema = _plain(request.model_json_schema(), inline=True)
    required = schema.pop("required", [])
    properties = schema.setdefault("properties", {})
    if changes:
        properties[CONFIRMATION_CODE] = {
            "type": "string",
            "description": "From this call's preview.",
        }
    if required:
        schema["required"] = required
    schema.pop("description", None)
    return schema


def output_schema(response: type[ResponseModel]) -> dict[str, Any]:
    """What a result's structured content looks like.

    Nothing is required, null is always possible and other properties are welcome: strict clients refuse a
    whole result that does not match, also when a change has already taken effect.
    """
    schema = _plain(response.model_json_schema(by_alias=True), inline=False)
    return {"type": "object", **schema}


def _plain(schema: dict[str, Any], *, inline: bool) -> dict[str, Any]:
    definitions = schema.pop("$defs", {})

    def clean(node: Any) -> Any:
        if isinstance(node, list):
            return [clean(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node and inline:
            target = definitions[node["$ref"].rsplit("/", 1)[-1]]
            node = {**{k: v for k, v in target.items() if k != "description"}, **_without(node, "$ref")}
        if inline:
            node = _drop_null(node)
            if "$ref" in node:
                return clean(node)
            _drop_quiet_limits(node)
        else:
            node = _without(_merge_null(node), "description")
            node.pop("additionalProperties", None)
        return {
            key: {name: clean(sub) for name, sub in value.items()} if key == "properties" else clean(value)
            for key, value in node.items()
            if key not in _NO_NEWS or isinstance(value, dict)
        }

    cleaned: dict[str, Any] = clean(schema)
    if not inline and definitions:
        cleaned["$defs"] = {name: clean(definition) for name, definition in definitions.items()}
    return cleaned


def _without(node: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key not in names}


def _drop_null(node: dict[str, Any]) -> dict[str, Any]:
    """`anyOf [X, null]` becomes X: leaving an argument out says the same."""
    arms = [arm for arm in node.get("anyOf", []) if arm.get("type") != "null"]
    return {**arms[0], **_without(node, "anyOf")} if len(arms) == 1 else node


def _merge_null(node: dict[str, Any]) -> dict[str, Any]:
    """`anyOf [{type: X}, null]` becomes `type: [X, null]`."""
    arms = node.get("anyOf", [])
    if len(arms) == 2 and arms[1] == {"type": "null"} and isinstance(arms[0].get("type"), str):
        return {**_without(node, "anyOf"), **arms[0], "type": [arms[0]["type"], "null"]}
    return node


def _drop_quiet_limits(node: dict[str, Any]) -> None:
    for limit, is_quiet in _QUIET.items():
        if limit in node and is_quiet(node[limit]):
            del node[limit]


_QUIET: dict[str, Callable[[Any], bool]] = {
    "minLength": lambda least: least <= 3,
    # The limits of texts for a buyer are told; those of ids and codes are not.
    "maxLength": lambda most: most <= 64 or most in (255, LONGEST, LONGEST_TOKEN),
    "minItems": lambda least: least == 1,
    "maxItems": lambda most: most > 100,
    "minimum": lambda least: least == 0,
    "maximum": lambda most: most >= 2**31 - 1,
    "pattern": lambda _: True,
}
"""Limits that are refused when broken, but that nobody meets by accident: not worth a reader's time."""
