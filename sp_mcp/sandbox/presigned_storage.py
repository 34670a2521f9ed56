"""Where files are put and fetched by presigned URL: Amazon's storage in miniature
(docs/facts/documents.md#presigned-storage).

A URL is good for some minutes and for one method. Whoever sends the token of the API along, another method or
other headers than were agreed, or bytes with another MD5, is turned away as the storage does it: in XML.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field

from sp_mcp.clock import Clock

PREFIX = "/_storage/"
_MOST = 10 * 1024 * 1024


@dataclass
class StoredFile:
    """Something that can be put or fetched once its URL is known. `ends` is a monotonic instant."""

    method: str
    ends: float
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None
    media_type: str = "application/octet-stream"
    gzip: bool = False


class StorageRefusal(Exception):
    """The storage says no."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code></Error>'.encode()


class Storage:
    """All files, by the last part of their URL."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.files: dict[str, StoredFile] = {}

    def to_put(self, seconds: float, headers: dict[str, str]) -> str:
        """The path to which a file is put that comes with exactly these headers."""
        return self._add(StoredFile("PUT", self._clock.monotonic() + seconds, headers))

    def to_get(self, seconds: float, content: bytes, media_type: str) -> str:
        """The path of a file to be fetched."""
        return self._add(StoredFile("GET", self._clock.monotonic() + seconds, {}, content, media_type))

    def file(self, path: str) -> StoredFile | None:
        """What there is at a path."""
        return self.files.get(path.removeprefix(PREFIX))

    def _add(self, file: StoredFile) -> str:
        name = secrets.token_hex(12)
        self.files[name] = file
        return f"{PREFIX}{name}?X-Amz-Signature={secrets.token_hex(8)}"

    def exchange(self, method: str, path: str, headers: dict[str, str], body: bytes) -> StoredFile:
        """Put or fetch; `headers` in small letters. Raises StorageRefusal."""
        file = self.files.get(path.removeprefix(PREFIX))
        if file is None:
            raise StorageRefusal(404, "NoSuchKey")
        if method != file.method:
            raise StorageRefusal(405, "MethodNotAllowed")
        if self._clock.monotonic() >= file.ends:
            raise StorageRefusal(403, "AccessDenied")
        if "x-amz-access-token" in headers or "authorization" in headers:
            raise StorageRefusal(400, "InvalidArgument")
        if method == "GET":
            return file
        wrong = [name for name, value in file.headers.items() if headers.get(name.lower()) != value]
        if wrong:
            raise StorageRefusal(403, "SignatureDoesNotMatch")
        digest = headers.get("content-md5")
        if digest is not None and digest != base64.b64encode(hashlib.md5(body).digest()).decode():  # noqa: S324 - theirs
            raise StorageRefusal(400, "BadDigest")
        if len(body) > _MOST:
            raise StorageRefusal(400, "EntityTooLarge")
        file.content = body
        return file
