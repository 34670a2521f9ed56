"""`sp-mcp sandbox`: the local Selling Partner over HTTP, for other programs."""

from __future__ import annotations

import click

from sp_mcp.cli.common import Common, common_options
from sp_mcp.cli.terminal import OK, UsageError, say


@click.command("sandbox")
@click.option("--port", type=int, default=8765, help="Port, default 8765; 0 takes a free one.")
@common_options
@click.pass_obj
def command(common: Common, port: int) -> int:
    """Serve the local Selling Partner over HTTP on 127.0.0.1."""
    from sp_mcp.sandbox.serve import serve

    common.log_at("warning")
    try:
        serve(port, say)
    except (OSError, OverflowError) as error:
        raise UsageError(f"Port {port} cannot be had: {error}. --port 0 takes a free one.") from None
    return OK
