"""What an API of the Selling Partner is to this program: one record, held by the API's package."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Api:
    """One API. Everything that is said of it elsewhere (settings, contract, documents, tests) derives from this.

    `name` is the package's own name and begins every tool's. `position` orders the tools of all APIs. `model_file` is
    Amazon's model of it. `listed` is whether its tools are listed unless SP_MCP_APIS says otherwise. `job` tells an
    assistant which tools do a job of several steps, in their order; it is empty where each tool speaks for itself.
    `sandbox` is the module of `sp_mcp.sandbox` that answers its operations in the practice account.
    """

    name: str
    title: str
    position: int
    model_file: str
    listed: bool
    job: str
    sandbox: str
