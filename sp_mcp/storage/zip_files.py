"""ZIP archives from outside, unpacked in memory: no folders, no links, no more than was agreed."""

from __future__ import annotations

import stat
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath

from sp_mcp.storage.files import MB, FileRefused, plain

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def unpacked(content: bytes, *, most_files: int, most: int) -> list[tuple[str, bytes]]:
    """The files of a ZIP, by plain names; at most so many, with so many bytes in all. Raises FileRefused."""
    found: list[tuple[str, bytes]] = []
    left = most
    # Each entry begins with this: many more of them than files that are wanted need not be read to be refused.
    if content.count(b"PK\x01\x02") > 4 * most_files:
        raise FileRefused(f"The archive holds more than {most_files} files.")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > most_files:
                raise FileRefused(f"The archive holds more than {most_files} files.")
            for entry in entries:
                if stat.S_ISLNK(entry.external_attr >> 16) or entry.flag_bits & 1:
                    raise FileRefused("The archive holds links or files with a password.")
                if entry.compress_type not in _METHODS:
                    raise FileRefused("The archive is packed in a way that is not unpacked here.")
                with archive.open(entry) as file:
                    # What it says of its size is not believed.
                    inner = file.read(left + 1)
                if len(inner) > left:
                    raise FileRefused(f"The archive holds more than {most // MB} MB.")
                left -= len(inner)
                found.append((_name(entry.filename), inner))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError):
        raise FileRefused("What Amazon sent is no archive that can be unpacked.") from None
    return found


def _name(inside: str) -> str:
    """A file's path inside the archive as one name, without what leads upwards or hides it."""
    parts = [part for part in PurePosixPath(inside.replace("\\", "/")).parts if part.strip("./")]
    return "-".join(plain(part) for part in parts).lstrip(".") or "file"
