"""`sp-mcp tools`: what an assistant is offered."""

from __future__ import annotations

import json

import click

from sp_mcp.accounts.account import Account
from sp_mcp.accounts.composition import registry_for
from sp_mcp.cli.common import Common, common_options
from sp_mcp.cli.terminal import OK, say


@click.command("tools")
@click.option("--json", "as_json", is_flag=True, help="As a client sees them.")
@common_options
@click.pass_obj
def command(common: Common, as_json: bool) -> int:
    """List the tools."""
    definitions = registry_for(Account(common.settings())).definitions
    if as_json:
        listed = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in definitions]
        say(json.dumps(listed, ensure_ascii=False, indent=2))
        return OK
    for tool in definitions:
        effect = "changes" if tool.annotations and tool.annotations.destructive_hint else "reads"
        say(f"{tool.name:<44}{effect:<9}{tool.title}")
    return OK
