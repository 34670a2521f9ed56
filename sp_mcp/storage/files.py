"""Files of this machine: which may be read, where downloads go. Nothing else on the disk is touched."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

MB = 1024 * 1024

# On Windows bytes would be taken for text otherwise, and a link followed elsewhere.
_BINARY = getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)

_LONGEST_NAME = 120


class FileRefused(Exception):
    """A file may not be read or written, or is not what is wanted. The text is for the caller."""


class NotOpen(FileRefused):
    """There is no such file in the folders that are open, whatever there may be elsewhere."""


@dataclass(frozen=True)
class Kind:
    """A type of file: its media type, the ends of its name, and what it begins with."""

    media_type: str
    endings: tuple[str, ...]
    beginnings: tuple[bytes, ...]

    def fits(self, content: bytes) -> bool:
        """Whether bytes look like this kind."""
        if self.beginnings:
            return content[:64].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(self.beginnings)
        try:
            return "\0" not in content.decode("utf-8")
        except UnicodeDecodeError:
            return False


_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

ATTACHABLE = (
    Kind("application/pdf", (".pdf",), (b"%PDF-",)),
    Kind("image/jpeg", (".jpg", ".jpeg"), (b"\xff\xd8\xff",)),
    Kind("image/png", (".png",), (b"\x89PNG\r\n\x1a\n",)),
    Kind("image/gif", (".gif",), (b"GIF87a", b"GIF89a")),
    Kind("application/msword", (".doc",), (_OLE,)),
    Kind(_WORD, (".docx",), (_ZIP,)),
    Kind("text/plain", (".txt",), ()),
)
"""What a message to a buyer may carry (docs/facts/messaging.md#attachments)."""

DOCUMENTS = (*ATTACHABLE[:4], Kind("text/plain", (".zpl",), (b"^XA", b"~", b"^", b"\x10CT~~CD", b"CT~~CD")))
"""What labels, invoices and warranties come as."""


def kind_of(content: bytes) -> Kind | None:
    """Which kind of document this is, by how it begins."""
    return next((kind for kind in DOCUMENTS if kind.fits(content)), None)


@dataclass(frozen=True)
class File:
    """A file that was read."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def read_within(path: str, roots: Iterable[Path], kinds: tuple[Kind, ...], most: int) -> File:
    """Read a file that lies in one of the folders, is of one of the kinds and has at most so many bytes.

    A relative path is tried in each folder. Links are followed, and what they lead to must lie there too.
    Raises FileRefused.
    """
    named = list(roots)
    folders = [folder for root in named if (folder := _resolved(root)) is not None and folder.is_dir()]
    if not folders:
        missing = " Those that are named do not exist." if named else ""
        raise NotOpen(
            f"No folder is open for reading.{missing} A person opens some with SP_MCP_FILE_ROOTS, or in the host (MCP "
            "roots)."
        )
    for candidate in _candidates(path, folders):
        file = _resolved(candidate)
        folder = next((folder for folder in folders if file is not None and file.is_relative_to(folder)), None)
        if file is not None and folder is not None:
            return _checked(file.name, _content(folder, file.relative_to(folder), most), kinds)
    # The same for what is not there and what is not allowed: a path must not be a question about the disk.
    raise NotOpen(
        "There is no such file in the folders that are open for reading. SP_MCP_FILE_ROOTS names them, or the host "
        "does (MCP roots)."
    )


def path_of(text: str) -> Path | None:
    """A path, written as one or as a `file:` URI; None where it is neither."""
    try:
        if text.lower().startswith("file:"):
            parts = urlsplit(text)
            return Path(url2pathname(parts.path)) if parts.netloc in ("", "localhost") else None
        return Path(text).expanduser()
    except (RuntimeError, ValueError, OSError):
        return None


def _candidates(path: str, folders: list[Path]) -> list[Path]:
    given = path_of(path)
    if given is None:
        return []
    return [given] if given.is_absolute() else [folder / given for folder in folders]


def _resolved(path: Path) -> Path | None:
    try:
        return path.expanduser().resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return None


def _checked(name: str, content: bytes, kinds: tuple[Kind, ...]) -> File:
    kind = next((kind for kind in kinds if name.lower().endswith(kind.endings)), None)
    if kind is None:
        endings = ", ".join(ending for each in kinds for ending in each.endings)
        raise FileRefused(f"Files of this type cannot be attached; possible are {endings}.")
    if not kind.fits(content):
        raise FileRefused(f"The file's content is not what a name that ends in {Path(name).suffix} says.")
    return File(name, kind.media_type, content)


def _content(folder: Path, inner: Path, most: int) -> bytes:
    try:
        handle = _opened(folder, inner)
    except OSError as error:
        raise FileRefused(f"The file cannot be read: {(error.strerror or 'unknown reason').lower()}.") from None
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise FileRefused("This is no file.")
    with os.fdopen(handle, "rb") as file:
        if status.st_size == 0:
            raise FileRefused("The file is empty.")
        content = file.read(most + 1)
    if len(content) > most:
        raise FileRefused(f"The file is larger than {most // MB} MB.")
    return content


def _opened(folder: Path, inner: Path) -> int:
    """A handle of a file below a folder. No part of the way is a link by now, also if somebody is changing it."""
    if os.open not in os.supports_dir_fd:
        return os.open(folder / inner, os.O_RDONLY | _BINARY | _NO_LINK | _NO_WAIT)
    here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | _NO_LINK)
    try:
        for part in inner.parts[:-1]:
            further = os.open(part, os.O_RDONLY | os.O_DIRECTORY | _NO_LINK, dir_fd=here)
            os.close(here)
            here = further
        return os.open(inner.name, os.O_RDONLY | _NO_LINK | _NO_WAIT, dir_fd=here)
    finally:
        os.close(here)


def save(folder: Path, name: str, content: bytes) -> Path:
    """Write a new file into the folder, which is made if need be; a name that is taken gets a number.

    Answers its path. It is there as a whole or not at all. Raises FileRefused.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = folder / f".{secrets.token_hex(8)}.part"
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY | _NO_LINK, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(handle)
            return _named(draft, folder, name, content)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise FileRefused(f"The file cannot be saved in SP_MCP_DOWNLOAD_DIR: {reason}.") from None


def _named(draft: Path, folder: Path, name: str, content: bytes) -> Path:
    """Give a whole file its name, or the first with a number that is free."""
    suffix = Path(name).suffix
    stem, suffix = plain(name.removesuffix(suffix)), plain(suffix) if suffix else ""
    for number in range(1, 1000):
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        try:
            # A link and not a renaming, which would write over what is there.
            os.link(draft, path)
        except FileExistsError:
            if _is_same(path, content):
                return path
            continue
        return path
    raise FileRefused("There are too many files of this name in SP_MCP_DOWNLOAD_DIR.")


def _is_same(path: Path, content: bytes) -> bool:
    try:
        status = path.lstat()
        return stat.S_ISREG(status.st_mode) and status.st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def plain(name: str) -> str:
    """A name of a file that means the same on every system: short, and of few signs."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in name)
    return kept[:_LONGEST_NAME] or "file"
