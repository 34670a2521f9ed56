"""Files to and from Amazon's storage, by presigned URL (sp-api-facts 4.2 and 4.4).

Such a URL opens what it leads to for whoever has it, so it is never logged or shown; the token of the API never goes
there; and it is followed only to where Amazon keeps files.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from sp_mcp.amazon.errors import TransferFailed
from sp_mcp.amazon.http import AnswerTooLong, Http, NoAnswer, NoConnection, Reply

log = logging.getLogger(__name__)

_STORAGE = ".amazonaws.com"


class Transfers:
    """Puts and gets files. `base_url` is that of the API; a Selling Partner of this machine keeps files there too."""

    def __init__(self, http: Http, base_url: str, *, on_this_machine: bool) -> None:
        self._http = http
        self._own = urlsplit(base_url).netloc if on_this_machine else None

    async def put(self, url: str, headers: Mapping[str, str], content: bytes) -> None:
        """Put a file with exactly these headers. Raises TransferFailed."""
        reply = await self._exchange("PUT", url, headers, content)
        if not 200 <= reply.status < 300:
            raise TransferFailed(f"Amazon's storage did not take the file ({reply.status}{_code(reply)}).")

    async def get(self, url: str, most: int, *, gzip: bool = False) -> bytes:
        """A file of at most so many bytes, unpacked where it is said to be packed. Raises TransferFailed."""
        reply = await self._exchange("GET", url, {}, None)
        if not 200 <= reply.status < 300:
            raise TransferFailed(f"Amazon's storage did not give the file ({reply.status}{_code(reply)}).")
        content = _unpacked(reply.body, most) if gzip else reply.body
        if len(content) > most:
            raise TransferFailed(f"The file is longer than {most // 1024**2} MB.")
        return content

    async def _exchange(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        if not self._leads_to_storage(url):
            raise TransferFailed("The address Amazon gave for the file does not lead to its storage.")
        try:
            reply = await self._http.exchange(method, url, headers=headers, content=content)
        except AnswerTooLong:
            raise TransferFailed("The file is longer than 20 MB.") from None
        except (NoConnection, NoAnswer) as error:
            raise TransferFailed(f"The file could not be transferred: {error}.") from None
        log.info("storage: %s %s", method, reply.status)
        return reply

    def _leads_to_storage(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
        except ValueError:
            return False
        if self._own is not None:
            return parts.netloc == self._own
        return parts.scheme == "https" and host.endswith(_STORAGE) and not parts.username and parts.port in (None, 443)


def _unpacked(content: bytes, most: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        whole = unpacker.decompress(content, most + 1)
    except zlib.error:
        raise TransferFailed("The file could not be unpacked.") from None
    if len(whole) <= most and not unpacker.eof:
        raise TransferFailed("The file is not complete.")
    return whole


def _code(reply: Reply) -> str:
    """The storage's error code, of which an XML page tells; nothing else of it."""
    start = reply.body.find(b"<Code>")
    code = reply.body[start + 6 : start + 46].split(b"<")[0].decode("ascii", "replace") if start >= 0 else ""
    return f", {code}" if code.isalnum() else ""
