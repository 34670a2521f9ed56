"""Writes what clients are shown of every tool into sp_mcp/tools.json, from the operations and the workflows.

Loading all of them, and building their models for the schemas, takes time and memory that a server has better uses for:
most tools are never called in its life.

Usage: python tools/generate_tools.py [--check]
With --check nothing is written; exit code 1 says that the file is out of date.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from sp_mcp.apis import operations
from sp_mcp.listing import FILE
from sp_mcp.operation import Operation
from sp_mcp.schema import input_schema, output_schema
from sp_mcp.settings import API_NAMES
from sp_mcp.workflows import catalogue
from sp_mcp.workflows.workflow import Leaves, Workflow

ROOT = Path(__file__).parent.parent / "sp_mcp"


def of_operation(operation: Operation) -> dict[str, Any]:
    """The record of an operation. Nothing that changes can be taken back, so hosts should treat it with care."""
    return {
        **_told(operation),
        "operation_id": operation.operation_id,
        "hidden_when_read_only": operation.changes,
        "hints": {
            "readOnlyHint": not operation.changes,
            "destructiveHint": operation.changes,
            "idempotentHint": operation.idempotent or not operation.changes,
            "openWorldHint": True,
        },
        "input": input_schema(operation.request, changes=operation.changes),
        "output": output_schema(operation.response),
    }


def of_workflow(workflow: Workflow) -> dict[str, Any]:
    """The record of a workflow."""
    return {
        **_told(workflow),
        "operation_id": None,
        "hidden_when_read_only": workflow.leaves is Leaves.FILES_THERE,
        "hints": {
            "readOnlyHint": workflow.leaves is Leaves.NOTHING,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": workflow.reaches_out,
        },
        "input": input_schema(workflow.request),
        "output": output_schema(workflow.response),
    }


def _told(what: Operation | Workflow) -> dict[str, Any]:
    return {"name": what.name, "api": what.api, "title": what.title, "description": what.description}


def main() -> int:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    records = [of_operation(operation) for operation in operations(API_NAMES)]
    records += [of_workflow(workflow) for workflow in catalogue()]
    wanted = "".join(f"{json.dumps(record, ensure_ascii=False, separators=(',', ':'))}\n" for record in records)
    path = ROOT / FILE
    if path.exists() and path.read_text(encoding="utf-8") == wanted:
        print(f"{FILE} is up to date")
        return 0
    if check:
        print(f"{FILE} is out of date; run python tools/generate_tools.py")
        return 1
    path.write_text(wanted, encoding="utf-8")
    print(f"wrote {FILE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
