"""Tools of this program's own, which are no single operation of Amazon's.

    workflow.py             what such a tool is, and how it is served
    upload_attachment.py    messaging_upload_attachment
    list_changes.py         sp_mcp_list_changes

One is added as a module here and named in `catalogue`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sp_mcp.workflows.workflow import Workflow


def catalogue() -> tuple[Workflow, ...]:
    """All of them, in the order in which they are listed."""
    from sp_mcp.workflows import list_changes, upload_attachment

    return (upload_attachment.WORKFLOW, list_changes.WORKFLOW)
