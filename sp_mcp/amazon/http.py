"""One HTTP exchange, with errors that say whether the server can have seen the request. Nothing else imports httpx."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import anyio
import httpx

if TYPE_CHECKING:
    from starlette.types import ASGIApp

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
EXCHANGE_SECONDS = 60.0
"""Longest time for one whole exchange, so that a server that sends its answer very slowly cannot block a call."""

MOST_BYTES = 20 * 1024 * 1024
"""Most bytes of an answer, unpacked."""

_THIS_MACHINE = ("all://127.0.0.1", "all://localhost", "all://[::1]")


class NoConnection(Exception):
    """Nothing was written to a connection, so the server cannot have seen the request. The text says why."""


class NoAnswer(Exception):
    """The request was sent and no complete answer came back. The text says why, without content."""


class AnswerTooLong(NoAnswer):
    """The answer is longer than MOST_BYTES."""


@dataclass(frozen=True)
class Reply:
    """Status, headers (case-insensitive) and the whole body of an answer."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Http:
    """A connection pool. Close it with `aclose`.

    `app` answers inside this process instead of a network; `transport` replaces both, for tests.
    """

    def __init__(self, app: ASGIApp | None = None, transport: httpx.AsyncBaseTransport | None = None) -> None:
        if transport is None and app is not None:
            # httpx and starlette describe the same ASGI callable with different types.
            in_process: Any = app
            transport = httpx.ASGITransport(app=in_process)
        self._client = httpx.AsyncClient(
            transport=transport,
            # A proxy from the environment is for requests to Amazon, not to a server on this machine.
            mounts=dict.fromkeys(_THIS_MACHINE),
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
        )

    async def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        query: Iterable[tuple[str, str]] = (),
        content: bytes | None = None,
    ) -> Reply:
        """Send one request once and read the whole answer. Raises NoConnection or NoAnswer."""
        try:
            with anyio.fail_after(EXCHANGE_SECONDS):
                return await self._exchange(method, url, headers, tuple(query), content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise NoConnection(f"no connection could be made ({type(error).__name__})") from None
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
            raise NoConnection(f"the request could not be written ({type(error).__name__})") from None
        except (httpx.TimeoutException, TimeoutError):
            raise NoAnswer("no answer came in time") from None
        except (httpx.HTTPError, ConnectionError):
            raise NoAnswer("the connection broke before the answer was complete") from None

    async def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        query: tuple[tuple[str, str], ...],
        content: bytes | None,
    ) -> Reply:
        # The query is encoded here because httpx writes a blank as a plus.
        url += f"?{urlencode(query, quote_via=quote, safe='')}" if query else ""
        request = self._client.build_request(
            method, url, headers={**headers, "accept-encoding": "gzip"}, content=content
        )
        response = await self._client.send(request, stream=True)
        body = bytearray()
        try:
            unpacker = Unpacker(response.headers.get("content-encoding", ""))
            async for chunk in response.aiter_raw():
                body += unpacker.feed(chunk, MOST_BYTES + 1 - len(body))
                if len(body) > MOST_BYTES:
                    raise AnswerTooLong(f"the answer was longer than {MOST_BYTES // 1024**2} MB")
            unpacker.end()
        except NoAnswer:
            if not 400 <= response.status_code < 500:
                raise
            # The status shows that Amazon refused the request; only its reasons cannot be read.
            body.clear()
        finally:
            await response.aclose()
        return Reply(response.status_code, response.headers, bytes(body))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()


class Unpacker:
    """Unpacks an answer piece by piece, because httpx would unpack a gzip bomb before its size can be checked.

    Raises NoAnswer for an encoding that was not asked for, and for what cannot be unpacked.
    """

    def __init__(self, encoding: str) -> None:
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise NoAnswer("the answer came in an encoding that was not asked for")
        self._gzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS) if "gzip" in encoding else None
        self._empty = True

    def feed(self, chunk: bytes, most: int) -> bytes:
        """Returns the next piece, unpacked to at most `most` bytes."""
        if self._gzip is None:
            return chunk
        self._empty = self._empty and not chunk
        try:
            return self._gzip.decompress(chunk, most)
        except zlib.error:
            raise NoAnswer("the answer could not be unpacked") from None

    def end(self) -> None:
        """Check that the answer is complete. Raises NoAnswer if it is not."""
        # An answer without a single byte is empty, even if its header says gzip.
        if self._gzip is not None and not self._empty and (not self._gzip.eof or self._gzip.unused_data):
            raise NoAnswer("the answer could not be unpacked")
