"""What a tool of this program's own is: data and a function, served with the same care as an operation."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mcp_types as types

from sp_mcp import failures
from sp_mcp.account import Account
from sp_mcp.amazon.rate_limit import OnWait
from sp_mcp.arguments import InvalidArguments, read
from sp_mcp.confirmation import Host
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.tool import Answered, Tool

log = logging.getLogger(__name__)


class WorkflowFailed(Exception):
    """It could not be done. The text is for the caller: what happened, and whose move it is."""


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """A tool that reads, and changes nothing at Amazon.

    `run` gets the account and the request model, and answers what fits the response model. Raises WorkflowFailed.
    `reaches_out` is whether it talks to Amazon.
    """

    name: str
    title: str
    description: str
    request: type[RequestModel]
    response: type[ResponseModel]
    run: Callable[[Account, Any], Awaitable[dict[str, Any]]]
    reaches_out: bool


class WorkflowTool(Tool):
    """One workflow on one account."""

    def __init__(self, workflow: Workflow, account: Account) -> None:
        super().__init__(account)
        self._workflow = workflow

    def definition(self) -> types.Tool:
        hints = types.ToolAnnotations(
            read_only_hint=True,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=self._workflow.reaches_out,
        )
        return self._listed(self._workflow, hints)

    async def call(self, arguments: Mapping[str, Any] | None, host: Host, on_wait: OnWait | None = None) -> Answered:
        name = self._workflow.name
        try:
            reading = read(self._workflow.request, dict(arguments or {}), defaults=self._account.defaults)
            return self._succeeded(await self._workflow.run(self._account, reading.call))
        except InvalidArguments as error:
            return self._failed(failures.of_arguments(name, error, done=""))
        except WorkflowFailed as error:
            return self._failed(str(error))
        except Exception as error:  # the outermost door: whatever escapes would reach the client as it is
            log.error("%s: internal fault %s", name, type(error).__name__)
            log.debug("at", exc_info=error)
            return self._failed(failures.of_bug(error, "Nothing was changed."))
