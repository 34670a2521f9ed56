"""Login with Amazon: one access token that all calls share (docs/facts/sp-api.md#login)."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from pydantic import SecretStr

from sp_mcp.amazon.answers import json_object
from sp_mcp.amazon.bearer_tokens import SharedToken, Token
from sp_mcp.amazon.errors import SignInFailed
from sp_mcp.amazon.http import Http, NoAnswer, NoConnection, Reply
from sp_mcp.clock import Clock
from sp_mcp.credentials import Credentials

log = logging.getLogger(__name__)

_ATTEMPTS = 3
_LONGEST = 30.0
"""Seconds after which no further attempt is made."""

_ADVICE = {
    "invalid_client": "The client id or secret is wrong, or the secret has expired (Amazon wants a new one every "
    "180 days): check SP_API_CLIENT_ID and SP_API_CLIENT_SECRET.",
    "invalid_grant": "The refresh token is revoked, expired, or belongs to another application: authorise the "
    "application again and set SP_API_REFRESH_TOKEN.",
    "unauthorized_client": "The application is not allowed to sign in like this: check its authorisation in "
    "Seller or Vendor Central.",
    "access_denied": "The selling partner has not given access: authorise the application again.",
}


class Login:
    """Provides the access token, and signs in when there is none or it is about to expire."""

    def __init__(self, http: Http, url: str, credentials: Credentials, clock: Clock, user_agent: str) -> None:
        self._http = http
        self._url = url
        self._credentials = credentials
        self._clock = clock
        self._user_agent = user_agent
        self._shared = SharedToken(clock)

    async def token(self) -> SecretStr:
        """Returns a valid access token. Concurrent callers share one sign-in, and its failure. Raises SignInFailed."""
        return await self._shared.get(self._sign_in)

    def reject(self, value: SecretStr) -> None:
        """Drop a token that Amazon called expired."""
        self._shared.reject(value)

    async def _sign_in(self) -> Token:
        form = urlencode(
            {
                "grant_type": "refresh_token",
                "refresh_token": self._credentials.refresh_token.get_secret_value(),
                "client_id": self._credentials.client_id,
                "client_secret": self._credentials.client_secret.get_secret_value(),
            }
        ).encode()
        headers = {
            "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
            "accept": "application/json",
            "user-agent": self._user_agent,
        }
        problem = ""
        started = self._clock.monotonic()
        for attempt in range(_ATTEMPTS):
            if attempt:
                if self._clock.monotonic() - started > _LONGEST:
                    break
                await self._clock.sleep(float(attempt))
            try:
                reply = await self._http.exchange("POST", self._url, headers=headers, content=form)
            except (NoConnection, NoAnswer) as error:
                problem = f"{error}."
                continue
            if reply.status == 429 or reply.status >= 500:
                problem = f"it answered {reply.status}."
                continue
            log.debug("signed in: status %s", reply.status)
            return self._read(reply)
        raise SignInFailed(f"Login with Amazon could not be reached: {problem}")

    def _read(self, reply: Reply) -> Token:
        answer = json_object(reply)
        if answer is None:
            raise SignInFailed(f"Login with Amazon answered {reply.status} with something that is not JSON.")
        token = Token.read(answer.get("access_token"), answer.get("expires_in"), self._clock.monotonic())
        if reply.status == 200 and token is not None:
            return token
        # Only the code is repeated: a description could quote what was sent.
        code = answer.get("error")
        known = _ADVICE.get(code) if isinstance(code, str) else None
        raise SignInFailed(
            f"Login with Amazon refused ({code}). {known}"
            if known
            else f"Login with Amazon answered {reply.status} without a token."
        )
