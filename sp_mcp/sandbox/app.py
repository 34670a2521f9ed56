"""The local Selling Partner as an ASGI application.

Every request goes the same way: is there such an operation, is the caller known, is there a token in its
bucket, is the request what Amazon documents; then the operation, and whatever fault was asked for.
"""

from __future__ import annotations

import json
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from sp_mcp.clock import Clock
from sp_mcp.sandbox import presigned_storage
from sp_mcp.sandbox.buckets import Buckets
from sp_mcp.sandbox.contract import Contract, Route
from sp_mcp.sandbox.faults import Fault, FaultPlan
from sp_mcp.sandbox.refusals import Refusal, invalid
from sp_mcp.sandbox.sign_in import OAuthRefusal, Tokens, expired
from sp_mcp.sandbox.state import State

LOGIN = "/auth/o2/token"
CONTROL = "/_sandbox/"

_REMEMBERED = 1000
_HUGE = 21 * 1024 * 1024
_PIECE = 64


@dataclass(frozen=True)
class Received:
    """A request of the Selling Partner API as it arrived. `token` is `lwa`, `rdt` or empty."""

    operation_id: str
    method: str
    path: str
    query: list[tuple[str, str]]
    body: Any
    token: str
    user_agent: str


@dataclass
class Response:
    """What goes back."""

    status: int
    body: Any
    headers: dict[str, str]
    media_type: str = "application/json"

    @property
    def content(self) -> bytes:
        """The body as bytes."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body, ensure_ascii=False).encode()


class Sandbox:
    """A Selling Partner with one account. `enforce_rates=False` makes it answer however fast it is asked."""

    def __init__(self, clock: Clock | None = None, *, enforce_rates: bool = True) -> None:
        self.clock = clock or Clock()
        self.state = State(self.clock)
        self.faults = FaultPlan()
        self.buckets = Buckets(self.clock, enforce=enforce_rates)
        self.received: deque[Received] = deque(maxlen=_REMEMBERED)
        self._contract = Contract()
        self._tokens = Tokens(self.clock)
        self._answers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "createRestrictedDataToken": lambda call: self._tokens.restrict(call["restrictedResources"])
        }
        self._restricted: frozenset[str] = frozenset()
        self._load()

    @property
    def logins(self) -> int:
        """How often somebody signed in."""
        return self._tokens.logins

    def _load(self) -> None:
        """Find the answer to each operation of the contract, in the module that the contract names."""
        for name, spec in self._contract.operations.items():
            if spec["module"] is None:
                continue
            module = import_module(f"{__package__}.{spec['module']}")
            if name not in module.ANSWERS:
                raise LookupError(
                    f"sp_mcp/sandbox/{spec['module']}.py has no answer for {name}: write it and add it to ANSWERS."
                )
            self._answers[name] = partial(module.ANSWERS[name], self.state)
            self._restricted |= getattr(module, "RESTRICTED", frozenset())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = await request.body()
        if request.url.path.startswith(CONTROL):
            await _deliver(send, self._control(request, body))
            return
        name: str
        self.state.address = f"{request.url.scheme}://{request.url.netloc}"
        if request.url.path.startswith(presigned_storage.PREFIX):
            name = "storage"
            carry_out = partial(self._store, request, body)
        elif request.url.path == LOGIN:
            name = "login"
            carry_out = partial(self._login, request, body)
        else:
            try:
                route = self._contract.route(request.method, request.scope["path"])
            except Refusal as refusal:
                await _deliver(send, self._refused(refusal))
                return
            name = route.operation_id
            carry_out = partial(self._operation, request, body, route)
        fault = self.faults.take(name)
        if fault is None:
            await _deliver(send, carry_out())
        else:
            await self._misbehave(send, request, fault, carry_out)

    def _login(self, request: Request, body: bytes) -> Response:
        try:
            form = dict(parse_qsl(body.decode()))
            if "json" in request.headers.get("content-type", ""):
                form = json.loads(body)
            return Response(200, self._tokens.sign_in(form), {})
        except OAuthRefusal as refusal:
            return Response(400 if refusal.body["error"] != "invalid_client" else 401, refusal.body, {})
        except ValueError:
            return Response(400, {"error": "invalid_request", "error_description": "The body cannot be read."}, {})

    def _store(self, request: Request, body: bytes) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            file = self.state.storage.exchange(request.method, request.url.path, headers, body)
        except presigned_storage.StorageRefusal as refusal:
            return Response(refusal.status, refusal.body, {}, "application/xml")
        return Response(200, file.content if request.method == "GET" else b"", {}, file.media_type)

    def _operation(self, request: Request, body: bytes, route: Route) -> Response:
        spec = route.spec
        rate = self.buckets.rate(route.operation_id, spec["rate"])
        try:
            answer = self._answer(request, body, route)
        except Refusal as refusal:
            # Amazon sends the rate with successes, 400 and 404 only (docs/facts/sp-api.md#rate-header).
            return self._refused(refusal, rate if refusal.status in (400, 404) else None)
        return Response(spec["success"], answer, _headers(rate), spec["produces"])

    def _answer(self, request: Request, body: bytes, route: Route) -> Any:
        agent = request.headers.get("user-agent", "")
        if not agent or len(agent) > 500:
            raise invalid("The User-Agent header is missing or too long.")
        token = request.headers.get("x-amz-access-token", "")
        query = [(name, value) for name, value in parse_qsl(request.url.query, keep_blank_values=True)]
        content = _json(body)
        arrived = Received(route.operation_id, request.method, request.url.path, query, content, "", agent)
        self.received.append(arrived)
        restricted = route.operation_id in self._restricted
        kind = self._tokens.check(token, request.method, request.url.path, restricted=restricted)
        self.received[-1] = Received(**{**vars(arrived), "token": kind})
        if not self.buckets.take(route.operation_id, route.spec["rate"], route.spec["burst"]):
            raise Refusal(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")
        if body and content is None:
            raise invalid("The body is not JSON.")
        return self._answers[route.operation_id](self._contract.arguments(route, query, content))

    def _refused(self, refusal: Refusal, rate: float | None = None) -> Response:
        return Response(refusal.status, refusal.body, _headers(rate))

    async def _misbehave(self, send: Send, request: Request, fault: Fault, carry_out: Callable[[], Response]) -> None:
        response = carry_out() if fault.carries_out else Response(200, {}, _headers(None))
        if fault.kind in ("slow", "drop") and fault.seconds:
            await self.clock.sleep(fault.seconds)
        if fault.kind == "slow":
            await _deliver(send, response)
        elif fault.kind == "drip":
            await self._drip(send, response, fault.seconds)
        elif fault.kind == "drop":
            await _start(send, response, len(response.content) + 100)
            await send({"type": "http.response.body", "body": response.content[:1], "more_body": True})
            raise ConnectionResetError("dropped on request")
        elif fault.kind == "expired_token":
            self._tokens.revoke(request.headers.get("x-amz-access-token", ""))
            await _deliver(send, self._refused(expired()))
        else:
            await _deliver(send, _broken(fault))

    async def _drip(self, send: Send, response: Response, seconds: float) -> None:
        await _start(send, response, len(response.content))
        for start in range(0, len(response.content), _PIECE):
            await self.clock.sleep(seconds)
            piece = response.content[start : start + _PIECE]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _control(self, request: Request, body: bytes) -> Response:
        """The door for tests: what took effect, what arrived, and which faults are to come."""
        what = (request.method, request.url.path.removeprefix(CONTROL))
        if what == ("GET", "effects"):
            return Response(200, [asdict(effect) for effect in self.state.effects], {})
        if what == ("GET", "received"):
            return Response(200, [asdict(received) for received in self.received], {})
        if what == ("DELETE", "faults"):
            self.faults.clear()
            return Response(204, b"", {})
        if what == ("POST", "faults"):
            try:
                self.faults.add(Fault.read(json.loads(body)))
            except (ValueError, TypeError) as error:
                return Response(400, {"message": str(error)}, {})
            return Response(201, {}, {})
        return Response(404, {"message": "effects, received or faults"}, {})


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None


def _headers(rate: float | None) -> dict[str, str]:
    headers = {"x-amzn-RequestId": str(uuid.uuid4())}
    if rate is not None:
        headers["x-amzn-RateLimit-Limit"] = str(rate)
    return headers


def _broken(fault: Fault) -> Response:
    """The answer of a fault that concerns the answer alone."""
    status, headers = fault.answer_status, _headers(None)
    match fault.kind:
        case "throttle":
            return Response(status, Refusal(429, "QuotaExceeded", "You exceeded your quota.").body, headers)
        case "server_error":
            return Response(
                status, Refusal(status, "InternalFailure", "We encountered an internal error.").body, headers
            )
        case "gateway_error":
            return Response(status, {"message": "Endpoint request timed out"}, headers)
        case "html":
            return Response(status, b"<html><body><h1>Sorry</h1></body></html>", headers, "text/html")
        case "garbage":
            return Response(status, b'{"payload": {"ord', headers)
        case "huge":
            return Response(status, b'{"x":"' + b"a" * _HUGE + b'"}', headers)
        case _:
            return Response(status, b"", headers)


async def _start(send: Send, response: Response, length: int) -> None:
    headers = {**response.headers, "content-type": response.media_type, "content-length": str(length)}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})


async def _deliver(send: Send, response: Response) -> None:
    await _start(send, response, len(response.content))
    await send({"type": "http.response.body", "body": response.content})
