"""The way in: bare `sp-mcp` serves MCP over stdio, everything else is a command."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Callable, Sequence

from sp_mcp.cli.serving import serve, serving_options
from sp_mcp.cli.terminal import FAILED, USAGE, UsageError, complain, replace_unprintable
from sp_mcp.settings import SettingsError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    replace_unprintable()
    arguments = list(sys.argv[1:] if argv is None else argv)
    serving = serving_options(arguments)
    if serving is not None:
        return _guarded(lambda: serve(serving), debug=serving.debug)
    gc.enable()
    # click is loaded for commands only: serving needs nothing of it.
    from sp_mcp.cli.commands import run

    return _guarded(lambda: run(arguments), debug="--debug" in arguments)


def _guarded(command: Callable[[], int], *, debug: bool) -> int:
    try:
        return command()
    except (SettingsError, UsageError) as error:
        complain(str(error))
        return USAGE
    except Exception as error:  # the outermost door: the text of what escapes may hold what a caller wrote
        complain(f"sp-mcp has an internal fault ({_kind(error)}).{'' if debug else ' --debug shows where.'}")
        if debug:
            complain("".join(traceback.format_exception(error)).rstrip())
        return FAILED
    except KeyboardInterrupt:
        # Not by returning: a thread may wait for an answer at the terminal, and would be waited for.
        os._exit(130)


def _kind(error: BaseException) -> str:
    """The kind of a fault, and not of the task groups around it."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return type(error).__name__
