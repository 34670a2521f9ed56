"""Compares every operation with Amazon's published model files.

Usage: python tools/check_conformance.py PATH       (PATH holds Amazon's model files)

Checked for each operation: method, path, rate, burst, success status, media type, where and how each argument
travels, and at every depth names, requiredness, types, value lists, limits and the rules that no schema shows;
of the answers names and types. Each difference must be explained in tools/deviations.py, and each reason there
must explain one. Exit code 1 says that something differs without a reason, or that a reason has become idle.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from amazon_models import ModelFile, ModelOperation, load_model
from deviations import DELIBERATE, Difference, Reason
from pydantic import AfterValidator, BaseModel

from sp_mcp.apis import apis, operations
from sp_mcp.operation import Operation

_LIMITS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern")


def differences(operation: Operation, model: ModelFile, theirs: ModelOperation | None) -> Iterator[Difference]:
    """Everything in which an operation differs from Amazon's model of it."""

    def differ(place: str, aspect: str, amazon: Any, ours: Any) -> Iterator[Difference]:
        if amazon != ours:
            yield Difference(operation.operation_id, place, aspect, amazon, ours)

    endpoint = operation.endpoint
    if theirs is None:
        yield from differ("", "operation", None, endpoint.path)
        theirs = _like_it(operation, model)
    yield from differ("", "method", theirs.method, endpoint.method)
    yield from differ("", "path", theirs.path, endpoint.path)
    yield from differ("", "rate", (theirs.rate, theirs.burst), (endpoint.rate.per_second, endpoint.rate.burst))
    yield from differ("", "status", theirs.success, endpoint.success)
    yield from differ("", "media type", theirs.produces, endpoint.accept.split(",")[0])
    for name in operation.request.model_fields:
        yield from differ(f"request.{name}", "location", (model.location(theirs, name),), endpoint.locations_of(name))
    for parameter in theirs.parameters:
        if parameter.get("type") == "array" and (name := parameter["name"]) in operation.request.model_fields:
            repeats = parameter.get("collectionFormat") == "multi"
            yield from differ(f"request.{name}", "repeated in the query", repeats, name in endpoint.repeated)
    ours = operation.request.model_json_schema()
    for place, aspect, amazon, mine in _compare("request", model.arguments_schema(theirs), ours, _Pair(model, ours)):
        yield from differ(place, aspect, amazon, mine)
    for place, rule in _rules("request", operation.request):
        yield from differ(place, "rule", None, rule)
    ours = operation.response.model_json_schema(by_alias=True)
    pair = _Pair(model, ours, answers=True)
    for place, aspect, amazon, mine in _compare("response", theirs.answer_schema(), ours, pair):
        yield from differ(place, aspect, amazon, mine)


def _like_it(operation: Operation, model: ModelFile) -> ModelOperation:
    """What Amazon's model said of an operation it has dropped, by a sister it still has
    (docs/facts/messaging.md#removed-operations).
    """
    sister = model.operations["createLegalDisclosure"]
    body = (p for p in sister.parameters if p["in"] != "body" or operation.operation_id == "CreateAmazonMotors")
    path = sister.path.rsplit("/", 1)[0] + _REMOVED_PATHS[operation.operation_id]
    return replace(sister, operation_id=operation.operation_id, path=path, parameters=tuple(body))


_REMOVED_PATHS = {"CreateAmazonMotors": "/amazonMotors", "createNegativeFeedbackRemoval": "/negativeFeedbackRemoval"}


