"""Reading what Amazon answers, defensively (sp-api-facts 3.7).

An answer may be JSON of any content type, an API gateway's `{"message": …}`, a login error, an HTML page or
nothing. What does not look like a success is never taken for one.
"""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sp_mcp import __version__
from sp_mcp.amazon.errors import ErrorDetail
from sp_mcp.quota.bucket import Rate

if TYPE_CHECKING:
    from sp_mcp.amazon.http import Reply

_CLIP = 400
_MOST_ERRORS = 5

_DEEPEST = 100
"""Levels of nesting that are read. Amazon's deepest answer has 11 (sp-api-facts 5.1)."""

_FAILURE_NAMES = ("errors", "error", "Error", "fault", "Fault", "__type")
"""Top-level names of which any with content means that an answer is no success, whatever its status."""


@dataclass(frozen=True)
class ApiRequest:
    """One call of one operation, ready to send.

    `path` is already encoded. `restricted` means that a Restricted Data Token for `path` signs it.
    `proof` names top-level fields that only a real success has. A change that answers with none of them has
    not been seen to succeed; it is empty where `{}` is the documented success.
    """

    operation: str
    method: str
    path: str
    rate: Rate
    changes: bool
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    accept: str = "application/json"
    restricted: bool = False
    proof: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """A success: the body as Amazon wrote it, and what its headers said. `waited` is in seconds."""

    status: int
    body: dict[str, Any] = field(repr=False)
    request_id: str | None
    rate: float | None
    waited: float


def user_agent() -> str:
    """The User-Agent header in the form Amazon asks for (sp-api-facts 3.2)."""

    def plain(text: str) -> str:
        return "".join(c if c.isalnum() or c in "._-" else "_" for c in text)[:60]

    return (
        f"sp-mcp/{plain(__version__)} (Language=Python/{plain(platform.python_version())}; "
        f"Platform={plain(platform.system())}/{plain(platform.release())})"
    )


def applied_rate(reply: Reply) -> float | None:
    """The rate of `x-amzn-RateLimit-Limit` in requests per second, where it is a usable number."""
    try:
        rate = float(reply.headers.get("x-amzn-ratelimit-limit", ""))
    except ValueError:
        return None
    return rate if 0 < rate < 1e6 else None


def retry_after(reply: Reply) -> float | None:
    """Seconds of a Retry-After header. Amazon documents none; it is honoured where it comes."""
    try:
        seconds = float(reply.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds <= 3600 else None


def json_object(reply: Reply) -> dict[str, Any] | None:
    """The body as a JSON object that can be written again; None for everything else."""
    try:
        value = json.loads(reply.body)
        return _writable(value) if isinstance(value, dict) else None
    except (ValueError, RecursionError):
        return None


def _writable(value: Any, depth: int = 0) -> Any:
    """The same value without half characters. Raises ValueError for what JSON cannot hold, or too deep."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("not a number of JSON")
    if isinstance(value, dict | list) and depth >= _DEEPEST:
        raise ValueError("too deep")
    if isinstance(value, dict):
        return {_writable(name): _writable(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_writable(inner, depth + 1) for inner in value]
    return value


def error_details(body: Mapping[str, Any] | None) -> tuple[ErrorDetail, ...]:
    """Amazon's errors in any of the shapes it uses, clipped."""
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


def success_body(reply: Reply, request: ApiRequest) -> dict[str, Any] | None:
    """The body of a real success, or None where the answer only pretends to be one.

    A body with its proof may hold errors besides: Amazon's models allow both at once.
    """
    if not 200 <= reply.status < 300:
        return None
    if not reply.body.strip() and not request.proof:
        return {}
    body = json_object(reply)
    if body is None:
        return None
    proofs = [body[name] for name in request.proof if body.get(name) is not None]
    if error_details(body) or any(body.get(name) for name in _FAILURE_NAMES):
        return body if any(proofs) else None
    missing = request.changes and request.proof and not proofs
    return None if missing else body


def describe(reply: Reply) -> str:
    """What an unusable answer was, in a few words and without its content."""
    if not reply.body.strip():
        return f"status {reply.status} with an empty body"
    if reply.body.lstrip()[:1] == b"<":
        return f"status {reply.status} with an HTML or XML page"
    if json_object(reply) is None:
        return f"status {reply.status} with a body that is not a JSON object"
    return f"status {reply.status} with a body that is not the documented answer"


def _clip(value: object) -> str:
    if not isinstance(value, str):
        return ""
    text = " ".join(value.split())
    return text if len(text) <= _CLIP else text[: _CLIP - 1] + "…"
