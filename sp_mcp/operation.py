"""What an operation is: data. Everything else (schema, tool, request, question) derives from it.

A record of this kind is the same whether its models are written by hand, as in `apis/`, or built from
Amazon's model files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError

from sp_mcp.amazon.answers import ApiRequest
from sp_mcp.fields import read_leniently
from sp_mcp.quota.bucket import Rate
from sp_mcp.wording import Question


class Effect(Enum):
    """What a call does to the account. A property of the operation, not of its HTTP verb."""

    READS = "reads"
    CHANGES = "changes"


class RequestModel(BaseModel):
    """Arguments of an operation, or an object inside them: strict, so that a misspelt name is refused.

    Field names are Amazon's. Casing of enums, JSON in strings and booleans in strings are read leniently
    (DESIGN section 4).
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, defer_build=True, hide_input_in_errors=True)

    IN_QUERY: ClassVar[frozenset[str]] = frozenset()
    """Fields that travel in the query string although the operation has a body."""

    WHOLE_PATHS: ClassVar[frozenset[str]] = frozenset()
    """Fields in the path whose slashes stay slashes."""

    _lenient = read_leniently

    def __repr__(self) -> str:
        # A repr may end up in a log, and arguments may be words to a buyer.
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


class ResponseModel(BaseModel):
    """Amazon's answer, or an object inside it: open, so that nothing it adds is lost."""

    model_config = ConfigDict(extra="allow", strict=True, defer_build=True, hide_input_in_errors=True)


class ErrorGiven(ResponseModel):
    """One error of Amazon's; the same in every API."""

    code: str | None = None
    message: str | None = None
    details: str | None = None


@dataclass(frozen=True)
class Look:
    """A read that shows whether one part of a change took effect: its arguments, and what its answer says.

    `shows` answers True or False, and None where it cannot be told from this.
    """

    arguments: Mapping[str, Any]
    shows: Callable[[Any], bool | None]


@dataclass(frozen=True)
class Settling:
    """How to find out what became of a change whose outcome is unknown.

    `tool` names the read; `looks` tells from the arguments that were recorded what to ask it. Error codes in
    `absent` mean that it has not taken effect. Only `patience` seconds after it left, what has not taken effect
    never will.
    """

    tool: str
    looks: Callable[[Mapping[str, Any]], Iterable[Look]]
    patience: float
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation of the Selling Partner API.

    `success` is the documented status; `proof` the top-level fields that only a real success has.
    `question` writes what a person is asked; every operation that changes something has one.
    `short_name` stands for the operation id in the tool's name where that would be too long for hosts.
    `role` is what the application and the account must have for it, in Amazon's names.
    `settling` is how to find out what became of a change; `outcome_note` is told instead where there is no way, or
    seldom one. `tally` counts what a success did and did not do, where it has parts. `afterword` says what a reader
    of a success should know besides. Both go by the request model and the response model.
    `advice` turns Amazon's error codes into the next step. `removed` is the day Amazon dropped the operation.
    `download` is the field of the answer that holds a URL from which a workflow may fetch something.
    """

    api: str
    operation_id: str
    method: str
    path: str
    title: str
    description: str
    request: type[RequestModel]
    response: type[ResponseModel]
    rate: Rate
    role: str
    effect: Effect
    short_name: str | None = None
    success: int = 200
    proof: tuple[str, ...] = ()
    accept: str = "application/json"
    restricted: bool = False
    idempotent: bool = False
    question: Callable[[Any], Question] | None = None
    settling: Settling | None = None
    outcome_note: str = ""
    tally: Callable[[Any, Any], tuple[int, int]] | None = None
    afterword: Callable[[Any, Any], str | None] | None = None
    advice: Mapping[str, str] = field(default_factory=dict)
    download: str | None = None
    removed: str | None = None

    @property
    def name(self) -> str:
        """The tool's name: `<api>_<operationId in snake_case>`."""
        snake = self.short_name or re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", self.operation_id).lower()
        return f"{self.api}_{snake}"

    @property
    def changes(self) -> bool:
        """Whether a call changes something and so needs consent."""
        return self.effect is Effect.CHANGES

    def location(self, name: str) -> str:
        """Where a top-level argument travels: `path`, `query` or `body`."""
        if f"{{{name}}}" in self.path:
            return "path"
        if self.method == "GET" or name in self.request.IN_QUERY:
            return "query"
        return "body"

    def to_request(self, arguments: Mapping[str, Any]) -> ApiRequest:
        """The call to send for arguments in wire form (JSON values; absent means not sent)."""
        located: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "body": {}}
        for name, value in arguments.items():
            located[self.location(name)][name] = value
        path = self.path
        for name, value in located["path"].items():
            slashes = "/" if name in self.request.WHOLE_PATHS else ""
            path = path.replace(f"{{{name}}}", quote(str(value), safe=slashes))
        has_body = any(self.location(name) == "body" for name in self.request.model_fields)
        return ApiRequest(
            operation=self.name,
            method=self.method,
            path=path,
            query=tuple((name, _query_value(value)) for name, value in located["query"].items()),
            body=located["body"] if has_body else None,
            rate=self.rate,
            changes=self.changes,
            accept=self.accept,
            restricted=self.restricted,
            proof=self.proof,
        )

    def read_answer(self, body: Mapping[str, Any]) -> ResponseModel | None:
        """An answer as its model; None where it does not have the documented shape."""
        try:
            return self.response.model_validate(body)
        except ValidationError:
            return None


def _query_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value)
