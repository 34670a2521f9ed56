"""Reads Amazon's published model files (Swagger 2.0)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete")
_USAGE_PLAN = re.compile(r"\|\s*([\d.]+)\s*\|\s*(\d+)\s*\|")


@dataclass(frozen=True)
class ModelOperation:
    """One operation of a model file. `parameters` are its own and its path's, with references resolved."""

    operation_id: str
    method: str
    path: str
    parameters: tuple[dict[str, Any], ...]
    responses: dict[str, Any]
    produces: str
    rate: float | None
    burst: int | None

    @property
    def success(self) -> int:
        """The documented status of a success."""
        return next(int(status) for status in self.responses if status.startswith("2"))

    @property
    def body(self) -> dict[str, Any] | None:
        """Schema of the request body, a reference mostly."""
        return next((p["schema"] for p in self.parameters if p["in"] == "body"), None)

    def answer_schema(self) -> dict[str, Any]:
        """Schema of the success."""
        schema: dict[str, Any] = self.responses[str(self.success)].get("schema", {})
        return schema


@dataclass(frozen=True)
class ModelFile:
    """One API in one version."""

    operations: dict[str, ModelOperation]
    definitions: dict[str, Any] = field(repr=False)

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema a reference leads to; others are answered as they are."""
        while "$ref" in schema:
            schema = self.definitions[schema["$ref"].rsplit("/", 1)[-1]]
        return schema

    def arguments_schema(self, operation: ModelOperation) -> dict[str, Any]:
        """All arguments side by side: path, query and the body's own fields, as one object."""
        plain = [p for p in operation.parameters if p["in"] != "body"]
        properties = {p["name"]: {k: v for k, v in p.items() if k not in ("name", "in", "required")} for p in plain}
        required = [p["name"] for p in plain if p.get("required")]
        if operation.body is not None:
            body = self.resolve(operation.body)
            properties |= body.get("properties", {})
            required += body.get("required", [])
        return {"type": "object", "properties": properties, "required": required}

    def location(self, operation: ModelOperation, argument: str) -> str | None:
        """Where an argument travels: `path`, `query` or `body`; None for a stranger."""
        for parameter in operation.parameters:
            if parameter["in"] != "body" and parameter["name"] == argument:
                return str(parameter["in"])
        if operation.body is not None and argument in self.resolve(operation.body).get("properties", {}):
            return "body"
        return None


def load_model(path: Path) -> ModelFile:
    """Read one model file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    operations = {}
    for route, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                operation = _operation(document, route, method)
                operations[operation.operation_id] = operation
    return ModelFile(operations, document["definitions"])


def _operation(document: dict[str, Any], route: str, method: str) -> ModelOperation:
    entry = document["paths"][route][method]
    shared = document["paths"][route].get("parameters", [])
    plan = _USAGE_PLAN.search(entry.get("description", ""))
    return ModelOperation(
        operation_id=entry["operationId"],
        method=method.upper(),
        path=route,
        parameters=tuple(_parameter(document, p) for p in [*shared, *entry.get("parameters", [])]),
        responses=entry["responses"],
        produces=(entry.get("produces") or document.get("produces") or ["application/json"])[0],
        rate=float(plan.group(1)) if plan else None,
        burst=int(plan.group(2)) if plan else None,
    )


def _parameter(document: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in parameter:
        found: dict[str, Any] = document["parameters"][parameter["$ref"].rsplit("/", 1)[-1]]
        return found
    return parameter
