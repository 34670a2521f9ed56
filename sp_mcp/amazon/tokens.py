"""Bearer tokens, and handing one of them to everybody who needs it."""

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
"""Seconds before its end at which a token is no longer handed out."""

_USUAL_LIFE = 3600.0
_SHORTEST_LIFE = 60.0


@dataclass(frozen=True)
class Token:
    """A bearer token and the monotonic instant from which it is not used any more."""

    value: SecretStr
    stale_at: float

    @classmethod
    def read(cls, value: Any, seconds: Any, now: float) -> Token | None:
        """A token received `now` that lives for `seconds`; None where `value` cannot be one.

        A lifetime that is missing or makes no sense counts as the usual hour.
        """
        if not isinstance(value, str) or not re.fullmatch(r"[\x21-\x7e]+", value):
            return None
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < _SHORTEST_LIFE:
            seconds = _USUAL_LIFE
        return cls(SecretStr(value), now + seconds - min(RENEW_EARLY, seconds / 2))


class SharedToken:
    """Keeps one token; whoever needs it while there is none shares one attempt to get it, and its failure."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = anyio.Lock()
        self._token: Token | None = None
        self._attempts = 0
        self._failure: SignInFailed | None = None

    async def get(self, fetch: Callable[[], Awaitable[Token]]) -> SecretStr:
        """The token; `fetch` gets a new one where there is none that lasts. Raises SignInFailed."""
        if token := self._current():
            return token
        attempts_seen = self._attempts
        async with self._lock:
            if token := self._current():
                return token
            if self._attempts != attempts_seen and self._failure is not None:
                # Each waiter gets a failure of its own: what it says may be added to.
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
        """This token turned out worthless: do not hand it out again."""
        if self._token is not None and self._token.value == value:
            self._token = None

    def _current(self) -> SecretStr | None:
        if self._token is not None and self._clock.monotonic() < self._token.stale_at:
            return self._token.value
        return None
