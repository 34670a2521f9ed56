"""Files to and from Amazon's storage, by presigned URL (sp-api-facts 4.2 and 4.4).

Such a URL opens what it leads to for whoever has it, so it is never logged or shown; the token of the API never goes
there; and it is followed only to where Amazon keeps files.
"""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from sp_mcp.amazon.errors import TransferFailed
from sp_mcp.amazon.http import MOST_BYTES, AnswerTooLong, Http, NoAnswer, NoConnection, Reply

log = logging.getLogger(__name__)

TRIES = 3
"""How often a file is fetched before it is given up; a file is put once."""

# The addresses of S3, with the bucket in front or not.
_STORAGE = re.compile(r"([a-z0-9][a-z0-9.-]*\.)?s3([.-][a-z0-9-]+)*\.amazonaws\.com(\.cn)?", re.ASCII)

_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})
"""Headers that belong to the connection and not to what a URL was signed for."""

_GZIP = b"\x1f\x8b"


class Transfers:
    """Puts and gets files. `base_url` is that of the API; a Selling Partner of this machine keeps files there too."""

    def __init__(self, http: Http, base_url: str, *, on_this_machine: bool) -> None:
        self._http = http
        self._own = urlsplit(base_url).netloc if on_this_machine else None

    async def put(self, url: str, headers: Mapping[str, str], content: bytes) -> None:
        """Put a file with exactly these headers. Raises TransferFailed."""
        if any(name.lower() in _OURS for name in headers):
            raise TransferFailed("The headers Amazon asked for are not those of a file.")
        try:
            reply = await self._exchange("PUT", url, headers, content)
        except NoAnswer as error:
            raise TransferFailed(f"Whether the file reached Amazon's storage is not known: {error}.") from None
        if not 200 <= reply.status < 300:
            raise TransferFailed(f"Amazon's storage did not take the file ({reply.status}{_code(reply)}).")

    async def get(self, url: str, most: int, *, gzip: bool = False) -> bytes:
        """A file of at most so many bytes, unpacked where it is said to be packed. Raises TransferFailed."""
        for attempt in range(1, TRIES + 1):
            try:
                reply = await self._exchange("GET", url, {}, None)
            except AnswerTooLong:
                raise TransferFailed(f"The file is longer than {MOST_BYTES // 1024**2} MB.") from None
            except NoAnswer as error:
                if attempt == TRIES:
                    raise TransferFailed(f"The file could not be fetched: {error}.") from None
                continue
            if reply.status < 500:
                break
        if not 200 <= reply.status < 300:
            raise TransferFailed(f"Amazon's storage did not give the file ({reply.status}{_code(reply)}).")
        # What was packed on the way as well is unpacked by now.
        content = _unpacked(reply.body, most) if gzip and reply.body.startswith(_GZIP) else reply.body
        if len(content) > most:
            raise TransferFailed(f"The file is longer than {most // 1024**2} MB.")
        return content

    async def _exchange(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        """One exchange. Raises TransferFailed for what cannot be tried, NoAnswer for what brought nothing."""
        if not self._leads_to_storage(url):
            raise TransferFailed("The address Amazon gave for the file does not lead to its storage.")
        try:
            reply = await self._http.exchange(method, url, headers=headers, content=content)
        except NoConnection as error:
            raise TransferFailed(f"The file was not transferred: {error}.") from None
        except UnicodeEncodeError:
            raise TransferFailed("The headers Amazon asked for cannot be written.") from None
        log.info("storage: %s %s", method, reply.status)
        return reply

    def _leads_to_storage(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if self._own is not None:
            return parts.netloc == self._own
        fits = _STORAGE.fullmatch(host.lower()) is not None
        return parts.scheme == "https" and fits and "@" not in parts.netloc and port in (None, 443)


def _unpacked(content: bytes, most: int) -> bytes:
    """All members of a gzip, up to one byte more than `most`."""
    whole = bytearray()
    while content and len(whole) <= most:
        unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        try:
            whole += unpacker.decompress(content, most + 1 - len(whole))
        except zlib.error:
            raise TransferFailed("The file could not be unpacked.") from None
        if len(whole) <= most and not unpacker.eof:
            raise TransferFailed("The file is not complete.")
        content = unpacker.unused_data
    return bytes(whole)


def _code(reply: Reply) -> str:
    """The storage's error code, of which an XML page tells; nothing else of it."""
    start = reply.body.find(b"<Code>")
    code = reply.body[start + 6 : start + 46].split(b"<")[0].decode("ascii", "replace") if start >= 0 else ""
    return f", {code}" if code.isalnum() else ""
