"""What Amazon takes: finds the operation of a request and everything that is wrong with it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

from sp_mcp.sandbox.refusals import Refusal, invalid


@dataclass(frozen=True)
class Route:
    """An operation, and the values its path holds."""

    operation_id: str
    spec: dict[str, Any]
    path_values: dict[str, str]


class Contract:
    """The requests of all operations, from contract.json."""

    def __init__(self) -> None:
        text = files("sp_mcp.sandbox").joinpath("contract.json").read_text(encoding="utf-8")
        document = json.loads(text)
        self.operations: dict[str, dict[str, Any]] = document["operations"]
        self._definitions: dict[str, Any] = document["definitions"]
        self._patterns = [
            (operation_id, spec, re.compile(re.sub(r"\{(\w+)\}", _group, spec["path"])))
            for operation_id, spec in self.operations.items()
        ]

    def route(self, method: str, path: str) -> Route:
        """The operation of a method and path. Raises Refusal with 404 or 405."""
        known_path = False
        for operation_id, spec, pattern in self._patterns:
            if match := pattern.fullmatch(path):
                if spec["method"] == method:
                    return Route(operation_id, spec, match.groupdict())
                known_path = True
        if known_path:
            raise Refusal(405, "MethodNotAllowed", "The method is not allowed for this path.")
        raise Refusal(404, "NotFound", "There is nothing at this path.")

    def arguments(self, route: Route, query: list[tuple[str, str]], body: Any) -> dict[str, Any]:
        """Path, query and body values side by side, in their types. Raises Refusal with all problems."""
        problems: list[str] = []
        values: dict[str, Any] = dict(route.path_values)
        parameters = {n: p for n, p in route.spec["parameters"].items() if p["in"] == "query"}
        for name, text in query:
            if name not in parameters:
                # Amazon ignores what it does not know; here a wrong request is to be seen.
                problems.append(f"{name}: not a parameter of {route.operation_id}")
            elif name in values:
                problems.append(f"{name}: given more than once")
            else:
                values[name] = _typed(parameters[name], text)
        for name, parameter in route.spec["parameters"].items():
            if name in values:
                problems += self._problems(name, parameter, values[name])
            elif parameter["required"]:
                problems.append(f"{name}: required")
        schema = route.spec["body"]
        if schema is None:
            problems += ["this operation takes no body"] if body is not None else []
        elif not isinstance(body, dict):
            problems.append("the body must be a JSON object")
        else:
            problems += self._problems("", schema, body)
            values |= body
        if problems:
            raise invalid("Request has missing or invalid parameters and cannot be parsed.", "; ".join(problems[:20]))
        return values

    @cached_property
    def _checker(self) -> Any:
        # jsonschema takes memory that a server on a real account need not spend.
        from jsonschema import Draft4Validator, FormatChecker

        formats = FormatChecker(())
        formats.checks("date-time")(_is_date_time)
        return Draft4Validator({"definitions": self._definitions}, format_checker=formats)

    def _problems(self, path: str, schema: dict[str, Any], value: Any) -> list[str]:
        check = {k: v for k, v in schema.items() if k not in ("in", "required") or isinstance(v, list)}
        checker = self._checker.evolve(schema={**check, "definitions": self._definitions})
        return [
            f"{'.'.join(str(p) for p in ([path] if path else []) + list(error.absolute_path)) or 'body'}: "
            f"breaks {error.validator}"
            for error in checker.iter_errors(value)
        ]


def _group(name: re.Match[str]) -> str:
    # The resource of an upload is a path itself.
    return f"(?P<{name[1]}>{'.+' if name[1] == 'resource' else '[^/]+'})"


def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or bool(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", value)
    )


def _typed(parameter: dict[str, Any], text: str) -> Any:
    if parameter.get("type") == "array":
        return text.split(",")
    if parameter.get("type") == "integer":
        return int(text) if re.fullmatch(r"-?\d{1,15}", text) else text
    return text
