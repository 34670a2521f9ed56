"""The Redis or Valkey server that a team's machines share (SP_MCP_REDIS_URL).

Its address may hold a password, so neither it nor what the client library says of it is shown anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from sp_mcp.settings import SettingsError

if TYPE_CHECKING:
    from redis.commands.core import AsyncScript

ANSWER_SECONDS = 1.0
"""How long the server may take to be reached, and to answer."""

NAME = "Redis (SP_MCP_REDIS_URL)"


class RedisUnavailable(Exception):
    """The server cannot be reached, or does not do what it is asked. The text says why and holds no address."""


class Redis:
    """A client of the server. It connects on first use, and again whenever a connection was lost.

    Raises SettingsError where the address cannot be used.
    """

    def __init__(self, url: SecretStr) -> None:
        # Loaded here: where no Redis is set the library need not be there, and later it would hold calls up.
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError

        try:
            self._redis = Redis.from_url(
                url.get_secret_value(),
                decode_responses=True,
                socket_timeout=ANSWER_SECONDS,
                socket_connect_timeout=ANSWER_SECONDS,
                # Once more on a new connection, because an idle one may have been cut on the way. A script that
                # ran twice has cost a token or a consent, and has not given one away.
                retry=Retry(NoBackoff(), 1),
            )
            pool = self._redis.connection_pool
            pool.connection_class(**pool.connection_kwargs)
        except (TypeError, ValueError, RedisError):
            raise SettingsError("SP_MCP_REDIS_URL: has options that the redis client does not know.") from None
        self._scripts: dict[str, AsyncScript] = {}

    async def run(self, script: str, key: str, *values: str | float) -> Any:
        """Run a Lua script on the value at `key`, as one step. Raises RedisUnavailable."""
        from redis.exceptions import AuthenticationError, RedisError

        if script not in self._scripts:
            self._scripts[script] = self._redis.register_script(script)
        try:
            return await self._scripts[script](keys=[key], args=values)
        except AuthenticationError:
            raise RedisUnavailable(f"{NAME} does not accept the user name or password") from None
        except (RedisError, OSError) as error:
            raise RedisUnavailable(f"{NAME} cannot be used ({type(error).__name__})") from None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
