"""Stand-ins for time, for Amazon and for the person at the host."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import httpx
import mcp_types as types
from mcp import Client
from mcp.client.session import ElicitationFnT

from sp_mcp.accounts.account import Account
from sp_mcp.accounts.composition import server_for
from sp_mcp.accounts.loading import load
from sp_mcp.amazon.http import Http
from sp_mcp.apis import apis
from sp_mcp.clock import Clock
from sp_mcp.sandbox.app import Sandbox

ERAS = ("legacy", "auto")
"""The handshake protocols, and 2026-07-28."""

_QUIET_TURNS = 60
"""Turns of the event loop after which everybody who can go on without time passing has done so."""


class FakeClock(Clock):
    """Time passes only when everybody sleeps, and then at once."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.start = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
        self.busy = 0
        self._sleepers: list[float] = []

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.time - 1000.0)

    def advance(self, seconds: float) -> None:
        self.time += seconds

    async def _until_quiet(self, event: anyio.Event) -> None:
        """Let the others go on until nobody can, or until `event`.

        Time stands still while one of them works in a thread or talks to a server.
        """
        quiet = 0
        while quiet < _QUIET_TURNS and not event.is_set():
            await anyio.lowlevel.checkpoint()
            quiet += 1
            if self.busy or anyio.to_thread.current_default_thread_limiter().borrowed_tokens:
                _let_threads_run()
                quiet = 0

    async def sleep(self, seconds: float) -> None:
        await self.wait(anyio.Event(), seconds)

    async def wait(self, event: anyio.Event, seconds: float) -> None:
        wake = self.time + seconds
        self._sleepers.append(wake)
        try:
            while self.time < wake and not event.is_set():
                await self._until_quiet(event)
                if wake == min(self._sleepers) and not event.is_set():
                    self.time = max(self.time, wake)
        finally:
            self._sleepers.remove(wake)


def _let_threads_run() -> None:
    time.sleep(0)


@dataclass
class Person:
    """Answers what a host asks. `answer` may be an action, or a function of the question's text."""

    answer: str | Callable[[str], types.ElicitResult] = "yes"
    asked: list[str] = field(default_factory=list)

    async def __call__(self, context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        self.asked.append(params.message)
        if callable(self.answer):
            return self.answer(params.message)
        if self.answer == "yes":
            return types.ElicitResult(action="accept", content={"confirm": True})
        if self.answer == "unticked":
            return types.ElicitResult(action="accept", content={"confirm": False})
        return types.ElicitResult(action=self.answer)


@dataclass
class Wire:
    """A scripted Amazon: `answers` maps a path's end to replies given in turn; the last one stays."""

    answers: dict[str, list[Any]] = field(default_factory=dict)
    seen: list[httpx.Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        login = {"access_token": "Atza|secret-token", "expires_in": 3600, "token_type": "bearer"}
        self.answers = {"/auth/o2/token": [login], **self.answers}

    def requests(self, path: str = "") -> list[httpx.Request]:
        """What arrived at paths that end like this, without sign-ins unless asked for."""
        return [
            r for r in self.seen if r.url.path.endswith(path) and (path or not r.url.path.endswith("/auth/o2/token"))
        ]

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        await anyio.lowlevel.checkpoint()
        script = next(s for end, s in self.answers.items() if request.url.path.endswith(end))
        answer = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer = await answer(request)
        if not isinstance(answer, Scripted):
            answer = reply(200, answer)
        return httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(answer.content))


class Held:
    """A scripted answer that comes when the test lets it. `arrived` is set once a request waits for it."""

    def __init__(self, answer: Any) -> None:
        self.arrived = anyio.Event()
        self.go_on = anyio.Event()
        self._answer = answer

    async def __call__(self, _: httpx.Request) -> Any:
        self.arrived.set()
        await self.go_on.wait()
        return self._answer


@dataclass(frozen=True)
class Scripted:
    """An answer as it goes over the wire, good for any number of times."""

    status: int
    content: bytes
    headers: dict[str, str]


def reply(status: int, body: Any = None, **headers: str) -> Scripted:
    """A scripted answer; text and bytes are sent as they are."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, bytes):
        return Scripted(status, body, names)
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    return Scripted(status, text.encode(), names)


def refusal(status: int, code: str, message: str = "no", details: str = "") -> Scripted:
    """An answer in Amazon's error shape."""
    return reply(status, {"errors": [{"code": code, "message": message, "details": details}]})


CREDENTIALS = {
    "SP_API_CLIENT_ID": "amzn1.application-oa2-client.test",
    "SP_API_CLIENT_SECRET": "marked-client-secret",
    "SP_API_REFRESH_TOKEN": "Atzr|marked-refresh-token",
    "SP_API_REGION": "eu",
}


class World:
    """A server under test with its clock, its Amazon and its settings."""

    def __init__(self, tmp_path: Path, wire: Wire | None = None, **environ: str) -> None:
        self.clock = FakeClock()
        self.wire = wire
        # Rules that hold for every operation are tried on those too that are not listed by default.
        base = {
            "SP_MCP_STATE_DIR": str(tmp_path / "state"),
            "SP_MCP_DOWNLOAD_DIR": str(tmp_path / "downloads"),
            "SP_MCP_APIS": ",".join(apis()),
        }
        if wire is not None:
            base |= CREDENTIALS
        self.settings = load(environ={**base, **environ})
        self.sandbox = Sandbox(self.clock)
        self.accounts: list[Account] = []

    @property
    def amazon(self) -> Wire:
        """The scripted Amazon, where there is one."""
        assert self.wire is not None
        return self.wire

    def account(self) -> Account:
        """Another process's view of the account: its own client over the same Amazon."""
        http = Http(transport=httpx.MockTransport(self.wire)) if self.wire is not None else Http(app=self.sandbox)
        account = Account(self.settings, self.clock, http)
        self.accounts.append(account)
        return account

    @asynccontextmanager
    async def client(
        self, era: str = "auto", person: ElicitationFnT | None = None, **options: Any
    ) -> AsyncIterator[Client]:
        """An MCP client of a new server; `person` is who its host can ask."""
        account = self.account()
        try:
            async with Client(server_for(account), mode=era, elicitation_callback=person, **options) as client:
                yield client
        finally:
            await account.aclose()


async def at_once(client: Client, times: int, name: str, arguments: dict[str, Any]) -> list[types.CallToolResult]:
    """The results of so many equal calls that run beside each other, in the order in which they ended."""
    return await all_at_once(client, name, [arguments] * times)


async def all_at_once(client: Client, name: str, calls: list[dict[str, Any]]) -> list[types.CallToolResult]:
    """The results of calls that run beside each other, in the order in which they ended."""
    results: list[types.CallToolResult] = []

    async def call(arguments: dict[str, Any]) -> None:
        results.append(await client.call_tool(name, arguments))

    async with anyio.create_task_group() as tasks:
        for arguments in calls:
            tasks.start_soon(call, arguments)
    return results


def text_of(result: types.CallToolResult) -> str:
    """All the text of a result."""
    return "\n".join(block.text for block in result.content if isinstance(block, types.TextContent))


def data_of(result: types.CallToolResult) -> Any:
    """The JSON in the first text of a success."""
    assert not result.is_error, text_of(result)
    first = result.content[0]
    assert isinstance(first, types.TextContent)
    return json.loads(first.text)
