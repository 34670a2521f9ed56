"""Writes what clients are shown of every tool into sp_mcp/server/tool_definitions/, from operations and workflows.

Loading all of them, and building their models for the schemas, takes time and memory that a server has better uses for:
most tools are never called in its life. One file is one tool; the tests compare with it what a client sees.

Usage: python tools/generate_tools.py [--check]
With --check nothing is written; exit code 1 says which files are out of date.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from sp_mcp.apis import apis, operations
from sp_mcp.endpoint import Effect
from sp_mcp.operation import Operation
from sp_mcp.request.schema import input_schema, output_schema
from sp_mcp.server.definitions import FOLDER
from sp_mcp.workflows import catalogue
from sp_mcp.workflows.workflow import Leaves, Workflow

TARGET = Path(__file__).parent.parent / "sp_mcp" / "server" / FOLDER

_AFTER_ALL_APIS = 10_000
_PER_API = 100


def of_operation(operation: Operation, position: int) -> dict[str, Any]:
    """The definition of an operation. Nothing that changes can be taken back, so hosts should treat it with care."""
    reads = operation.endpoint.effect is Effect.READS
    return {
        **_begin(operation, position),
        "operation": operation.operation_id,
        "hidden_when_read_only": operation.hidden_when_read_only,
        **_words(operation),
        "hints": {
            "readOnlyHint": reads,
            "destructiveHint": operation.changes,
            "idempotentHint": operation.idempotent or reads,
            "openWorldHint": True,
        },
        "input": input_schema(operation.request, changes=operation.changes),
        "output": output_schema(operation.response),
    }


def of_workflow(workflow: Workflow, position: int) -> dict[str, Any]:
    """The definition of a workflow."""
    return {
        **_begin(workflow, position),
        "operation": None,
        "hidden_when_read_only": workflow.leaves is Leaves.FILES_THERE,
        **_words(workflow),
        "hints": {
            "readOnlyHint": workflow.leaves is Leaves.NOTHING,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": workflow.reaches_out,
        },
        "input": input_schema(workflow.request),
        "output": output_schema(workflow.response),
    }


def _begin(what: Operation | Workflow, position: int) -> dict[str, Any]:
    return {"name": what.name, "position": position, "api": what.api}


def _words(what: Operation | Workflow) -> dict[str, Any]:
    return {"title": what.title, "description": what.description}


def wanted() -> dict[str, str]:
    """File name -> content, for all tools."""
    found = []
    for api in apis().values():
        for number, operation in enumerate(operations((api.name,))):
            found.append(of_operation(operation, api.position * _PER_API + number))
    found += [of_workflow(workflow, _AFTER_ALL_APIS * _PER_API + n) for n, workflow in enumerate(catalogue())]
    return {f"{each['name']}.json": json.dumps(each, ensure_ascii=False, indent=1) + "\n" for each in found}


def main() -> int:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    files = wanted()
    TARGET.mkdir(exist_ok=True)
    there = {path.name: path.read_text(encoding="utf-8") for path in TARGET.glob("*.json")}
    stale = sorted(name for name in files.keys() | there.keys() if files.get(name) != there.get(name))
    if not stale:
        print(f"{len(files)} tool definitions are up to date")
        return 0
    if check:
        print(f"out of date: {', '.join(stale)}; run python tools/generate_tools.py")
        return 1
    for name in stale:
        if name in files:
            (TARGET / name).write_text(files[name], encoding="utf-8")
        else:
            (TARGET / name).unlink()
    print(f"wrote {', '.join(stale)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
