"""The shared client: every request to Amazon goes through here.

What it promises: a turn in the quota before each attempt, one login for all, no second send of a change
whose outcome is unknown, and a typed failure for everything that is not a real success.
"""

from __future__ import annotations

import json
import logging
import random
import re
from dataclasses import dataclass
from functools import partial
from typing import NoReturn, Protocol

import anyio
import anyio.lowlevel
from pydantic import SecretStr

from sp_mcp.amazon import answers
from sp_mcp.amazon.answers import Answer, ApiRequest
from sp_mcp.amazon.credentials import Credentials
from sp_mcp.amazon.errors import (
    ErrorDetail,
    Forbidden,
    NotSent,
    OutcomeUnknown,
    ReadFailed,
    Refused,
    ShuttingDown,
    SignInFailed,
    Throttled,
    Unreachable,
    WaitTooLong,
)
from sp_mcp.amazon.http import AnswerTooLong, Http, NoAnswer, NoConnection, Reply
from sp_mcp.amazon.login import Login
from sp_mcp.amazon.rate_limit import OnWait, RateLimiter
from sp_mcp.amazon.tokens import SharedToken, Token
from sp_mcp.clock import Clock
from sp_mcp.quota.bucket import Rate

log = logging.getLogger(__name__)

RETRIES = 3
"""How often a read, or a connection that could not be made, is tried again."""

SANDBOX_RATE = Rate(5, 15)
"""Amazon's sandbox has one bucket for everything (sp-api-facts 3.8)."""

_ID = re.compile(r"[\w.:=+/-]{1,100}", re.ASCII)

_TOKEN_RATE = Rate(1, 10)
_TOKEN_PATH = "/tokens/2021-03-01/restrictedDataToken"  # noqa: S105 - a path


class Departure(Protocol):
    """Whoever keeps book of when a change leaves."""

    async def leaving(self) -> None:
        """The change is about to be written to the wire. Raises NotSent where it must not be."""

    async def held_back(self) -> None:
        """What was written was not carried out, and the change will be tried again."""


