"""The shared client: every request to Amazon goes through here.

The client waits for a turn in the quota before each attempt, uses one login for all requests, never sends a change
again whose outcome is unknown, and raises a typed error for everything that is not a success.
"""

from __future__ import annotations

import json
import logging
import random
from dataclasses import dataclass
from typing import Protocol

import anyio
import anyio.lowlevel
from pydantic import SecretStr

from sp_mcp.amazon.answers import Answer, ParsedReply, user_agent
from sp_mcp.amazon.errors import NotSent, ShuttingDown, Throttled, WaitTooLong
from sp_mcp.amazon.http import Http, NoAnswer, NoConnection
from sp_mcp.amazon.login import Login
from sp_mcp.amazon.next_step import Event, Fail, SignInAgain, Succeed, TryAgain, WaitForQuota, next_step
from sp_mcp.amazon.rate_limit import OnWait, RateLimiter
from sp_mcp.amazon.restricted_tokens import MINT, RestrictedTokens
from sp_mcp.clock import Clock
from sp_mcp.credentials import Credentials
from sp_mcp.endpoint import ApiRequest, Effect, Rate

log = logging.getLogger(__name__)

RETRIES = 3
"""How many times a read, or a connection that could not be made, is tried again."""

SANDBOX_RATE = Rate(5, 15)
"""Amazon's sandbox has one bucket for everything (docs/facts/sp-api.md#static-sandbox)."""


class SendObserver(Protocol):
    """Is notified when a change is sent, so that it can record this."""

    async def sending(self) -> None:
        """Called right before a change is sent. Raises NotSent if it must not be sent."""

    async def not_executed(self) -> None:
        """Called if Amazon did not carry out a change that was sent, and the client will send it again."""


