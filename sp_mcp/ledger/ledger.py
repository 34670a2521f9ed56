"""The ledger on one machine: a SQLite file that all processes of a user share.

Every commit waits for the disk. The program never removes the file and never replaces it by an empty one.
"""

from __future__ import annotations

import json
import logging
import secrets
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import anyio

from sp_mcp.amazon.errors import NotRecorded, ShuttingDown
from sp_mcp.clock import Clock
from sp_mcp.ledger import table
from sp_mcp.ledger.consent_tokens import KEPT, InvalidToken, is_good, new_token, token_digest
from sp_mcp.ledger.entry import ConsentBy, Earlier, Entry, Intent, LedgerUnavailable, Resolution, Result
from sp_mcp.ledger.pending import Issued, PendingChange
from sp_mcp.ledger.problems import describe_problem
from sp_mcp.ledger.scope import LedgerScope
from sp_mcp.storage.database import Database, WrongVersion

log = logging.getLogger(__name__)

T = TypeVar("T")

EntryRange = Literal["here", "account", "everybody"]

GRACE = 300.0
"""Seconds that a recorded change has beyond the longest wait for a turn before it can no longer be sent. They cover
signing in, and trying again after there was no connection."""


class Ledger:
    """The ledger of one account.

    `window` is how many seconds an equal change counts as a repetition, `days` how many days changes are kept, and
    `longest_wait` the most seconds that a change waits for its turn.
    """

    def __init__(
        self, folder: Path, clock: Clock, scope: LedgerScope, *, window: float, days: float, longest_wait: float
    ) -> None:
        self.path = folder / table.FILE
        self._clock = clock
        self._scope = scope
        self._window = window
        self._days = days
        self._patience = longest_wait + GRACE
        self._database = Database(self.path, table.MIGRATIONS, synchronous="FULL", patience=2)
        self._closing = False
        self._under_way: set[PendingChange] = set()
        self._all_done = anyio.Event()

    async def issue(self, intent: Intent) -> Issued:
        """Create a consent for a change, with the earlier change that it would repeat. Raises NotRecorded."""
        digest, now = self._scope.dedup_digest(intent), self._now()
        secret = new_token()
        name = token_digest(secret, self._scope.consent_digest(intent))

        def work(connection: sqlite3.Connection) -> Earlier | None:
            earlier = self._latest(connection, digest)
            table.drop_consents(connection, now - KEPT)
            table.put_consent(connection, name, now, earlier.id if earlier else None)
            return earlier

        return Issued(secret, await self._write(work))

    async def withdraw(self, secret: str, intent: Intent) -> float | None:
        """Spend a consent without sending. Returns its age in seconds, None if there was none. Raises NotRecorded."""
        now, name = self._now(), token_digest(secret, self._scope.consent_digest(intent))
        taken = await self._write(lambda connection: table.take_consent(connection, name))
        return None if taken is None else now - taken[0]

    async def begin(
        self, intent: Intent, consent: ConsentBy, secret: str | None = None
    ) -> PendingChange | Earlier | InvalidToken:
        """Record a change and spend its consent, in one transaction. `secret` is None if nobody was asked.

        Returns the recorded change. If nothing was recorded, it returns Earlier for an equal change that the question
        did not mention, or InvalidToken for a consent that cannot be used. Raises NotRecorded.
        """
        digest, now, change = self._scope.dedup_digest(intent), self._now(), new_id()
        name = None if secret is None else token_digest(secret, self._scope.consent_digest(intent))

        def work(connection: sqlite3.Connection) -> Earlier | InvalidToken | None:
            asked_at, repeats = None, None
            if name is not None:
                taken = table.take_consent(connection, name)
                if taken is None:
                    return InvalidToken.UNKNOWN
                asked_at, repeats = taken
                if not is_good(now - asked_at):
                    return InvalidToken.EXPIRED
            earlier = self._latest(connection, digest)
            if earlier is not None and earlier.id != repeats:
                return earlier
            self._add(connection, change, digest, intent, consent, asked_at)
            return None

        stopped = await self._write(work)
        return stopped or PendingChange(self, change, digest, len(intent.subjects))

    async def sending(self, change: PendingChange) -> None:
        """See PendingChange.sending."""
        if self._closing:
            raise ShuttingDown("The server is shutting down.")
        self._under_way.add(change)
        try:
            may = await self._write(lambda connection: table.sending(connection, change.id, self._now()))
            if not may:
                raise NotRecorded("The change waited too long for its turn and was given up.", remedy="Call again.")
        except NotRecorded:
            self._no_longer(change)
            raise

    async def not_executed(self, change: PendingChange) -> None:
        """See PendingChange.not_executed."""
        give_up_at = self._now() + self._patience
        # The change may wait long for its next turn, and a shutdown need not wait for that.
        self._no_longer(change)
        try:
            await self._do(lambda connection: table.not_executed(connection, change.id, give_up_at))
        except LedgerUnavailable as error:
            # The row then says that the change was sent, which is true until its outcome is recorded.
            log.warning("%s", error)

    async def complete(self, change: PendingChange, result: Result | None) -> str | None:
        """See PendingChange.close."""
        with anyio.CancelScope(shield=True):
            try:
                if not await self._do(lambda connection: table.complete(connection, change.id, result, self._now())):
                    raise LedgerUnavailable(f"The ledger of changes, {self.path}, no longer holds the change")
            except LedgerUnavailable as error:
                log.error("the outcome of change %s could not be recorded: %s", change.id, error)
                return str(error)
            finally:
                self._no_longer(change)
        return None

    async def settle(self, entry: Entry, resolution: Resolution) -> None:
        """Record what a read showed of a change whose outcome was unknown. Raises LedgerUnavailable."""
        await self._do(lambda connection: table.settle(connection, entry.id, resolution, self._now()))

    async def entries(self, which: table.Filter, within: EntryRange = "account") -> Sequence[Entry]:
        """Returns the changes that pass the filter, the newest first. Raises LedgerUnavailable.

        `within` is "here" for this account at this endpoint, "account" for this account and environment, or
        "everybody" for all changes in the file.
        """

        def work(connection: sqlite3.Connection) -> list[Entry]:
            scope, salt, mine = self._scope, table.salt(connection), which
            if within != "everybody":
                mine = replace(which, account=scope.stored_account(salt), environment=scope.environment)
            if within == "here":
                mine = replace(mine, endpoint=scope.stored_endpoint(salt))
            return table.entries(connection, mine, self._now())

        return await self._tried(self._database.read(work)) or ()

    async def drop_old(self) -> int:
        """Remove changes older than `days` and return how many. Raises LedgerUnavailable."""
        if await self._tried(self._database.read(lambda _: True)) is None:
            return 0
        before = self._now() - self._days * 86400
        return await self._do(lambda connection: table.drop(connection, before))

    async def none_under_way(self) -> None:
        """Refuse to send further changes, and wait until the outcome of every sent change is recorded."""
        self._closing = True
        while self._under_way:
            await self._all_done.wait()

    async def aclose(self) -> None:
        """Close the file."""
        await self._database.aclose()

    def _latest(self, connection: sqlite3.Connection, digest: str) -> Earlier | None:
        now = self._now()
        table.give_up(connection, digest, now)
        return table.latest(connection, digest, now - self._window, now) if self._window else None

    def _add(
        self,
        connection: sqlite3.Connection,
        change: str,
        digest: str,
        intent: Intent,
        consent: ConsentBy,
        asked_at: float | None,
    ) -> None:
        now, salt = self._now(), table.salt(connection)
        row: dict[str, Any] = {
            "id": change,
            "at": now,
            "operation": intent.operation,
            "account": self._scope.stored_account(salt),
            "place": self._scope.stored_endpoint(salt),
            "label": self._scope.label,
            "environment": self._scope.environment,
            "consent": consent,
            "asked_at": asked_at,
            "consented_at": None if consent is ConsentBy.UNASKED else now,
            "digest": digest,
            "arguments": json.dumps(intent.arguments, ensure_ascii=False, separators=(",", ":")),
            "subjects": json.dumps(intent.subjects, ensure_ascii=False),
            "give_up_at": now + self._patience,
        }
        table.add(connection, row)

    def _no_longer(self, change: PendingChange) -> None:
        self._under_way.discard(change)
        if not self._under_way:
            self._all_done.set()
            self._all_done = anyio.Event()

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Like `_do`, for records without which nothing may be sent. Raises NotRecorded."""
        try:
            return await self._do(work)
        except LedgerUnavailable as error:
            raise NotRecorded(
                f"{error}. A change that cannot be recorded is not sent.",
                remedy=f"Reads still work. The ledger is {self.path}; the setting SP_MCP_STATE_DIR moves it.",
            ) from None

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._tried(self._database.transaction(work))

    async def _tried(self, work: Awaitable[T]) -> T:
        try:
            return await work
        except (sqlite3.Error, OSError, ValueError, WrongVersion) as error:
            raise LedgerUnavailable(
                f"The ledger of changes cannot be used: {describe_problem(error, self.path)}"
            ) from None


def new_id() -> str:
    """Returns a new id for a change."""
    return secrets.token_hex(4)