class SellingPartner:
    """Amazon's Selling Partner API for one account in one region.

    `base_url` and `tokens_base_url` have no trailing slash. `longest_wait` is in seconds and covers all the
    waiting for turns that one call does. `shared_rate` puts all operations into one bucket.
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
        self._user_agent = answers.user_agent()
        self._login = Login(http, login_url, credentials, clock, self._user_agent)
        self._limiter = limiter
        self._restricted: dict[str, SharedToken] = {}
        self._closing = False

    async def send(
        self,
        request: ApiRequest,
        on_wait: OnWait | None = None,
        departure: Departure | None = None,
        *,
        longest: float | None = None,
    ) -> Answer:
        """Send one request and answer with Amazon's success.

        `on_wait` hears the seconds left while the call waits for a turn; `departure` hears of each time the request
        leaves. `longest` is how many seconds it may wait for turns, where that is less than usual. Raises a
        SellingPartnerError; which one says whether anything was sent (see errors.py).
        """
        most = self._longest_wait if longest is None else min(longest, self._longest_wait)
        attempts = _Attempts(self._clock.monotonic(), most, departure=departure)
        try:
            return await self._send(request, on_wait, attempts)
        except NotSent as error:
            error.refused_before = attempts.reached_amazon
            raise

    async def _send(self, request: ApiRequest, on_wait: OnWait | None, attempts: _Attempts) -> Answer:
        while True:
            await anyio.lowlevel.checkpoint_if_cancelled()
            # The token first: a turn is meant to be used at once, or turns would pile up behind a sign-in.
            token = await self._token_for(request, on_wait, attempts)
            try:
                attempts.waited += await self._turn(request, attempts, on_wait)
            except WaitTooLong as error:
                if attempts.throttled is None:
                    raise
                raise Throttled(
                    f"Amazon answered 429 (quota used up), and the next try would be in {error.seconds:.0f} s; calls "
                    f"wait {self._longest_wait:.0f} s at most (SP_MCP_MAX_WAIT).",
                    status=429,
                    request_id=_request_id(attempts.throttled),
                    errors=answers.error_details(answers.json_object(attempts.throttled)),
                ) from None
            try:
                reply = await self._exchange(request, token, attempts)
            except NoConnection as error:
                if self._gives_up(attempts):
                    raise Unreachable(f"Amazon could not be reached: {error}.") from None
                await attempts.held_back()
                await self._back_off(attempts)
                continue
            except NoAnswer as error:
                attempts.reached_amazon = True
                if request.changes:
                    raise OutcomeUnknown(_sentence(str(error))) from None
                if isinstance(error, AnswerTooLong) or self._gives_up(attempts):
                    raise ReadFailed(_sentence(str(error)), attempts=attempts.failed + 1) from None
                await self._back_off(attempts)
                continue

            attempts.reached_amazon = True
            body = answers.success_body(reply, request)
            await self._follow_rate(request, reply)
            if body is not None:
                return Answer(reply.status, body, _request_id(reply), answers.applied_rate(reply), attempts.waited)
            errors = answers.error_details(answers.json_object(reply))
            if reply.status == 429:
                attempts.throttled, attempts.throttles = reply, attempts.throttles + 1
                await attempts.held_back()
                await self._limiter.pause(*self._bucket(request), answers.retry_after(reply), attempts.throttles)
                continue
            if reply.status in (401, 403) and not attempts.renewed_token and _names_expiry(errors):
                attempts.renewed_token = True
                await attempts.held_back()
                self._drop_token(request, token)
                continue
            if _unusable(reply, errors) and not request.changes and not self._gives_up(attempts):
                await self._back_off(attempts)
                continue
            _fail(request, reply, errors, attempts.failed + 1)

    def close_to_new(self) -> None:
        """Start no more requests. Those that have left are seen through."""
        self._closing = True

    async def aclose(self) -> None:
        """Close the connections, and let go of the quota."""
        await self._limiter.aclose()
        await self._http.aclose()

    def _bucket(self, request: ApiRequest) -> tuple[str, Rate]:
        # Tokens for Amazon's sandbox come from production, whose bucket is its own.
        if self._shared_rate is not None and request.path != _TOKEN_PATH:
            return "every operation of Amazon's sandbox", self._shared_rate
        return request.operation, request.rate

    async def _turn(self, request: ApiRequest, attempts: _Attempts, on_wait: OnWait | None) -> float:
        left = attempts.longest - attempts.waited
        return await self._limiter.turn(
            *self._bucket(request), left, longest=self._longest_wait, strict=request.changes, on_wait=on_wait
        )

    async def _follow_rate(self, request: ApiRequest, reply: Reply) -> None:
        rate = answers.applied_rate(reply)
        if rate is not None and self._shared_rate is None:
            await self._limiter.follow(*self._bucket(request), rate)

    async def _exchange(self, request: ApiRequest, token: SecretStr, attempts: _Attempts) -> Reply:
        headers = {
            "x-amz-access-token": token.get_secret_value(),
            "x-amz-date": self._clock.now().strftime("%Y%m%dT%H%M%SZ"),
            "user-agent": self._user_agent,
            "accept": request.accept,
        }
        content = None
        if request.body is not None:
            headers["content-type"] = "application/json"
            content = json.dumps(request.body, ensure_ascii=False, separators=(",", ":")).encode()
        base = self._tokens_base_url if request.path == _TOKEN_PATH else self._base_url
        if self._closing:
            raise ShuttingDown("The server is shutting down.")
        started = self._clock.monotonic()
        try:
            # A change that has left is seen through, whoever stops waiting for it: its outcome matters.
            with anyio.CancelScope(shield=request.changes):
                if attempts.departure is not None:
                    await attempts.departure.leaving()
                reply = await self._http.exchange(
                    request.method, base + request.path, headers=headers, query=request.query, content=content
                )
        except (NoConnection, NoAnswer) as error:
            log.warning("%s: %s", request.operation, error)
            raise
        log.log(
            logging.INFO if reply.status < 400 else logging.WARNING,
            "%s: %s in %.2f s, request id %s",
            request.operation,
            reply.status,
            self._clock.monotonic() - started,
            _request_id(reply),
        )
        return reply

    async def _token_for(self, request: ApiRequest, on_wait: OnWait | None, attempts: _Attempts) -> SecretStr:
        if self._closing:
            raise ShuttingDown("The server is shutting down.")
        if not request.restricted:
            return await self._login.token()
        shared = self._restricted.setdefault(_resource(request), SharedToken(self._clock))
        return await shared.get(partial(self._mint, request, on_wait, attempts))

    async def _mint(self, request: ApiRequest, on_wait: OnWait | None, attempts: _Attempts) -> Token:
        """A Restricted Data Token for exactly this method and path (sp-api-facts 3.6).

        What it waits for its turn is taken from what the call that needs it may wait.
        """
        mint = ApiRequest(
            operation="tokens_create_restricted_data_token",
            method="POST",
            path=_TOKEN_PATH,
            rate=_TOKEN_RATE,
            changes=False,
            body={"restrictedResources": [{"method": request.method, "path": request.path}]},
            proof=("restrictedDataToken",),
        )
        minting = _Attempts(self._clock.monotonic(), attempts.longest, waited=attempts.waited)
        try:
            answer = await self._send(mint, on_wait, minting)
        except (Refused, ReadFailed, Unreachable, WaitTooLong) as error:
            raise SignInFailed(
                f"Amazon gave no Restricted Data Token, which this operation needs. {error.reason}",
                status=error.status,
                request_id=error.request_id,
                errors=error.errors,
            ) from None
        attempts.waited = minting.waited
        value, seconds = answer.body.get("restrictedDataToken"), answer.body.get("expiresIn")
        token = Token.read(value, seconds, self._clock.monotonic())
        if token is None:
            raise SignInFailed("Amazon's answer holds no Restricted Data Token, which this operation needs.")
        return token

    def _drop_token(self, request: ApiRequest, token: SecretStr) -> None:
        if request.restricted:
            self._restricted[_resource(request)].reject(token)
        self._login.reject(token)

    def _gives_up(self, attempts: _Attempts) -> bool:
        return attempts.failed >= RETRIES or self._clock.monotonic() >= attempts.started + attempts.longest

    async def _back_off(self, attempts: _Attempts) -> None:
        """Wait before the next attempt."""
        await self._clock.sleep(2**attempts.failed * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
        attempts.failed += 1


@dataclass
class _Attempts:
    """What has happened to one call so far. `started` is a monotonic instant.

    `longest` is how many seconds it may wait for turns, and `waited` how many it has.
    """

    started: float
    longest: float
    waited: float = 0.0
    failed: int = 0
    reached_amazon: bool = False
    renewed_token: bool = False
    throttled: Reply | None = None
    throttles: int = 0
    departure: Departure | None = None

    async def held_back(self) -> None:
        """Tell whoever keeps book that the last try was in vain."""
        if self.departure is not None:
            with anyio.CancelScope(shield=True):
                await self.departure.held_back()


def _resource(request: ApiRequest) -> str:
    """What a Restricted Data Token is good for."""
    return f"{request.method} {request.path}"


def _unusable(reply: Reply, errors: tuple[ErrorDetail, ...]) -> bool:
    """Whether this is no word of Amazon's on the request: a server's fault, a lost one, or a broken success."""
    return reply.status >= 500 or reply.status == 408 or (200 <= reply.status < 300 and not errors)


def _fail(request: ApiRequest, reply: Reply, errors: tuple[ErrorDetail, ...], attempts: int) -> NoReturn:
    status, request_id = reply.status, _request_id(reply)
    if reply.status in (401, 403):
        raise Forbidden(f"Amazon answered {status}.", status=status, request_id=request_id, errors=errors)
    said_no = 400 <= status < 500 or (200 <= status < 300 and not request.changes)
    if said_no and not _unusable(reply, errors):
        raise Refused(f"Amazon answered {status}.", status=status, request_id=request_id, errors=errors)
    reason = f"Amazon answered {status}." if errors else f"Amazon answered with {answers.describe(reply)}."
    if request.changes:
        raise OutcomeUnknown(reason, status=status, request_id=request_id, errors=errors)
    raise ReadFailed(reason, attempts=attempts, status=status, request_id=request_id, errors=errors)


def _request_id(reply: Reply) -> str | None:
    value = reply.headers.get("x-amzn-requestid") or reply.headers.get("x-amz-apigw-id")
    # It goes into logs and the ledger, where words from outside do not belong.
    return value if value and _ID.fullmatch(value) else None


def _names_expiry(errors: tuple[ErrorDetail, ...]) -> bool:
    return any("expired" in f"{error.message} {error.details}".lower() for error in errors)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
