"""The commands. Each is a module of this package that holds it as `command`, loaded when it is used."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import click

from sp_mcp import __version__
from sp_mcp.cli.common import Common, common_options
from sp_mcp.cli.serving import ServingOptions, serve
from sp_mcp.cli.terminal import OK, UsageError

NAMES = ("demo", "sandbox", "tools", "quota", "history", "call")


class _Commands(click.Group):
    """Finds a command by its module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(NAMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in NAMES:
            return None
        command: click.Command = import_module(f"sp_mcp.cli.{cmd_name}").command
        return command


@click.group(
    cls=_Commands,
    name="sp-mcp",
    invoke_without_command=True,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="sp-mcp", message="%(prog)s %(version)s")
@common_options
@click.pass_context
def _program(context: click.Context) -> int:
    """Amazon seller and vendor accounts as MCP tools. Without a command: serve MCP over stdio."""
    if context.invoked_subcommand is not None:
        return OK
    common = context.ensure_object(Common)
    return serve(ServingOptions(common.env_file, common.debug))


def run(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name; returns its exit code. Raises UsageError and whatever it raises."""
    try:
        code = _program.main(list(arguments), prog_name="sp-mcp", standalone_mode=False, obj=Common())
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        usage = f"{context.get_usage()}\n" if context is not None else ""
        raise UsageError(f"{usage}sp-mcp: {error.format_message()}") from None
    except click.Abort as abort:
        # click makes one thing of the two; an end of input that nobody expected is a fault.
        raise (abort.__cause__ if isinstance(abort.__cause__, EOFError) else KeyboardInterrupt()) from None
    return code if isinstance(code, int) else OK
