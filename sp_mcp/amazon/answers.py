"""Reads Amazon's answers defensively (docs/facts/sp-api.md#errors).

An answer may be JSON of any content type, an API gateway's `{"message": …}`, a login error, an HTML page or empty.
Anything that does not look like a success counts as a failure. ParsedReply parses a reply once.
"""

from __future__ import annotations

import json
import math
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sp_mcp import __version__
from sp_mcp.amazon.errors import ErrorDetail
from sp_mcp.endpoint import Effect, Endpoint

if TYPE_CHECKING:
    from sp_mcp.amazon.http import Reply

_CLIP = 400
_MOST_ERRORS = 5

_DEEPEST = 100
"""Most levels of nesting in an answer. Amazon's deepest answer has 11 (docs/facts/sp-api.md#depth-of-answers)."""

_FAILURE_NAMES = ("errors", "error", "Error", "fault", "Fault", "__type")
"""Top-level names. If one of them has content, the answer is no success, whatever its status."""

_ID = re.compile(r"[\w.:=+/-]{1,100}", re.ASCII)


@dataclass(frozen=True)
class Answer:
    """A successful answer: the body as Amazon sent it, errors that it also holds, and values of its headers.

    `rate` is the quota in requests per second; `waited` is how many seconds the call waited for the quota.
    """

    status: int
    body: dict[str, Any] = field(repr=False)
    errors: tuple[ErrorDetail, ...]
    request_id: str | None
    rate: float | None
    waited: float


@dataclass(frozen=True)
class ParsedReply:
    """A parsed reply. `body` is the JSON object, or None if the reply holds none.

    `rate` is in requests per second and `retry_after` in seconds. `is_page` means that the body is HTML or XML.
    """

    status: int
    body: dict[str, Any] | None = field(repr=False)
    errors: tuple[ErrorDetail, ...] = field(repr=False)
    request_id: str | None
    rate: float | None
    retry_after: float | None
    is_empty: bool
    is_page: bool

    @classmethod
    def of(cls, reply: Reply) -> ParsedReply:
        """Parse a reply. Never raises."""
        body = json_object(reply)
        start = reply.body.lstrip()[:1]
        return cls(
            reply.status,
            body,
            error_details(body),
            _request_id(reply),
            _number(reply, "x-amzn-ratelimit-limit", above=0, most=1e6),
            # Amazon documents no Retry-After, but the program follows one that comes.
            _number(reply, "retry-after", above=-1, most=3600),
            is_empty=not start,
            is_page=start == b"<",
        )

    @cached_property
    def is_usable(self) -> bool:
        """Whether a reply that is no success is Amazon's decision on the request.

        It is not for a 5xx, a 408, or a 2xx that names no error.
        """
        broken = 200 <= self.status < 300 and not self.errors
        return not (self.status >= 500 or self.status == 408 or broken)

    def success_of(self, endpoint: Endpoint) -> dict[str, Any] | None:
        """Returns the body if the reply is a success, else None.

        A body that has a field of `endpoint.proof` can be a success and hold errors: Amazon's models allow both.
        """
        if not 200 <= self.status < 300:
            return None
        if self.is_empty and not endpoint.proof:
            return {}
        body = self.body
        if body is None:
            return None
        proofs = [body[name] for name in endpoint.proof if body.get(name) is not None]
        if self.errors or any(body.get(name) for name in _FAILURE_NAMES):
            return body if any(proofs) else None
        missing = endpoint.effect is Effect.CHANGES and endpoint.proof and not proofs
        return None if missing else body

    def describe(self) -> str:
        """Describes an unusable answer in a few words, without its content."""
        if self.is_empty:
            return f"status {self.status} with an empty body"
        if self.is_page:
            return f"status {self.status} with an HTML or XML page"
        if self.body is None:
            return f"status {self.status} with a body that is not a JSON object"
        return f"status {self.status} with a body that is not the documented answer"


def user_agent() -> str:
    """Returns the User-Agent header in the form that Amazon asks for (docs/facts/sp-api.md#user-agent)."""

    def plain(text: str) -> str:
        return "".join(c if c.isalnum() or c in "._-" else "_" for c in text)[:60]

    return (
        f"sp-mcp/{plain(__version__)} (Language=Python/{plain(platform.python_version())}; "
        f"Platform={plain(platform.system())}/{plain(platform.release())})"
    )


def json_object(reply: Reply) -> dict[str, Any] | None:
    """Returns the body as a JSON object that can be serialised again, or None if it is not one."""
    try:
        value = json.loads(reply.body)
        return _writable(value) if isinstance(value, dict) else None
    except (ValueError, RecursionError):
        return None


def error_details(body: Mapping[str, Any] | None) -> tuple[ErrorDetail, ...]:
    """Returns the first errors of a body, in any of the shapes that Amazon uses. Long texts are clipped."""
    if body is None:
        return ()
    entries = body.get("errors")
    if isinstance(entries, Mapping):  # Easy Ship nests the list once more in its model
        entries = entries.get("errors", [entries])
    if isinstance(entries, list):
        return tuple(
            ErrorDetail(_clip(e.get("code")) or "Error", _clip(e.get("message")), _clip(e.get("details")))
            for e in entries[:_MOST_ERRORS]
            if isinstance(e, Mapping)
        )
    message = body.get("message") or body.get("Message")
    return (ErrorDetail("Gateway", _clip(message)),) if isinstance(message, str) else ()


def _writable(value: Any, depth: int = 0) -> Any:
    """Returns the value with unpaired surrogates replaced.

    Raises ValueError for NaN and infinity, and for nesting deeper than _DEEPEST.
    """
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("JSON has no such number")
    if isinstance(value, dict | list) and depth >= _DEEPEST:
        raise ValueError("too deep")
    if isinstance(value, dict):
        return {_writable(name): _writable(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_writable(inner, depth + 1) for inner in value]
    return value


def _number(reply: Reply, header: str, *, above: float, most: float) -> float | None:
    """Returns the number in a header if it is above `above` and at most `most`, else None."""
    try:
        number = float(reply.headers.get(header, ""))
    except ValueError:
        return None
    return number if above < number <= most and number >= 0 else None


def _request_id(reply: Reply) -> str | None:
    value = reply.headers.get("x-amzn-requestid") or reply.headers.get("x-amz-apigw-id")
    # The id goes into logs and the ledger, so no other text may pass as one.
    return value if value and _ID.fullmatch(value) else None


def _clip(value: object) -> str:
    if not isinstance(value, str):
        return ""
    text = " ".join(value.split())
    return text if len(text) <= _CLIP else text[: _CLIP - 1] + "…"
