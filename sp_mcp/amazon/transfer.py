"""Uploads files to Amazon's storage and downloads them, by presigned URL (docs/facts/documents.md#presigned-storage).

Anybody who has such a URL can use it, so it is never logged or shown. The API's token is never sent to the storage.
Only URLs of Amazon's storage are used.
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
"""How many times a download is attempted. An upload is attempted once."""

# The host names of S3, with or without a bucket in front.
_STORAGE = re.compile(r"([a-z0-9][a-z0-9.-]*\.)?s3([.-][a-z0-9-]+)*\.amazonaws\.com(\.cn)?", re.ASCII)

_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})
"""Headers of the connection, for which no URL can be signed."""

_GZIP = b"\x1f\x8b"


class Transfers:
    """Uploads and downloads files. `base_url` is that of the API.

    With `on_this_machine` the API is a local one, which keeps its files at `base_url` too; no other URL is used then.
    """

    def __init__(self, http: Http, base_url: str, *, on_this_machine: bool) -> None:
        self._http = http
        self._own = urlsplit(base_url).netloc if on_this_machine else None

    async def put(self, url: str, headers: Mapping[str, str], content: bytes) -> None:
        """Upload a file with exactly these headers. Raises TransferFailed."""
        if any(name.lower() in _OURS for name in headers):
            raise TransferFailed("Amazon asked for headers that an upload cannot have.")
        try:
            reply = await self._exchange("PUT", url, headers, content)
        except NoAnswer as error:
            raise TransferFailed(f"It is unknown whether the file reached Amazon's storage: {error}.") from None
        if not 200 <= reply.status < 300:
            raise TransferFailed(f"Amazon's storage refused the file ({reply.status}{_code(reply)}).")

    async def get(self, url: str, most: int, *, gzip: bool = False) -> bytes:
        """Download a file of at most `most` bytes, and unpack it if `gzip` is true. Raises TransferFailed."""
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
            raise TransferFailed(f"Amazon's storage did not return the file ({reply.status}{_code(reply)}).")
        # The compression of the transfer itself is already undone.
        content = _unpacked(reply.body, most) if gzip and reply.body.startswith(_GZIP) else reply.body
        if len(content) > most:
            raise TransferFailed(f"The file is longer than {most // 1024**2} MB.")
        return content

    async def _exchange(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        """Send one request and return its reply. Raises TransferFailed if it was not sent, NoAnswer without a reply."""
        if not self._leads_to_storage(url):
            raise TransferFailed("The URL that Amazon returned for the file does not lead to Amazon's storage.")
        try:
            reply = await self._http.exchange(method, url, headers=headers, content=content)
        except NoConnection as error:
            raise TransferFailed(f"The file was not transferred: {error}.") from None
        except UnicodeEncodeError:
            raise TransferFailed("Amazon asked for headers that cannot be sent.") from None
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
    """Returns the content of all members of a gzip, cut after `most` + 1 bytes. Raises TransferFailed."""
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
    """Returns `, Code` with the error code in the storage's XML reply, or "" if there is none."""
    start = reply.body.find(b"<Code>")
    code = reply.body[start + 6 : start + 46].split(b"<")[0].decode("ascii", "replace") if start >= 0 else ""
    return f", {code}" if code.isalnum() else ""
