"""What an operation is: data. Everything else (schema, tool, request, question) derives from it.

A record of this kind is the same whether its models are written by hand, as in `apis/`, or built from
Amazon's model files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from sp_mcp.endpoint import ApiRequest, Effect, Endpoint
from sp_mcp.fields import read_leniently
from sp_mcp.question import Question


class RequestModel(BaseModel):
    """Arguments of an operation, or an object inside them: strict, so that a misspelt name is refused.

    Field names are Amazon's. Casing of enums, JSON in strings and booleans in strings are read leniently
    (docs/architecture.md#requests-strict-answers-open).
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, defer_build=True, hide_input_in_errors=True)

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
class Probe:
    """A read that shows whether one part of a change took effect.

    `arguments` are what to call it with. `shows` gets the read's answer and returns True where the part took effect,
    False where it did not, and None where this answer does not say.
    """

    arguments: Mapping[str, Any]
    shows: Callable[[Any], bool | None]


@dataclass(frozen=True)
class Reconciliation:
    """How to find out what became of a change whose outcome is unknown.

    `tool` names the read. `probes` makes the probes, one for each part of the change, from the arguments that were
    recorded. Error codes in `absent` mean that a part has not taken effect. What has not taken effect `final_after`
    seconds after the change left never will.
    """

    tool: str
    probes: Callable[[Mapping[str, Any]], Iterable[Probe]]
    final_after: float
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Example:
    """A call of an operation that fits, and the least that a success answers. Tests and documents use it."""

    arguments: Mapping[str, Any]
    answer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation of the Selling Partner API.

    `endpoint` says where it lives and what a call does; `request` and `response` are the models of its arguments and
    answer. `short_name` stands for the operation id in the tool's name where that would be too long for hosts.
    `role` is what the application and the account must have for it, in Amazon's names. `example` is a worked call.

    For a change, `question` writes what a person is asked. `reconciliation` is how to find out what became of it;
    `outcome_note` is said instead where there is no way, or seldom one. `count_parts` returns how many parts a success
    did and did not do, where it has parts. `success_note` returns what a reader of a success should know besides. Both
    get the request model and the response model. `advice` turns Amazon's error codes into the next step.
    `removed` is the day on which Amazon dropped the operation. `download` is the field of the answer that holds a URL
    from which a workflow may fetch something. `needed_read_only` keeps an operation that prepares something listed
    when changes are not, because reading documents needs it.
    """

    api: str
    operation_id: str
    title: str
    description: str
    endpoint: Endpoint
    request: type[RequestModel]
    response: type[ResponseModel]
    role: str
    example: Example
    short_name: str | None = None
    idempotent: bool = False
    question: Callable[[Any], Question] | None = None
    reconciliation: Reconciliation | None = None
    outcome_note: str = ""
    count_parts: Callable[[Any, Any], tuple[int, int]] | None = None
    success_note: Callable[[Any, Any], str | None] | None = None
    advice: Mapping[str, str] = field(default_factory=dict)
    download: str | None = None
    removed: str | None = None
    needed_read_only: bool = False

    @property
    def name(self) -> str:
        """The tool's name: `<api>_<operationId in snake_case>`."""
        snake = self.short_name or re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", self.operation_id).lower()
        return f"{self.api}_{snake}"

    @property
    def changes(self) -> bool:
        """Whether a call changes business and so needs consent."""
        return self.endpoint.effect is Effect.CHANGES

    @property
    def hidden_when_read_only(self) -> bool:
        """Whether the tool is left out where only reads are wanted."""
        return self.endpoint.effect is not Effect.READS and not self.needed_read_only

    def to_request(self, arguments: Mapping[str, Any]) -> ApiRequest:
        """The call to send for arguments in wire form (JSON values; absent means not sent)."""
        return self.endpoint.request(self.name, arguments, known=frozenset(self.request.model_fields))

    def read_answer(self, body: Mapping[str, Any]) -> ResponseModel | None:
        """An answer as its model; None where it does not have the documented shape."""
        try:
            return self.response.model_validate(body)
        except ValidationError:
            return None
