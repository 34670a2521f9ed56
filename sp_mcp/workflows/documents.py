"""Documents that Amazon gave, saved on this machine and linked in the answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import anyio.to_thread
import mcp_types as types

from sp_mcp.files import kind_of, save
from sp_mcp.operation import ResponseModel
from sp_mcp.workflows.workflow import Done, Run


class DocumentGiven(ResponseModel):
    type: str | None = None
    file: str | None = None
    mediaType: str | None = None
    bytes: int | None = None


@dataclass(frozen=True)
class Document:
    """A saved document. `bytes` is its size."""

    type: str
    file: str
    mediaType: str
    bytes: int

    @property
    def link(self) -> types.ResourceLink:
        path = Path(self.file)
        return types.ResourceLink(name=path.name, uri=path.as_uri(), mime_type=self.mediaType, size=self.bytes)


async def keep(run: Run, type: str, name: str, content: bytes) -> Document:
    """Save a document under a name without its ending, which its content tells. Raises FileRefused."""
    kind = kind_of(content)
    ending, media_type = (kind.endings[0], kind.media_type) if kind else (".bin", "application/octet-stream")
    folder = run.account.download_dir
    path = await anyio.to_thread.run_sync(save, folder, f"{name}{ending}", content)
    return Document(type, str(path), media_type, len(content))


def delivered(run: Run, documents: list[Document], *notes: str, **more: Any) -> Done:
    """An answer with the documents in it and linked."""
    run.account.saved |= {Path(document.file) for document in documents}
    told = [{key: value for key, value in asdict(document).items() if value} for document in documents]
    return Done({**more, "documents": told}, notes, tuple(document.link for document in documents))
