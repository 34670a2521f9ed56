"""The Python SDK in its second major version, in either protocol era.

Usage: see exchange.py; started by check_clients.py.
"""

from __future__ import annotations

from importlib.metadata import version

from exchange import Report, Task, run, structured, wire
from jsonschema import Draft202012Validator
from mcp import Client, StdioServerParameters


async def check(task: Task) -> Report:
    report = Report(version("mcp"))
    server = StdioServerParameters(command=task.command, env=task.environ, cwd=task.folder)
    async with Client(server, mode=task.mode) as client:
        tools = [wire(tool) for tool in (await client.list_tools()).tools]
        report.listed = len(tools)
        for tool in tools:
            with report.trying(tool["name"]):
                Draft202012Validator.check_schema(tool["inputSchema"])
                Draft202012Validator.check_schema(tool.get("outputSchema", {}))
                report.shown[tool["name"]] = tool["inputSchema"]
        for call in task.calls:
            with report.trying(f"the call of {call.tool}"):
                report.answers[call.tool] = structured(await client.call_tool(call.tool, call.arguments))
    return report


if __name__ == "__main__":
    run(check)
