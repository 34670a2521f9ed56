"""Saves documents from Amazon on this machine and links them in the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from pydantic import BaseModel

from sp_mcp.operation import ResponseModel
from sp_mcp.storage.files import FileRefused, kind_of
from sp_mcp.workflows.workflow import Done, FileLink, Run

_MOST_LINKS = 20


class DocumentGiven(ResponseModel):
    type: str | None = None
    file: str | None = None
    mediaType: str | None = None
    bytes: int | None = None


class Document(BaseModel):
    """A saved document. `bytes` is its size and `type` Amazon's name for its kind, None if there is none."""

    type: str | None
    file: str
    mediaType: str
    bytes: int

    async def is_there(self, run: Run) -> bool:
        """Whether the file still exists, with its size, in the folder where documents are saved now."""
        path = anyio.Path(self.file)
        if path.parent != anyio.Path(run.services.documents.path) or not await path.is_file():
            return False
        return (await path.stat()).st_size == self.bytes

    @property
    def link(self) -> FileLink:
        """The link to the file for an answer."""
        path = Path(self.file)
        return FileLink(path.name, path.as_uri(), self.mediaType, self.bytes)


async def keep(run: Run, type: str | None, name: str, content: bytes) -> Document:
    """Save a document and return it. `name` has no ending; the content decides which one. Raises FileRefused."""
    kind = kind_of(content)
    if kind is None:
        raise FileRefused("The file is neither PDF, ZPL nor an image, so it was not saved.")
    path = await anyio.to_thread.run_sync(run.services.documents.save, f"{name}{kind.endings[0]}", content)
    return Document(type=type, file=str(path), mediaType=kind.media_type, bytes=len(content))


def delivered(run: Run, documents: list[Document], *notes: str, **more: Any) -> Done:
    """Returns an answer with the documents, `more` fields and `notes`. The first documents are linked."""
    run.services.documents.allow(Path(document.file) for document in documents)
    shown = [document.model_dump(exclude_none=True) for document in documents]
    return Done({**more, "documents": shown}, notes, tuple(document.link for document in documents[:_MOST_LINKS]))
