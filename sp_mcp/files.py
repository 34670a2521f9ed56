"""Files of this machine: which may be read, where downloads go. Nothing else on the disk is touched."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit
from urllib.request import url2pathname

MB = 1024 * 1024

# On Windows bytes would be taken for text otherwise, and a link followed elsewhere.
_BINARY = getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


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
"""What a message to a buyer may carry (sp-api-facts 4.3)."""


DOCUMENTS = (*ATTACHABLE[:4], Kind("text/plain", (".zpl",), (b"^XA", b"\x10CT~~CD", b"CT~~CD")))
"""What labels, invoices and warranties come as."""


def kind_of(content: bytes) -> Kind | None:
    """Which kind of document this is, by how it begins."""
    start = content[:64].lstrip()
    return next((kind for kind in DOCUMENTS if start.startswith(kind.beginnings)), None)


@dataclass(frozen=True)
class File:
    """A file that was read."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def read_within(path: str, roots: Iterable[Path], kinds: tuple[Kind, ...], most: int) -> File:
    """Read a file that lies in one of the folders, is of one of the kinds and has at most so many bytes.

    A relative path is looked for in each folder. Links are followed, and what they lead to must lie there too.
    Raises FileRefused.
    """
    folders = [folder for root in roots if (folder := _resolved(root)) is not None and folder.is_dir()]
    if not folders:
        raise NotOpen(
            "No folder is open for reading. A person opens some with SP_MCP_FILE_ROOTS, or in the host (MCP roots)."
        )
    found = next((file for candidate in _candidates(path, folders) if (file := _resolved(candidate)) is not None), None)
    if found is None or not any(found.is_relative_to(folder) for folder in folders):
        # The same for what is not there and what is not allowed: a path must not be a question about the disk.
        raise NotOpen(
            "There is no such file in the folders that are open for reading. SP_MCP_FILE_ROOTS names them, or the "
            "host does (MCP roots)."
        )
    content = _content(found, most)
    kind = next((kind for kind in kinds if found.name.lower().endswith(kind.endings)), None)
    if kind is None:
        endings = ", ".join(ending for each in kinds for ending in each.endings)
        raise FileRefused(f"Files of this type cannot be attached; possible are {endings}.")
    if not _looks_like(content, kind):
        raise FileRefused(f"The file's content is not what a name that ends in {found.suffix} says.")
    return File(found.name, kind.media_type, content)


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


def _content(path: Path, most: int) -> bytes:
    try:
        # Links have been followed: one that has taken the file's place since is not.
        handle = os.open(path, os.O_RDONLY | _BINARY | _NO_LINK | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise FileRefused(f"The file cannot be read: {(error.strerror or 'unknown reason').lower()}.") from None
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise FileRefused("This is no file.")
    with os.fdopen(handle, "rb") as file:
        if _resolved(path) != path:
            raise FileRefused("The file has been moved meanwhile.")
        if status.st_size == 0:
            raise FileRefused("The file is empty.")
        content = file.read(most + 1)
    if len(content) > most:
        raise FileRefused(f"The file is larger than {most // MB} MB.")
    return content


def _looks_like(content: bytes, kind: Kind) -> bool:
    if kind.beginnings:
        return content.startswith(kind.beginnings)
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def save(folder: Path, name: str, content: bytes) -> Path:
    """Write a new file into the folder, which is made if need be; a name that is taken gets a number.

    Answers its path. Raises FileRefused.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        stem, suffix = _plain(Path(name).stem), _plain(Path(name).suffix)
        for number in range(1, 1000):
            path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY | _NO_LINK, 0o600)
            except FileExistsError:
                if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
                    return path
                continue
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            return path
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise FileRefused(f"The file cannot be saved in SP_MCP_DOWNLOAD_DIR: {reason}.") from None
    raise FileRefused("There are too many files of this name in SP_MCP_DOWNLOAD_DIR.")


def _plain(name: str) -> str:
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in name)
    return kept.strip() or "file"


def unpacked(content: bytes, *, most_files: int, most: int) -> list[tuple[str, bytes]]:
    """The files of a ZIP, by plain names: no folders, no links, no more than so many and so many bytes in all.

    Raises FileRefused.
    """
    found: list[tuple[str, bytes]] = []
    left = most
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > most_files:
                raise FileRefused(f"The archive holds more than {most_files} files.")
            for entry in entries:
                if stat.S_ISLNK(entry.external_attr >> 16) or entry.flag_bits & 1:
                    raise FileRefused("The archive holds links or files with a password.")
                with archive.open(entry) as file:
                    # What it says of its size is not believed.
                    inner = file.read(left + 1)
                if len(inner) > left:
                    raise FileRefused(f"The archive holds more than {most // MB} MB.")
                left -= len(inner)
                parts = [part for part in PurePosixPath(entry.filename.replace("\\", "/")).parts if part.strip("./")]
                found.append(("-".join(_plain(part) for part in parts) or "file", inner))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise FileRefused("What Amazon sent is no archive that can be unpacked.") from None
    return found
