"""The account the settings point at: its names and its parts, each made on first use."""

from __future__ import annotations

import logging
import os
import platform
import secrets
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from pydantic import SecretStr

from sp_mcp.apis import apis
from sp_mcp.clock import Clock
from sp_mcp.credentials import Credentials
from sp_mcp.ledger.entry import LedgerUnavailable
from sp_mcp.results.truncation import TruncatedResults
from sp_mcp.sandbox import LOCAL_CLIENT_ID, LOCAL_CLIENT_SECRET, LOCAL_REFRESH_TOKEN
from sp_mcp.settings import Settings
from sp_mcp.storage.document_folder import DocumentFolder
from sp_mcp.storage.redis import Redis
from sp_mcp.text import shown

if TYPE_CHECKING:
    from sp_mcp.amazon.client import SellingPartner
    from sp_mcp.amazon.http import Http
    from sp_mcp.amazon.transfer import Transfers
    from sp_mcp.ledger.ledger import Ledger
    from sp_mcp.quota.store import BucketSnapshot, Store
    from sp_mcp.workflows.job_progress import JobProgressStore

log = logging.getLogger(__name__)

# Only a name: nothing resolves it, because the local Selling Partner answers inside this process.
_IN_PROCESS = "http://selling-partner.local"


class Account:
    """One selling partner in one environment. Opens no connection and loads no HTTP before it is used."""

    def __init__(self, settings: Settings, clock: Clock | None = None, http: Http | None = None) -> None:
        """`http` replaces the connections that the settings ask for; tests use it."""
        self.settings = settings
        self.clock = clock or Clock()
        self.results = TruncatedResults(self.clock, settings.result_tokens)
        self.documents = DocumentFolder(self._download_dir)
        self._http = http
        self._redis = None if settings.redis_url is None else Redis(settings.redis_url)
        self._client: SellingPartner | None = None
        self._ledger: Ledger | None = None
        self._quota: Store | None = None
        self._progress: JobProgressStore | None = None
        self._closed = False
        # The Selling Partner inside this process is a new one every time.
        self._epoch = "" if settings.base_url else secrets.token_hex(8)
        # A Selling Partner of this machine is signed in to with its own words, never with real ones.
        local = Credentials(LOCAL_CLIENT_ID, SecretStr(LOCAL_CLIENT_SECRET), SecretStr(LOCAL_REFRESH_TOKEN))
        real = None if settings.environment == "local" else settings.credentials
        self._credentials = real or local

    @property
    def apis(self) -> tuple[str, ...]:
        """The APIs whose tools are listed, in their order."""
        return self.settings.apis or tuple(api.name for api in apis().values() if api.listed)

    @property
    def key(self) -> str:
        """Tells accounts apart; not to be shown."""
        return self._credentials.fingerprint()

    @property
    def label(self) -> str:
        """What a person calls the account, or the best there is instead."""
        if self.settings.account_label:
            return shown(self.settings.account_label)
        if self.settings.environment == "local":
            return "practice account"
        region = f", region {self.settings.region}" if self.settings.region else ""
        return f"number {self.key[:6]}{region} (SP_MCP_ACCOUNT_LABEL gives it a name)"

    @property
    def destination(self) -> str:
        """Where calls go, in words for a person."""
        where = {
            "production": "Amazon, for real",
            "sandbox": "Amazon's sandbox, a test",
            "local": "the practice account on this machine; nothing reaches Amazon",
        }[self.settings.environment]
        if self.settings.endpoint is not None:
            where += f" (by SP_API_ENDPOINT: {self.settings.endpoint})"
        return where

    @property
    def defaults(self) -> dict[str, Any]:
        """Arguments that calls may leave out."""
        marketplace = self.settings.marketplace_id
        return {"marketplaceId": marketplace, "marketplaceIds": [marketplace]} if marketplace else {}

    def ledger(self) -> Ledger:
        """Where this account's changes are recorded and its consents wait."""
        if self._ledger is None:
            self._ledger = self._open_ledger()
        return self._ledger

    def quota(self) -> Store:
        """Where this account's token buckets are kept."""
        if self._quota is None:
            self._quota = self._open_quota()
        return self._quota

    async def quota_buckets(self) -> Sequence[BucketSnapshot]:
        """This account's token buckets in use, and those of others that share them. Raises StoreUnavailable."""
        return await self.quota().snapshots(self._quota_key)

    def client(self) -> SellingPartner:
        """The shared client."""
        if self._client is None:
            self._client = self._connect()
        return self._client

    def transfers(self) -> Transfers:
        """Brings files to and from Amazon's storage, over the connections of the client."""
        from sp_mcp.amazon.transfer import Transfers

        base_url = self.settings.base_url or _IN_PROCESS
        return Transfers(self._connections(), base_url, on_this_machine=self.settings.on_this_machine)

    def progress(self) -> JobProgressStore:
        """How far jobs that outlast a call have got."""
        if self._progress is None:
            from sp_mcp.workflows.job_progress import JobProgressStore

            self._progress = JobProgressStore(self._state_dir(), self.clock, f"{self._quota_key} {self._epoch}")
        return self._progress

    async def drop_old_changes(self) -> None:
        """Drop changes that are older than they are kept. Where that cannot be done it is left for another time."""
        try:
            # In a thread, because loading SQLite must not hold up saying hello.
            await anyio.to_thread.run_sync(import_module, "sp_mcp.ledger.ledger")
            await self.ledger().drop_old()
        except (LedgerUnavailable, OSError, RuntimeError) as error:
            # A host that leaves at once closes the ledger under it, which is nobody's trouble.
            if not self._closed:
                log.warning("Old changes could not be dropped: %s", error)

    async def finish_changes(self) -> None:
        """Send nothing more, and wait until the outcome of every change that has left is known and recorded."""
        if self._client is not None:
            self._client.close_to_new()
        # Whatever leaves and changes something is under way there from before it leaves until its outcome is recorded.
        if self._ledger is not None:
            await self._ledger.none_under_way()

    async def aclose(self) -> None:
        """Close files and connections."""
        self._closed = True
        for part in (self._client, self._ledger, self._progress, self._redis):
            if part is not None:
                await part.aclose()

    @property
    def _quota_key(self) -> str:
        """Tells apart whose quota is meant: this account's at one endpoint. Not to be shown."""
        return f"{self.key} {self.settings.base_url}"

    def _open_ledger(self) -> Ledger:
        from sp_mcp.ledger.ledger import Ledger
        from sp_mcp.ledger.scope import LedgerScope

        settings = self.settings
        scope = LedgerScope(
            self.key, self.label, settings.environment, settings.base_url or _IN_PROCESS, epoch=self._epoch
        )
        lasting: dict[str, float] = {
            "window": settings.repeat_window * 3600,
            "days": settings.ledger_days,
            "longest_wait": settings.max_wait,
        }
        if self._redis is None or settings.base_url is None:
            return Ledger(self._state_dir(), self.clock, scope, **lasting)
        from sp_mcp.ledger.redis_ledger import RedisLedger

        return RedisLedger(self._state_dir(), self.clock, scope, self._redis, **lasting)

    def _open_quota(self) -> Store:
        from sp_mcp.quota.fallback import FallbackStore
        from sp_mcp.quota.store import MemoryStore

        if self.settings.base_url is None:
            # The Selling Partner inside this process has nobody else to serve.
            return MemoryStore(self.clock)
        if self._redis is not None:
            from sp_mcp.quota.redis_store import RedisStore

            return FallbackStore(RedisStore(self._redis), self.clock, refuse_strict=True)
        from sp_mcp.quota.embedded import EmbeddedStore

        return FallbackStore(EmbeddedStore(self._state_dir(), self.clock), self.clock)

    def _connect(self) -> SellingPartner:
        from sp_mcp.amazon.client import SANDBOX_RATE, SellingPartner
        from sp_mcp.amazon.rate_limit import JITTER, LOOPBACK_JITTER, RateLimiter

        settings = self.settings
        base_url = settings.base_url or _IN_PROCESS
        return SellingPartner(
            http=self._connections(),
            base_url=base_url,
            tokens_base_url=settings.tokens_base_url or base_url,
            login_url=settings.login_url if settings.base_url else f"{_IN_PROCESS}/auth/o2/token",
            credentials=self._credentials,
            limiter=RateLimiter(
                self.quota(),
                self.clock,
                account=self._quota_key,
                process=f"{platform.node()}/{os.getpid()}/{secrets.token_hex(4)}",
                jitter=LOOPBACK_JITTER if settings.on_this_machine else JITTER,
            ),
            clock=self.clock,
            longest_wait=settings.max_wait,
            shared_rate=SANDBOX_RATE if settings.environment == "sandbox" else None,
        )

    def _connections(self) -> Http:
        if self._http is None:
            from sp_mcp.amazon.http import Http

            if self.settings.base_url is None:
                from sp_mcp.sandbox.app import Sandbox

                self._http = Http(app=Sandbox(self.clock))
            else:
                self._http = Http()
        return self._http

    def _state_dir(self) -> Path:
        if self.settings.state_dir is not None:
            return self.settings.state_dir
        from platformdirs import user_state_path

        return user_state_path("sp-mcp", appauthor=False)

    def _download_dir(self) -> Path:
        if self.settings.download_dir is not None:
            return self.settings.download_dir
        from platformdirs import user_downloads_path

        return user_downloads_path() / "sp-mcp"
