"""Tools that this program adds to Amazon's operations. Most of them call several operations of Amazon.

    workflow.py             the Workflow record, and what a run of it can use
    call_context.py         what a run can use of its caller
    job_progress.py         progress of jobs that take several calls
    reconciliation.py       finds out what became of a change with unknown outcome
    get_documents.py        easy_ship_get_documents
    save_bulk_documents.py  easy_ship_save_bulk_documents
    saved_documents.py      saves documents for both of them
    upload_attachment.py    messaging_upload_attachment
    collect_purchase_orders.py, follow_acknowledgement.py
                            vendor_orders_collect_purchase_orders, vendor_orders_follow_acknowledgement
    list_changes.py         sp_mcp_list_changes
    read_result.py          sp_mcp_read_result

To add a tool, write a module here, name it in MODULES and run `python tools/generate_tools.py`.
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
"""Name of a tool -> the module that holds its WORKFLOW, in the order in which the tools are listed."""


def by_name(name: str) -> Workflow:
    """Returns the workflow of a tool. Raises KeyError for a name that MODULES does not have."""
    found: Workflow = import_module(f"{__name__}.{MODULES[name]}").WORKFLOW
    return found


def catalogue() -> tuple[Workflow, ...]:
    """Returns all workflows, in the order of MODULES."""
    return tuple(by_name(name) for name in MODULES)