class _Pair:
    """Resolves references on both sides. `answers` leaves out what answers deliberately do not say."""

    def __init__(self, model: ModelFile, ours: dict[str, Any], *, answers: bool = False) -> None:
        self._model = model
        self._ours = ours.get("$defs", {})
        self.answers = answers

    def amazon(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self._model.resolve(schema)
        return schema

    def ours(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema or "anyOf" in schema:
            if "anyOf" in schema:
                arms = [arm for arm in schema["anyOf"] if arm.get("type") != "null"]
                schema = arms[0] if len(arms) == 1 else self._several(arms)
            else:
                schema = self._ours[schema["$ref"].rsplit("/", 1)[-1]]
        return schema

    def _several(self, arms: list[dict[str, Any]]) -> dict[str, Any]:
        resolved = [self.ours(arm) for arm in arms]
        return {**resolved[0], "type": " or ".join(str(arm["type"]) for arm in resolved)}


def _compare(
    place: str, amazon: dict[str, Any], ours: dict[str, Any], pair: _Pair
) -> Iterator[tuple[str, str, Any, Any]]:
    amazon, ours = pair.amazon(amazon), pair.ours(ours)
    kind = amazon.get("type", "object" if "properties" in amazon else None)
    yield place, "type", kind, ours.get("type")
    if not pair.answers:
        yield place, "values", sorted(amazon.get("enum", [])), sorted(_values(ours))
        yield place, "format", _date_time(amazon), _date_time(ours)
        for limit in _LIMITS:
            yield place, limit, amazon.get(limit), ours.get(limit)
    if kind == "object":
        theirs, mine = amazon.get("properties", {}), ours.get("properties", {})
        yield place, "names", sorted(theirs), sorted(mine)
        for name in sorted(theirs.keys() & mine.keys()):
            if not pair.answers:
                required = name in amazon.get("required", []), name in ours.get("required", [])
                yield f"{place}.{name}", "required", *required
            yield from _compare(f"{place}.{name}", theirs[name], mine[name], pair)
    elif kind == "array":
        yield from _compare(f"{place}[]", amazon.get("items", {}), ours.get("items", {}), pair)


def _rules(place: str, model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Checks of a request model that its JSON schema does not show, by the names of their functions."""
    checks = model.__pydantic_decorators__
    yield from ((place, name) for name in (*checks.model_validators, *checks.field_validators) if name != "_lenient")
    for name, field in model.model_fields.items():
        parts = [*field.metadata, *_parts(field.annotation)]
        yield from ((f"{place}.{name}", part.func.__name__) for part in parts if isinstance(part, AfterValidator))
        inside = "[]" if any(part is list for part in parts) else ""
        for part in parts:
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _rules(f"{place}.{name}{inside}", part)


def _parts(annotation: Any) -> Iterator[Any]:
    """An annotation and everything in it."""
    yield annotation
    if getattr(annotation, "__origin__", None) is list:
        yield list
    for part in (*get_args(annotation), *getattr(annotation, "__metadata__", ())):
        yield from _parts(part)


def _values(schema: dict[str, Any]) -> list[str]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", []))


def _date_time(schema: dict[str, Any]) -> str | None:
    return "date-time" if schema.get("format") == "date-time" else None


def main() -> int:
    """Report, and answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    folder: Path = parser.parse_args().path
    explained: list[tuple[Reason, list[Difference]]] = [(reason, []) for reason in DELIBERATE]
    unexplained: list[Difference] = []
    checked = 0
    for api in apis().values():
        model = load_model(folder / api.model_file)
        ours = {operation.operation_id: operation for operation in operations((api.name,))}
        found_here = [Difference(name, "", "operation", name, None) for name in model.operations if name not in ours]
        for name, operation in ours.items():
            checked += 1
            found_here += differences(operation, model, model.operations.get(name))
        for difference in found_here:
            found_by = [found for reason, found in explained if reason.explains(difference)]
            for found in found_by:
                found.append(difference)
            if not found_by:
                unexplained.append(difference)
    for reason, found in explained:
        print(f"meant ({len(found)}): {reason.operation} {reason.place} {reason.aspect}: {reason.why}")
    for difference in unexplained:
        print(f"differs: {difference}")
    idle = [reason for reason, found in explained if not found]
    for reason in idle:
        print(f"explains nothing: {reason}")
    print(f"{checked} operations checked, {len(unexplained)} unexplained differences, {len(idle)} idle reasons")
    return 1 if unexplained or idle else 0


if __name__ == "__main__":
    sys.exit(main())
