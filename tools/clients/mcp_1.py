"""The Python SDK in its first major version.

Usage: see exchange.py; started by check_clients.py.
"""

from __future__ import annotations

from exchange import Report, Task, run
from mcp import ClientSession, StdioServerParameters, stdio_client
from mcp_sdk import examine


async def check(task: Task) -> Report:
    server = StdioServerParameters(command=task.command, env=task.environ, cwd=task.folder)
    async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as session:
        await session.initialize()
        return await examine(task, session)


if __name__ == "__main__":
    run(check)
