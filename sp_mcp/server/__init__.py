"""The MCP surface.

build.py                    the low-level Server, made of what follows
mcp_context.py              who made a call, in the terms of workflows and consent
registry.py                 the tools that are listed, and those that are called
definitions.py              what a client is shown of each tool, from tool_definitions/
operation_tool.py           calling an operation; workflow_tool.py: calling a workflow
result_writer.py            results of one form
prompts_and_resources.py    what a host can offer a person besides, with prompts.py and resources.py
instructions.py             what an assistant reads about the server before it sees a tool
transports/                 how a client reaches the server
"""
