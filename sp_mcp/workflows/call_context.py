"""What a call can use of its caller: a way to ask a person, a way to report progress, and the open folders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sp_mcp.consent.host import Host


class ProgressReporter(Protocol):
    """Reports a sentence on the progress of a call. `left` is about how many seconds remain, None if unknown."""

    async def __call__(self, text: str, left: float | None = None) -> None: ...


class InputRequired(Exception):
    """The call needs answers from the host, which then calls again with them.

    `requests` maps the name under which an answer comes back to the MCP request to send to the host.
    """

    def __init__(self, requests: Mapping[str, Any]) -> None:
        super().__init__("input required")
        self.requests = requests


async def _no_progress(text: str, left: float | None = None) -> None:
    return None


async def _no_folders() -> list[Path]:
    return []


@dataclass(frozen=True)
class CallContext:
    """`open_folders` returns the folders that the host opens for reading, and may raise InputRequired."""

    host: Host = field(default_factory=Host)
    report_progress: ProgressReporter = _no_progress
    open_folders: Callable[[], Awaitable[list[Path]]] = _no_folders

    async def on_wait(self, seconds: float) -> None:
        """Report that the call waits about `seconds` for its turn in Amazon's quota."""
        await self.report_progress(f"waiting for a turn in Amazon's quota, about {seconds:.0f} s left", seconds)
