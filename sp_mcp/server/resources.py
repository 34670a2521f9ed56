"""What can be read besides tools: marketplaces, operations with their schemas, quota, changes, long answers, files."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import mcp_types as types

from sp_mcp.apis import operations
from sp_mcp.operation import Operation
from sp_mcp.regions import MARKETPLACES
from sp_mcp.results.truncation import SCHEME as RESULTS
from sp_mcp.results.truncation import TruncatedResults, compact
from sp_mcp.server.definitions import definition, definitions
from sp_mcp.storage.document_folder import DocumentFolder
from sp_mcp.storage.files import FileRefused, path_of

if TYPE_CHECKING:
    from sp_mcp.ledger.ledger import Ledger
    from sp_mcp.quota.store import BucketSnapshot

JSON = "application/json"
OPERATION = "sp-mcp://operations/"

_HOUR_MS = 3_600_000
_RECENT = 20


class NoSuchResource(Exception):
    """There is nothing under this address. The text is for the caller."""


class Resources:
    """The resources of one account.

    `apis` are those whose tools are listed. `ledger` makes the ledger, and `quota` returns the account's buckets and
    raises StoreUnavailable.
    """

    def __init__(
        self,
        *,
        apis: Sequence[str],
        ledger: Callable[[], Ledger],
        quota: Callable[[], Awaitable[Sequence[BucketSnapshot]]],
        results: TruncatedResults,
        documents: DocumentFolder,
    ) -> None:
        self._apis = apis
        self._ledger = ledger
        self._quota_buckets = quota
        self._results = results
        self._documents = documents

    def listed(self) -> list[types.Resource]:
        """Those with an address of their own."""
        return [
            types.Resource(uri=uri, name=uri.removeprefix("sp-mcp://"), title=title, description=what, mime_type=JSON)
            for uri, (title, what, _, _) in self._fixed().items()
        ]

    def templates(self) -> list[types.ResourceTemplate]:
        """Those of which there are many."""
        return [
            types.ResourceTemplate(
                uri_template=f"{OPERATION}{{name}}",
                name="operation",
                title="One operation",
                description="Request, role, rate, and the schemas of arguments and answer of a tool.",
                mime_type=JSON,
            ),
            types.ResourceTemplate(
                uri_template=f"{RESULTS}{{id}}",
                name="result",
                title="A whole answer",
                description="An answer of which only the first items were shown; its leftOut names it, for an hour.",
                mime_type=JSON,
            ),
        ]

    async def read(self, uri: str) -> types.ReadResourceResult:
        """What is under an address. Raises NoSuchResource."""
        fixed = self._fixed().get(uri)
        if fixed is not None:
            _, _, make, lasts = fixed
            return _json(uri, await make(), public=lasts)
        if uri.startswith(OPERATION):
            return _json(uri, _in_full(self._operation(uri.removeprefix(OPERATION))), public=True)
        if uri.startswith(RESULTS):
            whole = self._results.whole(uri.removeprefix(RESULTS))
            if whole is None:
                raise NoSuchResource(
                    "Long answers are kept for an hour; this one is gone. sp_mcp_list_changes shows what a change did."
                )
            return _json(uri, whole.body, public=False)
        if uri.lower().startswith("file:"):
            return await self._file(uri)
        raise NoSuchResource(
            "There is no such resource; resources/list and resources/templates/list name those there are."
        )

    def operation_names(self) -> list[str]:
        """The operations that have a resource."""
        return [each.name for each in sorted(definitions(), key=lambda each: each.position) if each.operation]

    def _fixed(self) -> Mapping[str, tuple[str, str, Callable[[], Awaitable[Any]], bool]]:
        """Address -> title, description, how it is made, whether it stays as it is."""
        return {
            "sp-mcp://marketplaces": (
                "Marketplaces",
                "Amazon's stores with id, country and region.",
                _marketplaces,
                True,
            ),
            "sp-mcp://operations": (
                "Operations",
                "Every operation with its API, rate and whether it changes something.",
                self._catalogue,
                True,
            ),
            "sp-mcp://quota": (
                "Quota",
                "The account's token buckets in use: tokens left, seconds until the next turn, who waits.",
                self._quota,
                False,
            ),
            "sp-mcp://changes": (
                "Recent changes",
                f"The last {_RECENT} changes, from the ledger.",
                self._changes,
                False,
            ),
        }

    async def _catalogue(self) -> Any:
        return [{**_summary(operation), "listed": operation.api in self._apis} for operation in operations()]

    def _operation(self, name: str) -> Operation:
        for operation in operations():
            if operation.name == name:
                return operation
        raise NoSuchResource("There is no operation of this name; sp-mcp://operations lists them.")

    async def _quota(self) -> Any:
        from sp_mcp.quota.store import StoreUnavailable

        try:
            buckets = await self._quota_buckets()
        except StoreUnavailable as error:
            raise NoSuchResource(f"The quota cannot be read: {error}.") from None
        return [
            {
                "operation": entry.operation,
                "perSecond": entry.bucket.per_second,
                "burst": entry.bucket.plan.rate.burst,
                "tokens": entry.bucket.tokens,
                "secondsToNextTurn": round(entry.bucket.peek(entry.now).seconds, 1),
                "waiting": sum(ticket.waiting for ticket in entry.bucket.line),
            }
            for entry in buckets
        ]

    async def _changes(self) -> Any:
        from sp_mcp.ledger.entry import LedgerUnavailable
        from sp_mcp.ledger.table import Filter
        from sp_mcp.results.changes import change_for_model

        known = {operation.name: operation for operation in operations()}
        try:
            entries = await self._ledger().entries(Filter(limit=_RECENT), "here")
        except LedgerUnavailable as error:
            raise NoSuchResource(f"{error}.") from None
        return [change_for_model(entry, known.get(entry.operation)) for entry in entries]

    async def _file(self, uri: str) -> types.ReadResourceResult:
        """A document that was saved here. Nothing else on the disk can be read."""
        path = path_of(uri)
        try:
            file = await anyio.to_thread.run_sync(self._documents.read, path) if path else None
        except FileRefused:
            raise NoSuchResource("The document is not there any more.") from None
        if file is None:
            raise NoSuchResource("No document was saved under this address by this server.")
        blob = base64.b64encode(file.content).decode()
        contents = types.BlobResourceContents(uri=uri, mime_type=file.media_type, blob=blob)
        return types.ReadResourceResult(contents=[contents], ttl_ms=0, cache_scope="private")


async def _marketplaces() -> Any:
    return [
        {"id": identifier, "country": marketplace.country, "name": marketplace.name, "region": marketplace.region}
        for identifier, marketplace in MARKETPLACES.items()
    ]


def _summary(operation: Operation) -> dict[str, Any]:
    return {
        "name": operation.name,
        "title": operation.title,
        "api": operation.api,
        "effect": operation.endpoint.effect.value,
        "perSecond": operation.endpoint.rate.per_second,
        "burst": operation.endpoint.rate.burst,
    }


def _in_full(operation: Operation) -> dict[str, Any]:
    listed = definition(operation.name)
    assert listed is not None, operation.name
    return {
        **_summary(operation),
        "description": operation.description,
        "operationId": operation.operation_id,
        "request": f"{operation.endpoint.method} {operation.endpoint.path}",
        "role": operation.role,
        "inputSchema": listed.input,
        "outputSchema": listed.output,
    }


def _json(uri: str, value: Any, *, public: bool) -> types.ReadResourceResult:
    return types.ReadResourceResult(
        contents=[types.TextResourceContents(uri=uri, mime_type=JSON, text=compact(value))],
        ttl_ms=_HOUR_MS if public else 0,
        cache_scope="public" if public else "private",
    )
