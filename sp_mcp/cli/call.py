"""`sp-mcp call`: one tool, called through a real MCP client; a change is asked about at the terminal."""

from __future__ import annotations

import json
from typing import Any

import anyio
import click

from sp_mcp.accounts.account import Account
from sp_mcp.accounts.composition import server_for
from sp_mcp.cli.common import Common, common_options
from sp_mcp.cli.terminal import FAILED, OK, UsageError, asker, complain, has_person, say
from sp_mcp.ledger.entry import ConsentBy
from sp_mcp.settings import Settings


@click.command("call")
@click.argument("tool")
@click.argument("arguments", metavar="JSON", default="{}")
@common_options
@click.pass_obj
def command(common: Common, tool: str, arguments: str) -> int:
    """Call one tool; a change is asked about at the terminal."""
    settings = common.settings()
    return anyio.run(_call, settings, tool, _json_object(arguments))


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The arguments are not JSON ({type(error).__name__}).") from None
    if not isinstance(value, dict):
        raise UsageError('The arguments must be a JSON object such as \'{"purchaseOrderNumber": "4Z32PABC"}\'.')
    return value


async def _call(settings: Settings, name: str, arguments: dict[str, Any]) -> int:
    from mcp import Client
    from mcp.shared.exceptions import MCPError
    from mcp_types import INVALID_PARAMS

    from sp_mcp.server.transports.stdio import leave_on_signal

    account = Account(settings)
    ask = asker(complain) if has_person() else None

    async def show_progress(progress: float, total: float | None, message: str | None) -> None:
        complain(message or f"{progress} of {total}")

    code, problem = FAILED, ""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(leave_on_signal, account)
        async with Client(server_for(account, ConsentBy.TERMINAL), elicitation_callback=ask) as client:
            try:
                result = await client.call_tool(name, arguments, progress_callback=show_progress)
                # Here, and not after the client has ended: whoever interrupts a change is to see what became of it.
                for block in result.content:
                    (complain if result.is_error else say)(getattr(block, "text", "") or getattr(block, "uri", ""))
                code = FAILED if result.is_error else OK
            except MCPError as error:
                # Kept, not raised: the client's task group would wrap it.
                if error.error.code == INVALID_PARAMS:
                    problem = f"{error.error.message} `sp-mcp tools` lists what there is."
                else:
                    complain(f"The server has a fault: {error.error.message}")
        tasks.cancel_scope.cancel()
    await account.aclose()
    if problem:
        raise UsageError(problem)
    return code
