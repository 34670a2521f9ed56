"""Pydantic AI: an agent whose model is a function calls the tools as that model sees them.

Also converted is what its models for OpenAI and Google would send.

Usage: see exchange.py; started by check_clients.py.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from exchange import Report, Task, run
from fastmcp.client.transports import StdioTransport
from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.messages import ModelResponse, RetryPromptPart, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import FunctionModel
from pydantic_ai.profiles.google import GoogleJsonSchemaTransformer
from pydantic_ai.profiles.openai import OpenAIJsonSchemaTransformer


async def check(task: Task) -> Report:
    report = Report(version("pydantic-ai-slim"))
    offered: dict[str, Any] = {}

    async def model(messages: Any, info: Any) -> Any:
        offered.update({tool.name: tool.parameters_json_schema for tool in info.function_tools})
        # The first turn calls, the second ends.
        if len(messages) > 1:
            return ModelResponse(parts=[TextPart("done")])
        return ModelResponse(parts=[ToolCallPart(call.tool, call.arguments) for call in task.calls])

    server = StdioTransport(task.command, [], env=task.environ, cwd=task.folder, keep_alive=False)
    agent = Agent(FunctionModel(model), toolsets=[MCPToolset(server)])
    async with agent:
        with report.trying("the calls"):
            result = await agent.run("Call the tools.")
            parts = [part for message in result.all_messages() for part in message.parts]
            answers = [part for part in parts if isinstance(part, ToolReturnPart | RetryPromptPart)]
            report.answers = {part.tool_name: part.content for part in answers}
    report.listed = len(offered)
    for name, schema in offered.items():
        with report.trying(name):
            OpenAIJsonSchemaTransformer(schema, strict=True).walk()
            GoogleJsonSchemaTransformer(schema).walk()
            report.shown[name] = OpenAIJsonSchemaTransformer(schema, strict=None).walk()
    return report


if __name__ == "__main__":
    run(check)
