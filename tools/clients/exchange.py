"""What check_clients.py and the programs in this folder tell each other. Nothing but the standard library.

A program gets a `Task` as its only argument and prints a `Report` as its last line, both as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """One call of a tool."""

    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Task:
    """How the server is started, and what is to be called. `mode` is for clients that speak both protocol eras."""

    command: str
    environ: dict[str, str]
    folder: str
    mode: str
    calls: list[Call]


@dataclass
class Report:
    """What came of it: each tool's arguments as the client shows them to a model, the answers, and what failed."""

    version: str
    listed: int = 0
    shown: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def trying(self, what: str) -> Iterator[None]:
        """Keep what goes wrong as a failure of `what`, and go on."""
        try:
            yield
        except Exception as error:
            self.failures[what] = f"{type(error).__name__}: {error}"


def wire(model: Any) -> Any:
    """An object of the protocol as it travelled; mcp 1 and mcp 2 name its attributes differently."""
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


def structured(result: Any) -> Any:
    """The structured answer of a call; raises if the call was refused."""
    travelled = wire(result)
    if travelled.get("isError"):
        raise RuntimeError(f"refused: {travelled['content']}")
    return travelled["structuredContent"]


def read(text: str) -> Any:
    """The JSON that a text holds, or the text itself if it holds none, as a refusal does."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def run(check: Callable[[Task], Awaitable[Report]]) -> None:
    """Read the task, do it, print the report."""
    task = json.loads(sys.argv[1])
    calls = [Call(**call) for call in task.pop("calls")]

    async def checked() -> Report:
        return await check(Task(**task, calls=calls))

    print(json.dumps(asdict(asyncio.run(checked())), default=str))
