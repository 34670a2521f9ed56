"""Who waits for a call: how a person can be asked there, how to tell of progress, and which folders are open."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from sp_mcp.clock import Clock
from sp_mcp.confirmation import Asked, Host, Reply
from sp_mcp.ledger.consent import LIFETIME

log = logging.getLogger(__name__)

CONSENT_KEY = "consent"
"""Names the question to a person in a multi-round call."""

ROOTS_KEY = "roots"
"""Names the question for the host's folders in a multi-round call."""

_ROOTS_SECONDS = 10.0

Context = ServerRequestContext[Any, Any]


class Tell(Protocol):
    """Takes a word on how far a call is; `left` is about how many seconds it still takes, where that is known."""

    async def __call__(self, text: str, left: float | None = None) -> None: ...


class AnotherRound(Exception):
    """The host has to be asked before the call can go on, and it calls again with its answers."""

    def __init__(self, requests: Mapping[str, Any]) -> None:
        super().__init__("another round")
        self.result = types.InputRequiredResult(input_requests=dict(requests))


async def _quiet(text: str, left: float | None = None) -> None:
    return None


async def _no_folders() -> list[Path]:
    return []


@dataclass(frozen=True)
class Caller:
    """`roots` answers the folders that the host opens, and may raise AnotherRound."""

    host: Host = field(default_factory=Host)
    tell: Tell = _quiet
    roots: Callable[[], Awaitable[list[Path]]] = _no_folders

    async def on_wait(self, seconds: float) -> None:
        """Tell that a turn is waited for."""
        await self.tell(f"waiting for a turn in Amazon's quota, about {seconds:.0f} s left", seconds)


def caller_of(context: Context, params: types.CallToolRequestParams, clock: Clock) -> Caller:
    """Who made this call."""
    return Caller(_host(context, params), _progress(context, clock), _roots(context, params))


def _modern(context: Context) -> bool:
    return context.protocol_version in MODERN_PROTOCOL_VERSIONS


def _host(context: Context, params: types.CallToolRequestParams) -> Host:
    """How the client of this call can put a question before a person."""
    capabilities = context.session.client_capabilities
    elicitation = capabilities.elicitation if capabilities else None
    if elicitation is None or (elicitation.form is None and elicitation.url is not None):
        return Host()
    if _modern(context):
        answer = (params.input_responses or {}).get(CONSENT_KEY)
        reply = Reply.of(answer.action, answer.content) if isinstance(answer, types.ElicitResult) else None
        return Host(repeats=True, state=params.request_state, reply=reply)
    if not context.session.can_send_request:
        return Host()

    async def ask(asked: Asked) -> Reply:
        try:
            result = await context.session.send_request(
                types.ElicitRequest(
                    params=types.ElicitRequestFormParams(message=asked.text, requested_schema=dict(asked.form))
                ),
                types.ElicitResult,
                request_read_timeout_seconds=LIFETIME,
                metadata=ServerMessageMetadata(related_request_id=context.request_id),
            )
        except (MCPError, ValidationError) as error:
            log.info("no answer from the host: %s", type(error).__name__)
            return Reply("unreadable")
        return Reply.of(result.action, result.content)

    return Host(ask=ask)


def _progress(context: Context, clock: Clock) -> Tell:
    started = clock.monotonic()
    told = -1.0

    async def tell(text: str, left: float | None = None) -> None:
        nonlocal told
        # Progress has to grow with every notification, also where no time has passed.
        told = max(clock.monotonic() - started, told + 0.001, 0.0)
        await context.session.report_progress(told, None if left is None else told + left, text)

    return tell


def _roots(context: Context, params: types.CallToolRequestParams) -> Callable[[], Awaitable[list[Path]]]:
    capabilities = context.session.client_capabilities
    if capabilities is None or capabilities.roots is None:
        return _no_folders

    async def between_rounds() -> list[Path]:
        answer = (params.input_responses or {}).get(ROOTS_KEY)
        if not isinstance(answer, types.ListRootsResult):
            raise AnotherRound({ROOTS_KEY: types.ListRootsRequest()})
        return _folders(answer)

    async def during_the_call() -> list[Path]:
        try:
            answer = await context.session.send_request(
                types.ListRootsRequest(),
                types.ListRootsResult,
                request_read_timeout_seconds=_ROOTS_SECONDS,
                metadata=ServerMessageMetadata(related_request_id=context.request_id),
            )
        except (MCPError, ValidationError) as error:
            log.info("the host named no folders: %s", type(error).__name__)
            return []
        return _folders(answer)

    if _modern(context):
        return between_rounds
    return during_the_call if context.session.can_send_request else _no_folders


def _folders(answer: types.ListRootsResult) -> list[Path]:
    from sp_mcp.files import path_of

    named = [path for root in answer.roots if (path := path_of(str(root.uri))) is not None]
    # Not the whole disk, which is also what an address without a path comes to.
    return [path for path in named if path.is_absolute() and path != Path(path.anchor)]
