"""What both major versions of the Python SDK are asked to do: every schema is a schema, and they check the answers."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from exchange import Report, Task, structured, wire
from jsonschema import Draft202012Validator


async def examine(task: Task, session: Any) -> Report:
    """List, check and call through `session`: anything with `list_tools` and `call_tool` of the SDK."""
    report = Report(version("mcp"))
    tools = [wire(tool) for tool in (await session.list_tools()).tools]
    report.listed = len(tools)
    for tool in tools:
        with report.trying(tool["name"]):
            Draft202012Validator.check_schema(tool["inputSchema"])
            Draft202012Validator.check_schema(tool.get("outputSchema", {}))
            report.shown[tool["name"]] = tool["inputSchema"]
    for call in task.calls:
        with report.trying(f"the call of {call.tool}"):
            report.answers[call.tool] = structured(await session.call_tool(call.tool, call.arguments))
    return report