class SellingPartner:
    """Amazon's Selling Partner API for one account in one region.

    `base_url` and `tokens_base_url` have no trailing slash. `longest_wait` is the most seconds that one call waits for
    turns in total. With `shared_rate`, all operations share one bucket of that rate.
    """

    def __init__(
        self,
        *,
        http: Http,
        base_url: str,
        tokens_base_url: str,
        login_url: str,
        credentials: Credentials,
        limiter: RateLimiter,
        clock: Clock,
        longest_wait: float,
        shared_rate: Rate | None = None,
    ) -> None:
        self._http = http
        self._base_url = base_url
        self._tokens_base_url = tokens_base_url
        self._clock = clock
        self._longest_wait = longest_wait
        self._shared_rate = shared_rate
        self._user_agent = user_agent()
        self._login = Login(http, login_url, credentials, clock, self._user_agent)
        self._limiter = limiter
        self._restricted = RestrictedTokens(clock)
        self._closing = False

    async def send(
        self,
        request: ApiRequest,
        on_wait: OnWait | None = None,
        observer: SendObserver | None = None,
        *,
        longest: float | None = None,
    ) -> Answer:
        """Send one request and return Amazon's successful answer.

        `on_wait` is called with the seconds left while the call waits for a turn, and `observer` each time the request
        is sent. `longest` replaces the client's `longest_wait` if it is less. Raises a SellingPartnerError, whose type
        says whether anything was sent (see errors.py).
        """
        most = self._longest_wait if longest is None else min(longest, self._longest_wait)
        call = _Call(request, self._clock.monotonic(), most, on_wait=on_wait, observer=observer)
        try:
            return await self._send(call)
        except NotSent as error:
            error.refused_before = call.reached_amazon
            raise

    async def _send(self, call: _Call) -> Answer:
        while True:
            await anyio.lowlevel.checkpoint_if_cancelled()
            # Get the token before the turn: turns that wait for a sign-in would all be used at once after it.
            token = await self._token(call)
            await self._take_turn(call)
            event = await self._attempt(call, token)
            step = next_step(
                call.request.endpoint,
                event,
                attempts=call.failed + 1,
                time_left=call.failed < RETRIES and self._clock.monotonic() < call.started + call.longest,
                renewed_token=call.renewed_token,
            )
            match step:
                case Succeed(body):
                    assert isinstance(event, ParsedReply)
                    return Answer(event.status, body, event.errors, event.request_id, event.rate, call.waited)
                case Fail(error):
                    raise error
                case WaitForQuota(seconds):
                    assert isinstance(event, ParsedReply)
                    call.throttled, call.throttles = event, call.throttles + 1
                    await call.not_executed()
                    await self._limiter.pause(*self._bucket(call.request), seconds, call.throttles)
                case SignInAgain():
                    call.renewed_token = True
                    await call.not_executed()
                    self._drop_token(call.request, token)
                case TryAgain(may_be_executed):
                    if not may_be_executed:
                        await call.not_executed()
                    await self._clock.sleep(2**call.failed * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
                    call.failed += 1

    def close_to_new(self) -> None:
        """Refuse new requests. Requests that were already sent are completed."""
        self._closing = True

    async def aclose(self) -> None:
        """Close the connections and the quota store."""
        await self._limiter.aclose()
        await self._http.aclose()

    def _bucket(self, request: ApiRequest) -> tuple[str, Rate]:
        # Tokens for Amazon's sandbox come from production, which has a bucket of its own.
        if self._shared_rate is not None and request.endpoint is not MINT:
            return "every operation of Amazon's sandbox", self._shared_rate
        return request.operation, request.endpoint.rate

    async def _take_turn(self, call: _Call) -> None:
        """Wait for the call's turn in the quota.

        Raises WaitTooLong, or Throttled if Amazon has answered this call with 429 before.
        """
        try:
            call.waited += await self._limiter.turn(
                *self._bucket(call.request),
                call.longest - call.waited,
                longest=self._longest_wait,
                strict=call.changes,
                on_wait=call.on_wait,
            )
        except WaitTooLong as error:
            if call.throttled is None:
                raise
            raise Throttled(
                f"Amazon answered 429 (quota used up). The next attempt is possible in {error.seconds:.0f} s, but "
                f"calls wait at most {self._longest_wait:.0f} s (SP_MCP_MAX_WAIT).",
                status=429,
                request_id=call.throttled.request_id,
                errors=call.throttled.errors,
            ) from None

    async def _attempt(self, call: _Call, token: SecretStr) -> Event:
        """Send the request once. Returns the parsed reply, or the error that prevented one. Raises NotSent."""
        request, endpoint = call.request, call.request.endpoint
        headers = {
            **request.headers,
            "x-amz-access-token": token.get_secret_value(),
            "x-amz-date": self._clock.now().strftime("%Y%m%dT%H%M%SZ"),
            "user-agent": self._user_agent,
            "accept": endpoint.accept,
        }
        content = None
        if request.body is not None:
            headers["content-type"] = "application/json"
            content = json.dumps(request.body, ensure_ascii=False, separators=(",", ":")).encode()
        base = self._tokens_base_url if endpoint is MINT else self._base_url
        if self._closing:
            raise ShuttingDown("The server is shutting down.")
        started = self._clock.monotonic()
        try:
            # A change that was sent is completed even if the caller is cancelled, so that its outcome is recorded.
            with anyio.CancelScope(shield=call.changes):
                if call.observer is not None:
                    await call.observer.sending()
                reply = await self._http.exchange(
                    endpoint.method, base + request.path, headers=headers, query=request.query, content=content
                )
        except NoConnection as error:
            log.warning("%s: %s", request.operation, error)
            return error
        except NoAnswer as error:
            log.warning("%s: %s", request.operation, error)
            call.reached_amazon = True
            return error
        call.reached_amazon = True
        parsed = ParsedReply.of(reply)
        log.log(
            logging.INFO if reply.status < 400 else logging.WARNING,
            "%s: %s in %.2f s, request id %s",
            request.operation,
            reply.status,
            self._clock.monotonic() - started,
            parsed.request_id,
        )
        if parsed.rate is not None and self._shared_rate is None:
            await self._limiter.follow(*self._bucket(request), parsed.rate)
        return parsed

    async def _token(self, call: _Call) -> SecretStr:
        if self._closing:
            raise ShuttingDown("The server is shutting down.")
        if not call.request.endpoint.restricted:
            return await self._login.token()

        async def send(mint: ApiRequest) -> Answer:
            # The time that the token request waits for its turn counts as waiting time of the call that needs it.
            minting = _Call(mint, self._clock.monotonic(), call.longest, waited=call.waited, on_wait=call.on_wait)
            answer = await self._send(minting)
            call.waited = minting.waited
            return answer

        return await self._restricted.get(call.request, send)

    def _drop_token(self, request: ApiRequest, token: SecretStr) -> None:
        if request.endpoint.restricted:
            self._restricted.reject(request, token)
        self._login.reject(token)


@dataclass
class _Call:
    """One call and its state. `started` is a monotonic instant.

    `longest` is the most seconds that it waits for turns, and `waited` the seconds that it has waited. `failed` counts
    attempts to repeat, `throttles` 429s.
    """

    request: ApiRequest
    started: float
    longest: float
    waited: float = 0.0
    failed: int = 0
    reached_amazon: bool = False
    renewed_token: bool = False
    throttled: ParsedReply | None = None
    throttles: int = 0
    on_wait: OnWait | None = None
    observer: SendObserver | None = None

    @property
    def changes(self) -> bool:
        """Whether the call changes something that needs consent."""
        return self.request.endpoint.effect is Effect.CHANGES

    async def not_executed(self) -> None:
        """Notify the observer that Amazon did not carry out the last attempt."""
        if self.observer is not None:
            with anyio.CancelScope(shield=True):
                await self.observer.not_executed()
