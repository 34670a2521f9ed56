"""An MCP server on an account: every part is given what it uses, and nothing besides."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sp_mcp.accounts.account import Account
from sp_mcp.ledger.entry import ConsentBy, LedgerUnavailable
from sp_mcp.server.build import build_server
from sp_mcp.server.instructions import instructions
from sp_mcp.server.prompts_and_resources import PromptsAndResources
from sp_mcp.server.registry import ListedTool, ToolRegistry
from sp_mcp.server.result_writer import ResultWriter, Tool

if TYPE_CHECKING:
    from mcp.server import Server

    from sp_mcp.consent.confirmation import Confirmation
    from sp_mcp.server.operation_tool import OperationServices
    from sp_mcp.server.resources import Resources
    from sp_mcp.workflows.workflow import Services

_RECENT = 200


def server_for(account: Account, asked_by: ConsentBy = ConsentBy.HOST) -> Server[Any]:
    """An MCP server for `account`. `asked_by` is how a person is asked who is asked through it."""
    return build_server(
        registry_for(account, asked_by),
        PromptsAndResources(
            apis=account.apis,
            read_only=account.settings.read_only,
            resources=lambda: _resources(account),
            recent_orders=lambda: _recent_orders(account),
        ),
        instructions_for(account),
        account.clock,
    )


def registry_for(account: Account, asked_by: ConsentBy = ConsentBy.HOST) -> ToolRegistry:
    """The tools of an account. Making one loads its API and not the others."""
    results = ResultWriter(account.results, account.settings.environment)

    @cache
    def confirmation() -> Confirmation:
        from sp_mcp.consent.confirmation import Confirmation
        from sp_mcp.consent.question_text import QuestionWriter

        writer = QuestionWriter(account.clock, account.label, account.destination)
        return Confirmation(setting=account.settings.confirm, ledger=account.ledger(), writer=writer, by=asked_by)

    @cache
    def operation_services() -> OperationServices:
        from sp_mcp.server.operation_tool import OperationServices

        async def offer_download(url: str) -> None:
            await account.progress().offer(url)

        return OperationServices(
            client=account.client,
            confirmation=confirmation,
            results=results,
            defaults=account.defaults,
            environment=account.settings.environment,
            offer_download=offer_download,
        )

    @cache
    def workflow_services() -> Services:
        return services_for(account)

    def make(listed: ListedTool) -> Tool:
        if listed.api is not None and listed.operation is not None:
            from sp_mcp.apis import operation
            from sp_mcp.server.operation_tool import OperationTool

            return OperationTool(operation(listed.api, listed.operation), operation_services())
        from sp_mcp.server.workflow_tool import WorkflowTool
        from sp_mcp.workflows import by_name

        return WorkflowTool(by_name(listed.name), workflow_services(), results)

    return ToolRegistry(
        account.apis, read_only=account.settings.read_only, defaults=frozenset(account.defaults), make=make
    )


def services_for(account: Account) -> Services:
    """What the workflows of an account may use."""
    from sp_mcp.workflows.workflow import Services

    return Services(
        clock=account.clock,
        defaults=account.defaults,
        longest_wait=account.settings.max_wait,
        client=account.client,
        transfers=account.transfers,
        ledger=account.ledger,
        progress=account.progress,
        results=account.results,
        documents=account.documents,
        file_roots=account.settings.file_roots,
        merchant_id=account.settings.merchant_id,
    )


def instructions_for(account: Account) -> str:
    """What an assistant reads about the server before it sees a tool."""
    settings, practice = account.settings, ""
    if settings.environment == "local":
        from sp_mcp.sandbox.practice import practice_text

        practice = practice_text(account.apis)
    return instructions(
        apis=account.apis,
        environment=settings.environment,
        confirm=settings.confirm,
        read_only=settings.read_only,
        practice=practice,
    )


def _resources(account: Account) -> Resources:
    from sp_mcp.server.resources import Resources

    async def mine() -> list[Any]:
        return [entry for entry in await account.quota_buckets() if entry.mine]

    return Resources(
        apis=account.apis, ledger=account.ledger, quota=mine, results=account.results, documents=account.documents
    )


async def _recent_orders(account: Account) -> list[str]:
    """Orders that were changed of late: those a person is likely to mean."""
    from sp_mcp.ledger.table import Filter

    try:
        entries = await account.ledger().entries(Filter(limit=_RECENT), "here")
    except LedgerUnavailable:
        return []
    orders = (order for entry in entries if not entry.operation.startswith("vendor_") for order in entry.subjects)
    return list(dict.fromkeys(orders))
