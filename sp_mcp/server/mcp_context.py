"""The context of a call, made from what the protocol says of the client (docs/facts/mcp.md)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from sp_mcp.clock import Clock
from sp_mcp.consent.host import Asked, Host, HostReply
from sp_mcp.ledger.consent_tokens import LIFETIME
from sp_mcp.workflows.call_context import CallContext, InputRequired, ProgressReporter

log = logging.getLogger(__name__)

CONSENT_KEY = "consent"
"""Names the question to a person in a multi-round call."""

ROOTS_KEY = "roots"
"""Names the question for the host's folders in a multi-round call."""

_ROOTS_SECONDS = 10.0

McpContext = ServerRequestContext[Any, Any]


def call_context(context: McpContext, params: types.CallToolRequestParams, clock: Clock) -> CallContext:
    """Who made this call."""
    folders = _open_folders(context, params)
    progress = _progress(context, clock)
    host = _host(context, params)
    return CallContext(host, progress) if folders is None else CallContext(host, progress, folders)


def _modern(context: McpContext) -> bool:
    return context.protocol_version in MODERN_PROTOCOL_VERSIONS


def _host(context: McpContext, params: types.CallToolRequestParams) -> Host:
    """How the client of this call can put a question before a person."""
    capabilities = context.session.client_capabilities
    elicitation = capabilities.elicitation if capabilities else None
    if elicitation is None or (elicitation.form is None and elicitation.url is not None):
        return Host()
    if _modern(context):
        answer = (params.input_responses or {}).get(CONSENT_KEY)
        reply = HostReply.of(answer.action, answer.content) if isinstance(answer, types.ElicitResult) else None
        return Host(repeats=True, state=params.request_state, reply=reply)
    if not context.session.can_send_request:
        return Host()

    async def ask(asked: Asked) -> HostReply:
        try:
            result = await context.session.send_request(
                elicitation_of(asked),
                types.ElicitResult,
                request_read_timeout_seconds=LIFETIME,
                metadata=ServerMessageMetadata(related_request_id=context.request_id),
            )
        except (MCPError, ValidationError) as error:
            log.info("no answer from the host: %s", type(error).__name__)
            return HostReply("unreadable")
        return HostReply.of(result.action, result.content)

    return Host(ask=ask)


def elicitation_of(asked: Asked) -> types.ElicitRequest:
    """The protocol's request for what is put before a person."""
    return types.ElicitRequest(
        params=types.ElicitRequestFormParams(message=asked.text, requested_schema=dict(asked.form))
    )


def _progress(context: McpContext, clock: Clock) -> ProgressReporter:
    started = clock.monotonic()
    reported = -1.0

    async def report(text: str, left: float | None = None) -> None:
        nonlocal reported
        # Progress has to grow with every notification, also where no time has passed.
        reported = max(clock.monotonic() - started, reported + 0.001, 0.0)
        await context.session.report_progress(reported, None if left is None else reported + left, text)

    return report


def _open_folders(
    context: McpContext, params: types.CallToolRequestParams
) -> Callable[[], Awaitable[list[Path]]] | None:
    """Asks the host for its folders (MCP roots); None where it has none to name."""
    capabilities = context.session.client_capabilities
    if capabilities is None or capabilities.roots is None:
        return None

    async def between_rounds() -> list[Path]:
        answer = (params.input_responses or {}).get(ROOTS_KEY)
        if not isinstance(answer, types.ListRootsResult):
            raise InputRequired({ROOTS_KEY: types.ListRootsRequest()})
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
    return during_the_call if context.session.can_send_request else None


def _folders(answer: types.ListRootsResult) -> list[Path]:
    from sp_mcp.storage.files import path_of

    named = [path for root in answer.roots if (path := path_of(str(root.uri))) is not None]
    # Not the whole disk, which is also what an address without a path comes to.
    return [path for path in named if path.is_absolute() and path != Path(path.anchor)]
