"""The Python SDK in its first major version: every schema is a schema, and its session checks the answers.

Usage: see exchange.py; started by check_clients.py.
"""

from __future__ import annotations

from importlib.metadata import version

from exchange import Report, Task, run, structured, wire
from jsonschema import Draft202012Validator
from mcp import ClientSession, StdioServerParameters, stdio_client


async def check(task: Task) -> Report:
    report = Report(version("mcp"))
    server = StdioServerParameters(command=task.command, env=task.environ, cwd=task.folder)
    async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as session:
        await session.initialize()
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


if __name__ == "__main__":
    run(check)
