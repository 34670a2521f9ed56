"""Documents that Amazon gave, saved on this machine and linked in the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import mcp_types as types
from pydantic import BaseModel

from sp_mcp.files import FileRefused, kind_of, save
from sp_mcp.operation import ResponseModel
from sp_mcp.workflows.workflow import Done, Run

_MOST_LINKS = 20


class DocumentGiven(ResponseModel):
    type: str | None = None
    file: str | None = None
    mediaType: str | None = None
    bytes: int | None = None


class Document(BaseModel):
    """A saved document. `bytes` is its size, `type` what Amazon calls it, where it does."""

    type: str | None
    file: str
    mediaType: str
    bytes: int

    async def is_there(self, run: Run) -> bool:
        """Whether it still lies, as it was, where documents are saved now."""
        path = anyio.Path(self.file)
        if path.parent != anyio.Path(run.account.download_dir) or not await path.is_file():
            return False
        return (await path.stat()).st_size == self.bytes

    @property
    def link(self) -> types.ResourceLink:
        path = Path(self.file)
        return types.ResourceLink(name=path.name, uri=path.as_uri(), mime_type=self.mediaType, size=self.bytes)


async def keep(run: Run, type: str | None, name: str, content: bytes) -> Document:
    """Save a document under a name without its ending, which its content tells. Raises FileRefused."""
    kind = kind_of(content)
    if kind is None:
        raise FileRefused("What came is neither PDF, ZPL nor an image, so it was not saved.")
    path = await anyio.to_thread.run_sync(save, run.account.download_dir, f"{name}{kind.endings[0]}", content)
    return Document(type=type, file=str(path), mediaType=kind.media_type, bytes=len(content))


def delivered(run: Run, documents: list[Document], *notes: str, **more: Any) -> Done:
    """An answer with the documents in it, the first of them linked."""
    run.account.saved |= {Path(document.file) for document in documents}
    told = [document.model_dump(exclude_none=True) for document in documents]
    return Done({**more, "documents": told}, notes, tuple(document.link for document in documents[:_MOST_LINKS]))
