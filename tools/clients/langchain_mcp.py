"""LangChain: its tools, and what they look like to a chat model.

Usage: see exchange.py; started by check_clients.py.
"""

from __future__ import annotations

from importlib.metadata import version

from exchange import Report, Task, read, run
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_mcp_adapters.sessions import create_session
from langchain_mcp_adapters.tools import load_mcp_tools


async def check(task: Task) -> Report:
    report = Report(version("langchain-mcp-adapters"))
    server = {"transport": "stdio", "command": task.command, "args": [], "env": task.environ, "cwd": task.folder}
    async with create_session(server) as session:
        await session.initialize()
        tools = {tool.name: tool for tool in await load_mcp_tools(session)}
        report.listed = len(tools)
        for name, tool in tools.items():
            with report.trying(name):
                convert_to_openai_tool(tool, strict=True)
                report.shown[name] = convert_to_openai_tool(tool)["function"]["parameters"]
        for call in task.calls:
            with report.trying(f"the call of {call.tool}"):
                sent = {"type": "tool_call", "id": "1", "name": call.tool, "args": call.arguments}
                message = await tools[call.tool].ainvoke(sent)
                # What the model reads, not what is kept beside it for the program.
                told = message.content if isinstance(message.content, str) else message.content[0]["text"]
                report.answers[call.tool] = read(told)
    return report


if __name__ == "__main__":
    run(check)
