"""Google's Gen AI SDK: function declarations, and the adapter that its automatic function calling goes through.

Usage: see exchange.py; started by check_clients.py.
"""

from __future__ import annotations

from importlib.metadata import version

from exchange import Report, Task, run, structured
from google.genai._adapters import McpToGenAiToolAdapter
from google.genai._mcp_utils import mcp_to_gemini_tool
from google.genai.types import FunctionCall
from mcp import ClientSession, StdioServerParameters, stdio_client


async def check(task: Task) -> Report:
    report = Report(version("google-genai"))
    server = StdioServerParameters(command=task.command, env=task.environ, cwd=task.folder)
    async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as session:
        await session.initialize()
        listing = await session.list_tools()
        report.listed = len(listing.tools)
        for tool in listing.tools:
            with report.trying(tool.name):
                (declaration,) = mcp_to_gemini_tool(tool).function_declarations
                report.shown[tool.name] = declaration.parameters.model_dump(
                    mode="json", by_alias=True, exclude_none=True
                )
        adapter = McpToGenAiToolAdapter(session, listing)
        for call in task.calls:
            with report.trying(f"the call of {call.tool}"):
                if call.tool not in report.shown:
                    raise ValueError("it was not converted")
                wanted = FunctionCall(name=call.tool, args=call.arguments)
                report.answers[call.tool] = structured(await adapter.call_tool(wanted))
    return report


if __name__ == "__main__":
    run(check)
