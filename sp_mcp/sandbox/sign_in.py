"""Login with Amazon and Restricted Data Tokens (docs/facts/sp-api.md#login,
docs/facts/sp-api.md#restricted-data-tokens).
"""

from __future__ import annotations

import secrets
from typing import Any

from sp_mcp.clock import Clock
from sp_mcp.sandbox import LOCAL_CLIENT_ID, LOCAL_CLIENT_SECRET, LOCAL_REFRESH_TOKEN
from sp_mcp.sandbox.refusals import Refusal, invalid

LIFETIME = 3600

_DENIED = "Access to requested resource is denied."


class OAuthRefusal(Exception):
    """Login with Amazon says no, in its own shape."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(code)
        self.body = {"error": code, "error_description": description}


class Tokens:
    """Tokens that were given out. `logins` counts successful sign-ins."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._access: dict[str, float] = {}
        self._restricted: dict[str, tuple[float, frozenset[tuple[str, str]]]] = {}
        self.logins = 0

    def sign_in(self, form: dict[str, str]) -> dict[str, Any]:
        """Answer a request of the refresh grant. Raises OAuthRefusal."""
        if form.get("grant_type") != "refresh_token":
            raise OAuthRefusal("unsupported_grant_type", "The grant type is not supported.")
        missing = [name for name in ("client_id", "client_secret", "refresh_token") if not form.get(name)]
        if missing:
            raise OAuthRefusal("invalid_request", f"The request is missing: {', '.join(missing)}.")
        if (form["client_id"], form["client_secret"]) != (LOCAL_CLIENT_ID, LOCAL_CLIENT_SECRET):
            raise OAuthRefusal("invalid_client", "Client authentication failed.")
        if form["refresh_token"] != LOCAL_REFRESH_TOKEN:
            raise OAuthRefusal("invalid_grant", "The refresh token is not valid.")
        self.logins += 1
        token = f"Atza|{secrets.token_hex(24)}"
        self._access[token] = self._clock.monotonic() + LIFETIME
        return {
            "access_token": token,
            "refresh_token": form["refresh_token"],
            "token_type": "bearer",
            "expires_in": LIFETIME,
        }

    def restrict(self, resources: list[dict[str, Any]]) -> dict[str, Any]:
        """A token for these methods and paths."""
        if not 1 <= len(resources) <= 50:
            raise invalid("One to 50 restricted resources.")
        token = f"Atz.sprdt|{secrets.token_hex(24)}"
        allowed = frozenset((str(r["method"]), str(r["path"])) for r in resources)
        self._restricted[token] = (self._clock.monotonic() + LIFETIME, allowed)
        return {"restrictedDataToken": token, "expiresIn": LIFETIME}

    def check(self, token: str, method: str, path: str, *, restricted: bool) -> str:
        """The kind of token, `lwa` or `rdt`. Raises Refusal where it does not open this door."""
        now = self._clock.monotonic()
        if token in self._restricted:
            end, allowed = self._restricted[token]
            if (method, path) not in allowed:
                raise Refusal(403, "Unauthorized", _DENIED, "The token is restricted to other resources.")
            kind = "rdt"
        elif token in self._access:
            end, kind = self._access[token], "lwa"
        else:
            raise Refusal(403, "Unauthorized", _DENIED, "The access token you provided is missing or invalid.")
        if now >= end:
            raise expired()
        if restricted and kind != "rdt":
            raise Refusal(403, "Unauthorized", _DENIED, "This resource needs a Restricted Data Token.")
        return kind

    def revoke(self, token: str) -> None:
        """Let a token end now."""
        self._access.pop(token, None)
        self._restricted.pop(token, None)


def expired() -> Refusal:
    """What an expired token meets."""
    return Refusal(403, "Unauthorized", _DENIED, "The access token you provided has expired.")
