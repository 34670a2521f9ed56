"""FastMCP: it makes a Python type of every output schema, and an object of that type of every answer.

Usage: see exchange.py; started by check_clients.py.
"""

from __future__ import annotations

from importlib.metadata import version

from exchange import Report, Task, run, wire
from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from fastmcp.utilities.json_schema_type import json_schema_to_type
from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python


async def check(task: Task) -> Report:
    report = Report(version("fastmcp"))
    server = StdioTransport(task.command, [], env=task.environ, cwd=task.folder, keep_alive=False)
    async with Client(server) as client:
        tools = [wire(tool) for tool in await client.list_tools()]
        report.listed = len(tools)
        for tool in tools:
            with report.trying(tool["name"]):
                if "outputSchema" in tool:
                    TypeAdapter(json_schema_to_type(tool["outputSchema"]))
                report.shown[tool["name"]] = tool["inputSchema"]
        for call in task.calls:
            with report.trying(f"the call of {call.tool}"):
                # It holds no data if the answer does not fit the type.
                result = await client.call_tool(call.tool, call.arguments)
                report.answers[call.tool] = to_jsonable_python(result.data)
    return report


if __name__ == "__main__":
    run(check)
