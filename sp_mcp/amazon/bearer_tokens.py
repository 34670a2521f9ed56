"""Bearer tokens, and sharing one token among all calls."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import anyio
from pydantic import SecretStr

from sp_mcp.amazon.errors import SignInFailed
from sp_mcp.clock import Clock

RENEW_EARLY = 120.0
"""Seconds before its expiry from which a token is no longer used."""

_USUAL_LIFE = 3600.0
_SHORTEST_LIFE = 60.0


@dataclass(frozen=True)
class Token:
    """A bearer token. From the monotonic instant `stale_at` on it is not used any more."""

    value: SecretStr
    stale_at: float

    @classmethod
    def read(cls, value: Any, seconds: Any, now: float) -> Token | None:
        """Returns the token that was received at `now` and is valid for `seconds`, or None if `value` cannot be one.

        A lifetime that is missing, too short or no number counts as an hour.
        """
        if not isinstance(value, str) or not re.fullmatch(r"[\x21-\x7e]+", value):
            return None
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < _SHORTEST_LIFE:
            seconds = _USUAL_LIFE
        return cls(SecretStr(value), now + seconds - min(RENEW_EARLY, seconds / 2))


class SharedToken:
    """Keeps one token. Callers that need it while there is none share one attempt to get it, and its failure."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = anyio.Lock()
        self._token: Token | None = None
        self._attempts = 0
        self._failure: SignInFailed | None = None

    async def get(self, fetch: Callable[[], Awaitable[Token]]) -> SecretStr:
        """Returns the token. If there is none, or it is about to expire, `fetch` gets one. Raises SignInFailed."""
        if token := self._current():
            return token
        attempts_seen = self._attempts
        async with self._lock:
            if token := self._current():
                return token
            if self._attempts != attempts_seen and self._failure is not None:
                # Each waiter gets its own exception, because a handler may add to it.
                raise self._failure.again()
            self._failure = None
            try:
                self._token = await fetch()
            except SignInFailed as failure:
                self._failure = failure
                raise
            finally:
                self._attempts += 1
            return self._token.value

    def reject(self, value: SecretStr) -> None:
        """Drop a token that Amazon refused."""
        if self._token is not None and self._token.value == value:
            self._token = None

    def _current(self) -> SecretStr | None:
        if self._token is not None and self._clock.monotonic() < self._token.stale_at:
            return self._token.value
        return None
