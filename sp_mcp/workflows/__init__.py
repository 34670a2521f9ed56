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

One is added as a module here and named in MODULES; `python tools/generate_tools.py` then lists it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sp_mcp.workflows.workflow import Workflow

MODULES = {
    "easy_ship_get_documents": "get_documents",
    "easy_ship_save_bulk_documents": "save_bulk_documents",
    "messaging_upload_attachment": "upload_attachment",
    "vendor_orders_collect_purchase_orders": "collect_purchase_orders",
    "vendor_orders_follow_acknowledgement": "follow_acknowledgement",
    "sp_mcp_list_changes": "list_changes",
    "sp_mcp_read_result": "read_result",
}
"""Tool -> the module that holds its WORKFLOW, in the order in which they are listed."""


def by_name(name: str) -> Workflow:
    """One of them, by its tool's name."""
    found: Workflow = import_module(f"{__name__}.{MODULES[name]}").WORKFLOW
    return found


def catalogue() -> tuple[Workflow, ...]:
    """All of them."""
    return tuple(by_name(name) for name in MODULES)
