"""Defines a workflow: a record with a function, and what a run of that function can use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sp_mcp.amazon.errors import SellingPartnerError
from sp_mcp.apis import operation
from sp_mcp.clock import Clock
from sp_mcp.operation import RequestModel, ResponseModel
from sp_mcp.request.arguments import InvalidArguments, read
from sp_mcp.results import failures
from sp_mcp.results.truncation import TruncatedResults
from sp_mcp.storage.document_folder import DocumentFolder
from sp_mcp.workflows.call_context import CallContext

if TYPE_CHECKING:
    from sp_mcp.amazon.client import SellingPartner
    from sp_mcp.amazon.transfer import Transfers
    from sp_mcp.ledger.ledger import Ledger
    from sp_mcp.workflows.job_progress import JobProgressStore

_LEAST_TIME = 20.0
"""Seconds that a workflow may take at least, even if calls may wait less for their turns: it makes several calls."""


class WorkflowFailed(Exception):
    """A workflow could not do its job. The text is for the caller: what happened, and what to do next."""


class StepFailed(WorkflowFailed):
    """One operation of a workflow failed, with `error`."""

    def __init__(self, text: str, error: SellingPartnerError) -> None:
        super().__init__(text)
        self.error = error


class Leaves(Enum):
    """What a workflow leaves behind."""

    NOTHING = "nothing"
    FILES_HERE = "files on this machine"
    FILES_THERE = "files at Amazon"


@dataclass(frozen=True)
class FileLink:
    """A file that an answer points to. `size` is in bytes."""

    name: str
    uri: str
    media_type: str
    size: int


@dataclass(frozen=True)
class Done:
    """The result of a workflow: a body that fits its response model, notes for the reader, and links to files."""

    body: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    links: tuple[FileLink, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Services:
    """What workflows may use of an account.

    The callables create their object on first use, because listing tools should not take the time to load HTTP and
    SQLite.
    `longest_wait` is in seconds; `defaults` are arguments that calls may leave out; `file_roots` are the folders of the
    settings whose files may be read.
    """

    clock: Clock
    defaults: Mapping[str, Any]
    longest_wait: float
    client: Callable[[], SellingPartner]
    transfers: Callable[[], Transfers]
    ledger: Callable[[], Ledger]
    progress: Callable[[], JobProgressStore]
    results: TruncatedResults
    documents: DocumentFolder
    file_roots: tuple[Path, ...]
    merchant_id: str | None


class Run:
    """One run of a workflow: the services it can use, the context of the call, and its time limit."""

    def __init__(self, services: Services, context: CallContext) -> None:
        self.services = services
        self.context = context
        self._ends = services.clock.monotonic() + max(services.longest_wait, _LEAST_TIME)

    @property
    def left(self) -> float:
        """Seconds until the caller's host may give up."""
        return max(0.0, self._ends - self.services.clock.monotonic())

    async def ask(self, api: str, operation_id: str, arguments: Mapping[str, Any]) -> Any:
        """Call an operation that changes nothing and return its response model. It waits for a turn in its own quota.

        Raises StepFailed if the call fails, and WorkflowFailed if an answer cannot be used.
        """
        step = operation(api, operation_id)
        assert not step.changes, step.name
        try:
            wire = read(step.request, arguments, defaults=self.services.defaults).wire
        except InvalidArguments as error:
            # The arguments come from earlier answers, not from the caller.
            wrong = "; ".join(error.lines)
            raise WorkflowFailed(
                f"{step.name} does not accept values of an earlier answer from Amazon: {wrong}."
            ) from None
        try:
            answer = await self.services.client().send(step.to_request(wire), self.context.on_wait, longest=self.left)
        except SellingPartnerError as error:
            raise StepFailed(f"{step.name}: {failures.of_amazon(step, error)}", error) from error
        found = step.read_answer(answer.body)
        if found is None:
            raise WorkflowFailed(f"{step.name}: Amazon's answer does not have the documented shape.")
        return found

    async def pause(self, seconds: float) -> bool:
        """Sleep for `seconds` and return True, or return False at once if less time than that is left."""
        if self.left < seconds:
            return False
        await self.services.clock.sleep(seconds)
        return True


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """A tool that changes nothing in the account at Amazon.

    `run` gets the run and the request model. It raises WorkflowFailed, FileRefused or TransferFailed. The tool is
    listed if `api` is switched on, or always if `api` is None. `reaches_out` is whether it calls Amazon, and `leaves`
    what it leaves behind.
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
