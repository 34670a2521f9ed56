"""Restricted Data Tokens, which Amazon wants for a call whose answer holds buyers' data
(docs/facts/sp-api.md#restricted-data-tokens).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pydantic import SecretStr

from sp_mcp.amazon.answers import Answer
from sp_mcp.amazon.bearer_tokens import SharedToken, Token
from sp_mcp.amazon.errors import ReadFailed, Refused, SignInFailed, Unreachable, WaitTooLong
from sp_mcp.clock import Clock
from sp_mcp.endpoint import ApiRequest, Effect, Endpoint, Rate

MINT = Endpoint(
    method="POST",
    path="/tokens/2021-03-01/restrictedDataToken",
    rate=Rate(1, 10),
    # The request leaves nothing behind at Amazon, so it can be repeated.
    effect=Effect.READS,
    proof=("restrictedDataToken",),
)
"""createRestrictedDataToken. It is not a tool, because the token would appear in the conversation."""

Send = Callable[[ApiRequest], Awaitable[Answer]]


class RestrictedTokens:
    """One token for each method and path, shared by all calls of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[tuple[str, str], SharedToken] = {}

    async def get(self, request: ApiRequest, send: Send) -> SecretStr:
        """Returns the token for the request's method and path. `send` sends the request for a new token.

        Raises SignInFailed.
        """
        shared = self._tokens.setdefault(_resource(request), SharedToken(self._clock))

        async def mint() -> Token:
            return await self._mint(request, send)

        return await shared.get(mint)

    def reject(self, request: ApiRequest, token: SecretStr) -> None:
        """Drop a token that Amazon called expired."""
        self._tokens[_resource(request)].reject(token)

    async def _mint(self, request: ApiRequest, send: Send) -> Token:
        method, path = _resource(request)
        body = {"restrictedResources": [{"method": method, "path": path}]}
        try:
            answer = await send(ApiRequest("tokens_create_restricted_data_token", MINT, MINT.path, body=body))
        except (Refused, ReadFailed, Unreachable, WaitTooLong) as error:
            raise SignInFailed(
                f"Amazon returned no Restricted Data Token, which this operation needs. {error.reason}",
                status=error.status,
                request_id=error.request_id,
                errors=error.errors,
            ) from None
        value, seconds = answer.body.get("restrictedDataToken"), answer.body.get("expiresIn")
        token = Token.read(value, seconds, self._clock.monotonic())
        if token is None:
            raise SignInFailed("Amazon's answer holds no Restricted Data Token, which this operation needs.")
        return token


def _resource(request: ApiRequest) -> tuple[str, str]:
    return request.endpoint.method, request.path
