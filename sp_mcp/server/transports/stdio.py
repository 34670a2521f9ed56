"""MCP over stdin and stdout, and leaving without losing what became of a change."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import Any, NoReturn, Protocol

import anyio
from mcp.server import Server
from mcp.server.stdio import stdio_server

log = logging.getLogger(__name__)

_UNREAD_SECONDS = 2.0


class Lifecycle(Protocol):
    """What the server stands on, at its beginning and its end."""

    async def drop_old_changes(self) -> None:
        """Drop changes that are older than they are kept."""

    async def finish_changes(self) -> None:
        """Send nothing more, and wait until every change that has left has its outcome recorded."""

    async def aclose(self) -> None:
        """Close files and connections."""


async def serve_stdio(server: Server[Any], lifecycle: Lifecycle) -> None:
    """Serve one client over stdin and stdout until it closes, or until SIGINT or SIGTERM.

    Either way nothing new is sent then, and a change that has left is seen through first.
    """
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(leave_on_signal, lifecycle)
        tasks.start_soon(lifecycle.drop_old_changes)
        try:
            async with stdio_server() as (read, write):
                await server.run(read, write, server.create_initialization_options())
                await lifecycle.finish_changes()
                tasks.start_soon(_leave_unread)
        except* BrokenPipeError:
            log.info("the host has closed the connection")
        await lifecycle.finish_changes()
        await lifecycle.aclose()
        tasks.cancel_scope.cancel()


async def _leave_unread() -> None:
    """A host that ended the input and does not read the rest of the output must not keep the process alive."""
    await anyio.sleep(_UNREAD_SECONDS)
    _leave(0)


async def leave_on_signal(lifecycle: Lifecycle) -> None:
    """Leave with 128 + signal: after the first, once changes have their outcome; after the second, at once."""
    if sys.platform == "win32":
        return  # anyio receives no signals there; Ctrl-C raises KeyboardInterrupt
    async with anyio.create_task_group() as tasks:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            leaving = False
            async for received in signals:
                if leaving:
                    _leave(128 + received)
                leaving = True
                tasks.start_soon(_finish_and_leave, lifecycle, 128 + received)


async def _finish_and_leave(lifecycle: Lifecycle, code: int) -> None:
    await lifecycle.finish_changes()
    # Let an answer that is ready reach the client before the end.
    await anyio.sleep(0.05)
    _leave(code)


def _leave(code: int) -> NoReturn:
    # Not sys.exit: a thread may be blocked on stdin or stdout, and joining it would wait for the host.
    sys.stderr.flush()
    os._exit(code)
