"""What every command shares: the options --env-file and --debug, and the settings they lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from sp_mcp.accounts.loading import load
from sp_mcp.cli.logs import configure
from sp_mcp.settings import LogLevel, Settings

F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class Common:
    """The options that stand before a command or behind it."""

    env_file: str | None = None
    debug: bool = False

    def settings(self) -> Settings:
        """Read the settings, and log as they say. Raises SettingsError."""
        settings = load(self.env_file)
        self.log_at(settings.log_level)
        return settings

    def log_at(self, level: LogLevel) -> None:
        """Log at this level, for a command that reads no settings."""
        configure(level, tracebacks=self.debug)


def common_options(command: F) -> F:
    """Give a command the options that all of them take."""

    def keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        # An empty --env-file is a mistake that reading the settings names; a flag that is not given changes nothing.
        if value not in (None, False):
            setattr(context.ensure_object(Common), str(parameter.name), value)

    for option in (
        click.option(
            "--debug", is_flag=True, expose_value=False, callback=keep, help="Show faults with their tracebacks."
        ),
        click.option(
            "--env-file",
            metavar="PATH",
            expose_value=False,
            callback=keep,
            help="Another .env; absolute, or relative to the home folder.",
        ),
    ):
        command = option(command)
    return command
