"""Tools of this program's own, which are no single operation of Amazon's.

    workflow.py             what such a tool is, and how it is served
    get_documents.py        easy_ship_get_documents
    save_bulk_documents.py  easy_ship_save_bulk_documents
    documents.py            documents that both of them save
    upload_attachment.py    messaging_upload_attachment
    collect_purchase_orders.py, follow_acknowledgement.py
                            vendor_orders_collect_purchase_orders, vendor_orders_follow_acknowledgement
    list_changes.py         sp_mcp_list_changes
    read_result.py          sp_mcp_read_result

One is added as a module here and named in `catalogue`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sp_mcp.workflows.workflow import Workflow


def catalogue() -> tuple[Workflow, ...]:
    """All of them, in the order in which they are listed."""
    from sp_mcp.workflows import (
        collect_purchase_orders,
        follow_acknowledgement,
        get_documents,
        list_changes,
        read_result,
        save_bulk_documents,
        upload_attachment,
    )

    return (
        get_documents.WORKFLOW,
        save_bulk_documents.WORKFLOW,
        upload_attachment.WORKFLOW,
        collect_purchase_orders.WORKFLOW,
        follow_acknowledgement.WORKFLOW,
        list_changes.WORKFLOW,
        read_result.WORKFLOW,
    )
