"""What a tool of this program's own is: data and a function, served with the same care as an operation."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import mcp_types as types

from sp_mcp import failures
from sp_mcp.account import Account
from sp_mcp.amazon.errors import SellingPartnerError, TransferFailed
from sp_mcp.apis import operation
from sp_mcp.arguments import InvalidArguments, read
from sp_mcp.caller import AnotherRound, Caller
from sp_mcp.files import FileRefused
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.tool import Answered, Tool

log = logging.getLogger(__name__)


_LEAST_TIME = 20.0
"""Seconds that a job may take also where calls may wait less for their turns; it would get nowhere otherwise."""


class WorkflowFailed(Exception):
    """It could not be done. The text is for the caller: what happened, and whose move it is."""


class Leaves(Enum):
    """What a workflow leaves behind."""

    NOTHING = "nothing"
    FILES_HERE = "files on this machine"
    FILES_THERE = "files at Amazon"


@dataclass(frozen=True)
class Done:
    """What a workflow answers: a body that fits its response model, and what is said or linked besides."""

    body: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    links: tuple[types.ResourceLink, ...] = ()


class Run:
    """One run of a workflow: the account it works on, the caller who waits for it, and the time it has for that."""

    def __init__(self, account: Account, caller: Caller) -> None:
        self.account = account
        self.caller = caller
        self._ends = account.clock.monotonic() + max(account.settings.max_wait, _LEAST_TIME)

    @property
    def left(self) -> float:
        """Seconds until the caller's host may give up."""
        return max(0.0, self._ends - self.account.clock.monotonic())

    async def ask(self, api: str, operation_id: str, arguments: Mapping[str, Any]) -> Any:
        """Call an operation that reads, which takes its own turn, and answer its response model.

        Raises StepFailed, and WorkflowFailed for an answer that cannot be used.
        """
        step = operation(api, operation_id)
        assert not step.changes, step.name
        try:
            wire = read(step.request, arguments, defaults=self.account.defaults).wire
        except InvalidArguments as error:
            # They come from answers before, not from the caller.
            raise WorkflowFailed(f"{step.name}: Amazon named something that it does not take: {error}.") from None
        try:
            answer = await self.account.client().send(step.to_request(wire), self.caller.on_wait, longest=self.left)
        except SellingPartnerError as error:
            raise StepFailed(f"{step.name}: {failures.of_amazon(step, error)}", error) from error
        found = step.read_answer(answer.body)
        if found is None:
            raise WorkflowFailed(f"{step.name}: Amazon's answer does not have the documented shape.")
        return found

    async def pause(self, seconds: float) -> bool:
        """Sleep; False, and at once, where there is not that much time left."""
        if self.left < seconds:
            return False
        await self.account.clock.sleep(seconds)
        return True


class StepFailed(WorkflowFailed):
    """One operation of a workflow failed."""

    def __init__(self, text: str, error: SellingPartnerError) -> None:
        super().__init__(text)
        self.error = error


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """A tool that changes nothing of the account's at Amazon.

    `run` gets the run and the request model. Raises WorkflowFailed, FileRefused or TransferFailed.
    `api` is the one that must be switched on for it to be listed, and `reaches_out` whether it talks to Amazon.
    """

    name: str
    title: str
    description: str
    request: type[RequestModel]
    response: type[ResponseModel]
    run: Callable[[Run, Any], Awaitable[Done]]
    api: str | None = None
    reaches_out: bool = True
    leaves: Leaves = Leaves.NOTHING


class WorkflowTool(Tool):
    """One workflow on one account."""

    def __init__(self, workflow: Workflow, account: Account) -> None:
        super().__init__(account)
        self._workflow = workflow

    async def call(self, arguments: Mapping[str, Any] | None, caller: Caller) -> Answered:
        name = self._workflow.name
        try:
            reading = read(self._workflow.request, dict(arguments or {}), defaults=self._account.defaults)
            done = await self._workflow.run(Run(self._account, caller), reading.call)
            return self._succeeded(done.body, self._workflow.response, *done.notes, links=done.links)
        except AnotherRound as round:
            return round.result
        except InvalidArguments as error:
            return self._failed(failures.of_arguments(name, error, done=""))
        except (WorkflowFailed, FileRefused, TransferFailed) as error:
            return self._failed(str(error))
        except Exception as error:  # the outermost door: whatever escapes would reach the client as it is
            log.error("%s: internal fault %s", name, type(error).__name__)
            log.debug("at", exc_info=error)
            return self._failed(failures.of_bug(error, "Nothing was changed."))
