"""A workflow as an MCP tool, served with the same care as an operation."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import mcp_types as types

from sp_mcp.amazon.errors import TransferFailed
from sp_mcp.request.arguments import InvalidArguments, read
from sp_mcp.results import failures
from sp_mcp.server.result_writer import Answered, ResultWriter
from sp_mcp.storage.files import FileRefused
from sp_mcp.workflows.call_context import CallContext, InputRequired
from sp_mcp.workflows.workflow import Run, Services, Workflow, WorkflowFailed

log = logging.getLogger(__name__)


class WorkflowTool:
    """One workflow on one account."""

    def __init__(self, workflow: Workflow, services: Services, results: ResultWriter) -> None:
        self._workflow = workflow
        self._services = services
        self._results = results

    async def call(self, arguments: Mapping[str, Any] | None, context: CallContext) -> Answered:
        """Check the arguments and run the workflow. Only cancellation passes through."""
        name = self._workflow.name
        try:
            reading = read(self._workflow.request, dict(arguments or {}), defaults=self._services.defaults)
            done = await self._workflow.run(Run(self._services, context), reading.call)
            return self._results.success(done.body, self._workflow.response, *done.notes, links=done.links)
        except InputRequired as required:
            return types.InputRequiredResult(input_requests=dict(required.requests))
        except InvalidArguments as error:
            return self._results.failure(failures.of_arguments(name, error, done=""))
        except (WorkflowFailed, FileRefused, TransferFailed) as error:
            return self._results.failure(str(error))
        except Exception as error:  # the outermost door: whatever escapes would reach the client as it is
            log.error("%s: internal fault %s", name, type(error).__name__, exc_info=error)
            return self._results.failure(failures.of_bug(error, "Nothing was changed."))
