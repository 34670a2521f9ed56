"""Where an operation lives at Amazon and how a call of it travels.

An Endpoint is one value. The operation's record holds it, a request carries it, and the client decides by it, so that
nothing is copied from one to the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal
from urllib.parse import quote

Location = Literal["path", "query", "header", "body"]
"""Where an argument travels in an HTTP request."""


class Effect(Enum):
    """What a call does to the account. It is a property of the operation, not of its HTTP verb."""

    READS = "reads"
    PREPARES = "prepares"
    """Makes something at Amazon that changes no business, such as an upload slot. It needs no consent, and is not sent
    again by itself when its outcome is unknown."""
    CHANGES = "changes"
    """Changes business, so a person is asked first."""


@dataclass(frozen=True)
class Rate:
    """A usage plan: requests per second, and how many may come at once."""

    per_second: float
    burst: int


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One operation as HTTP sees it.

    `path` is a template with `{names}`. `success` is the documented status of a success, and `proof` names top-level
    fields of the answer that only a real success has; it is empty where `{}` is the documented success.
    `restricted` means that a Restricted Data Token for exactly this path signs the call.

    An argument travels in the path where the template names it, else in the query of a GET or DELETE, else in the
    body. `locations` names those that travel elsewhere, or in two parts of the request at once. `repeated` are lists
    whose values become one query parameter each; other lists are joined by commas. `slashes` are path arguments whose
    slashes stay. `whole_body` is the argument that is the body itself, where that is no object.
    """

    method: str
    path: str
    rate: Rate
    effect: Effect
    success: int = 200
    accept: str = "application/json"
    restricted: bool = False
    proof: tuple[str, ...] = ()
    locations: Mapping[str, tuple[Location, ...]] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()
    slashes: frozenset[str] = frozenset()
    whole_body: str | None = None

    @property
    def may_repeat(self) -> bool:
        """Whether a call may be sent again when nobody knows whether it was carried out."""
        return self.effect is Effect.READS

    def locations_of(self, argument: str) -> tuple[Location, ...]:
        """Where a top-level argument travels; mostly one location."""
        if argument in self.locations:
            return self.locations[argument]
        if f"{{{argument}}}" in self.path:
            return ("path",)
        return ("query",) if self.method in ("GET", "DELETE") else ("body",)

    def request(self, operation: str, arguments: Mapping[str, Any], *, known: frozenset[str]) -> ApiRequest:
        """The call to send, for arguments in wire form (JSON values; absent means not sent).

        `operation` is the tool's name, by which quota, logs and errors call it. `known` are all arguments there are:
        an operation that can have a body sends one, also where nothing is in it.
        """
        path, query, headers, body = self.path, list[tuple[str, str]](), dict[str, str](), dict[str, Any]()
        for name, value in arguments.items():
            for location in self.locations_of(name):
                if location == "path":
                    path = path.replace(f"{{{name}}}", quote(str(value), safe="/" if name in self.slashes else ""))
                elif location == "query":
                    query += self._query(name, value)
                elif location == "header":
                    headers[name] = _plain(value)
                else:
                    body[name] = value
        content: Any = body if any("body" in self.locations_of(name) for name in known) else None
        if self.whole_body is not None:
            content = body.get(self.whole_body)
        return ApiRequest(operation, self, path, tuple(query), headers, content)

    def _query(self, name: str, value: Any) -> list[tuple[str, str]]:
        if isinstance(value, list) and name in self.repeated:
            return [(name, _plain(item)) for item in value]
        return [(name, _plain(value))]


@dataclass(frozen=True)
class ApiRequest:
    """One call of one operation, ready to send. `path` is encoded already; `body` is None where there is none."""

    operation: str
    endpoint: Endpoint
    path: str
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)


def _plain(value: Any) -> str:
    """A value as path, query and header write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_plain(item) for item in value)
    return str(value)
