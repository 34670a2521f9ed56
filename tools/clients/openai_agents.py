"""The OpenAI Agents SDK, told to make every schema strict.

A schema that it cannot make strict it lists as it is and says nothing; here that is a failure. Not so for a tool
without arguments, where nothing is to be strict about.

Usage: see exchange.py; started by check_clients.py.
"""

from __future__ import annotations

import json
import logging
from importlib.metadata import version

from agents import Agent
from agents.mcp import MCPServerStdio, MCPUtil
from agents.tool_context import ToolContext
from exchange import Report, Task, read, run


async def check(task: Task) -> Report:
    report = Report(version("openai-agents"))
    reasons: list[str] = []

    def keep(record: logging.LogRecord) -> bool:
        reasons.append(record.getMessage().removeprefix("Error converting MCP schema to strict mode: "))
        return False

    log = logging.getLogger("openai.agents")
    log.setLevel(logging.INFO)
    log.addFilter(keep)
    agent = Agent(name="check", mcp_config={"convert_schemas_to_strict": True})
    server = {"command": task.command, "env": task.environ, "cwd": task.folder}
    async with MCPServerStdio(params=server, use_structured_content=True) as connection:
        converted = {}
        tools = await connection.list_tools()
        report.listed = len(tools)
        for tool in tools:
            with report.trying(tool.name):
                converted[tool.name] = MCPUtil.to_function_tool(tool, connection, True, agent)
                schema = converted[tool.name].params_json_schema
                if schema["properties"] and not converted[tool.name].strict_json_schema:
                    raise ValueError(f"not strict: {reasons[-1] if reasons else 'no reason is given'}")
                report.shown[tool.name] = schema
        for call in task.calls:
            with report.trying(f"the call of {call.tool}"):
                sent = json.dumps(call.arguments)
                context = ToolContext(context=None, tool_name=call.tool, tool_call_id="1", tool_arguments=sent)
                answer = await converted[call.tool].on_invoke_tool(context, sent)
                report.answers[call.tool] = read(answer["text"] if isinstance(answer, dict) else answer)
    return report


if __name__ == "__main__":
    run(check)
