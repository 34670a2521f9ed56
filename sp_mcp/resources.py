"""What can be read besides tools: marketplaces, operations with their schemas, quota, changes, long answers, files."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio
import anyio.to_thread
import mcp_types as types

from sp_mcp.account import Account
from sp_mcp.amazon.regions import MARKETPLACES
from sp_mcp.files import DOCUMENTS, MB, FileRefused, path_of, read_within
from sp_mcp.operation import Operation
from sp_mcp.results import SCHEME as RESULTS
from sp_mcp.results import compact

JSON = "application/json"
OPERATION = "sp-mcp://operations/"

_HOUR_MS = 3_600_000
_RECENT = 20
_LONGEST_FILE = 20 * MB


class NoSuchResource(Exception):
    """There is nothing under this address. The text is for the caller."""


class Resources:
    """The resources of one account."""

    def __init__(self, account: Account) -> None:
        self._account = account

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
            return _json(uri, _told_in_full(self._operation(uri.removeprefix(OPERATION))), public=True)
        if uri.startswith(RESULTS):
            whole = self._account.results.whole(uri.removeprefix(RESULTS))
            if whole is None:
                raise NoSuchResource(
                    "This answer is not kept any more; it is for an hour. sp_mcp_list_changes shows what a change did."
                )
            return _json(uri, whole.body, public=False)
        if uri.lower().startswith("file:"):
            return await self._file(uri)
        raise NoSuchResource(
            "There is no such resource; resources/list and resources/templates/list name those there are."
        )

    def operation_names(self) -> list[str]:
        """The operations that have a resource."""
        from sp_mcp.listing import records

        return [record.name for record in records() if record.operation_id]

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
        listed = set(self._account.settings.apis)
        return [{**_told(operation), "listed": operation.api in listed} for operation in _operations()]

    def _operation(self, name: str) -> Operation:
        for operation in _operations():
            if operation.name == name:
                return operation
        raise NoSuchResource("There is no operation of this name; sp-mcp://operations lists them.")

    async def _quota(self) -> Any:
        from sp_mcp.quota.store import StoreUnavailable

        try:
            kept = await self._account.quota().look(self._account.quota_key)
        except StoreUnavailable as error:
            raise NoSuchResource(f"The quota cannot be read: {error}.") from None
        return [
            {
                "operation": entry.operation,
                "perSecond": entry.bucket.per_second,
                "burst": entry.bucket.plan.rate.burst,
                "tokens": entry.bucket.tokens,
                "secondsToNextTurn": round(entry.bucket.look(entry.now).seconds, 1),
                "waiting": sum(ticket.waiting for ticket in entry.bucket.line),
            }
            for entry in kept
            if entry.mine
        ]

    async def _changes(self) -> Any:
        from sp_mcp.ledger.entry import LedgerUnavailable
        from sp_mcp.ledger.history import told
        from sp_mcp.ledger.table import Filter

        known = {operation.name: operation for operation in _operations()}
        try:
            entries = await self._account.ledger().entries(Filter(limit=_RECENT), "here")
        except LedgerUnavailable as error:
            raise NoSuchResource(f"{error}.") from None
        return [told(entry, known.get(entry.operation)) for entry in entries]

    async def _file(self, uri: str) -> types.ReadResourceResult:
        """A document that was saved here. Nothing else on the disk can be read."""
        path, folder = path_of(uri), self._account.download_dir
        if path is None or path not in self._account.saved:
            raise NoSuchResource("No document was saved under this address by this server.")

        def read() -> tuple[bytes, str]:
            file = read_within(str(path), [folder], DOCUMENTS, _LONGEST_FILE)
            return file.content, file.media_type

        try:
            content, media_type = await anyio.to_thread.run_sync(read)
        except FileRefused:
            raise NoSuchResource("The document is not there any more.") from None
        blob = base64.b64encode(content).decode()
        contents = types.BlobResourceContents(uri=uri, mime_type=media_type, blob=blob)
        return types.ReadResourceResult(contents=[contents], ttl_ms=0, cache_scope="private")


async def _marketplaces() -> Any:
    return [
        {"id": identifier, "country": place.country, "name": place.name, "region": place.region}
        for identifier, place in MARKETPLACES.items()
    ]


def _operations() -> tuple[Operation, ...]:
    from sp_mcp.apis import operations
    from sp_mcp.settings import API_NAMES

    return operations(API_NAMES)


def _told(operation: Operation) -> dict[str, Any]:
    return {
        "name": operation.name,
        "title": operation.title,
        "api": operation.api,
        "effect": "changes" if operation.changes else "reads",
        "perSecond": operation.rate.per_second,
        "burst": operation.rate.burst,
    }


def _told_in_full(operation: Operation) -> dict[str, Any]:
    from sp_mcp.listing import record

    listed = record(operation.name)
    assert listed is not None, operation.name
    return {
        **_told(operation),
        "description": operation.description,
        "operationId": operation.operation_id,
        "request": f"{operation.method} {operation.path}",
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
