"""The Python SDK in its second major version, in either protocol era.

Usage: see exchange.py; started by check_clients.py.
"""

from __future__ import annotations

from exchange import Report, Task, run
from mcp import Client, StdioServerParameters
from mcp_sdk import examine


async def check(task: Task) -> Report:
    server = StdioServerParameters(command=task.command, env=task.environ, cwd=task.folder)
    async with Client(server, mode=task.mode) as client:
        return await examine(task, client)


if __name__ == "__main__":
    run(check)
