"""The ledger on one machine: a SQLite file that all processes of a user share.

It waits for the disk at every commit, and is never removed or begun anew by the program.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import anyio

from sp_mcp.amazon.errors import NotRecorded, ShuttingDown
from sp_mcp.clock import Clock
from sp_mcp.database import Database
from sp_mcp.ledger import table
from sp_mcp.ledger.consent import KEPT, Useless, is_good, name_of, new_secret
from sp_mcp.ledger.entry import ConsentBy, Earlier, Entry, Intent, LedgerUnavailable, Result, Verdict

log = logging.getLogger(__name__)

T = TypeVar("T")

Scope = Literal["here", "account", "everybody"]

GRACE = 300.0
"""Seconds beyond the longest wait for a turn after which a change that has not left can leave no more. They cover
signing in, and trying again where there was no connection."""


@dataclass(frozen=True)
class Whose:
    """The account whose changes these are: `key` tells accounts apart, `label` names it to people.

    `place` is where it is served, and `life` tells one life of that place from the next, where it forgets everything
    in between: what was done in another place or life is never repeated in this.
    """

    key: str = field(repr=False)
    label: str
    environment: str
    place: str
    life: str = ""


@dataclass(frozen=True)
class Issued:
    """A consent that waits for its answer, and the change that it would repeat, which a person must be told of."""

    secret: str = field(repr=False)
    earlier: Earlier | None


class OpenChange:
    """A change that is recorded and has no outcome yet. It is closed once, whatever happens to it."""

    def __init__(self, ledger: Ledger, change: str, digest: str, parts: int) -> None:
        self.id = change
        self.digest = digest
        self._parts = parts
        self.left = False
        self._ledger = ledger

    async def leaving(self) -> None:
        """To be called right before every send. Raises NotRecorded, and then it must not leave."""
        await self._ledger.leave(self)
        self.left = True

    async def held_back(self) -> None:
        """To be called where a send is known to have been in vain and another will follow."""
        self.left = False
        await self._ledger.hold_back(self)

    def undone_by(self, result: Result) -> bool:
        """Whether all of its parts, such as orders, were refused."""
        return result.done == 0 and (result.not_done or 0) >= self._parts

    async def close(self, result: Result | None) -> str | None:
        """Record what came of it, or with None that it was interrupted; answers why that failed, if it did."""
        return await self._ledger.complete(self, result)


class Ledger:
    """Changes of one account.

    `window` is for how many seconds an equal change counts as a repetition, `days` for how many days rows are
    kept, and `longest_wait` for how many seconds a change waits for its turn at most.
    """

    def __init__(
        self, folder: Path, clock: Clock, whose: Whose, *, window: float, days: float, longest_wait: float
    ) -> None:
        self.path = folder / table.FILE
        self._clock = clock
        self._whose = whose
        self._window = window
        self._days = days
        self._patience = longest_wait + GRACE
        self._database = Database(self.path, table.SCHEMA, synchronous="FULL", patience=2)
        self._closing = False
        self._under_way: set[OpenChange] = set()
        self._settled = anyio.Event()

    def digest(self, intent: Intent) -> str:
        """What is equal for equal changes of one account, and says nothing about them."""
        return self._hash(intent.operation, intent.essence, self._whose.life)

    def binding(self, intent: Intent) -> str:
        """The same for what a consent is to: that is to every word, but to no life of the place."""
        return self._hash(intent.operation, intent.wire, "")

    def _hash(self, operation: str, call: Mapping[str, Any], life: str) -> str:
        whose = self._whose
        material = json.dumps(
            [operation, call, whose.key, whose.environment, whose.place, life],
            sort_keys=True,
            separators=(",", ":"),
        )
        return hashlib.sha256(material.encode()).hexdigest()

    async def issue(self, intent: Intent) -> Issued:
        """A new consent to wait for an answer. Raises NotRecorded."""
        digest, now = self.digest(intent), self._now()
        secret = new_secret()
        name = name_of(secret, self.binding(intent))

        def work(connection: sqlite3.Connection) -> Earlier | None:
            earlier = self._latest(connection, digest)
            table.drop_consents(connection, now - KEPT)
            table.put_consent(connection, name, now, earlier.id if earlier else None)
            return earlier

        return Issued(secret, await self._write(work))

    async def withdraw(self, secret: str, intent: Intent) -> float | None:
        """Use a consent up for nothing; answers its age in seconds, if it was there. Raises NotRecorded."""
        now, name = self._now(), name_of(secret, self.binding(intent))
        taken = await self._write(lambda connection: table.take_consent(connection, name))
        return None if taken is None else now - taken[0]

    async def begin(
        self, intent: Intent, consent: ConsentBy, secret: str | None = None
    ) -> OpenChange | Earlier | Useless:
        """Record a change and spend its consent, in one step; without a secret nobody was asked.

        Answers Earlier where an equal change stands in the way that the person was not told of, and Useless where
        the consent is none; nothing is recorded then. Raises NotRecorded.
        """
        digest, now, change = self.digest(intent), self._now(), new_id()
        name = None if secret is None else name_of(secret, self.binding(intent))

        def work(connection: sqlite3.Connection) -> Earlier | Useless | None:
            asked_at, repeats = None, None
            if name is not None:
                taken = table.take_consent(connection, name)
                if taken is None:
                    return Useless.UNKNOWN
                asked_at, repeats = taken
                if not is_good(now - asked_at):
                    return Useless.EXPIRED
            earlier = self._latest(connection, digest)
            if earlier is not None and earlier.id != repeats:
                return earlier
            self._add(connection, change, digest, intent, consent, asked_at)
            return None

        stopped = await self._write(work)
        return stopped or OpenChange(self, change, digest, len(intent.subjects))

    async def leave(self, change: OpenChange) -> None:
        """See OpenChange.leaving."""
        if self._closing:
            raise ShuttingDown("The server is shutting down.")
        self._under_way.add(change)
        try:
            may = await self._write(lambda connection: table.leave(connection, change.id, self._now()))
            if not may:
                raise NotRecorded("It waited so long that its record has been given up.", remedy="Call again.")
        except NotRecorded:
            self._no_longer(change)
            raise

    async def hold_back(self, change: OpenChange) -> None:
        """See OpenChange.held_back."""
        give_up_at = self._now() + self._patience
        # It may wait long for its next turn, and nobody needs to wait for that.
        self._no_longer(change)
        try:
            await self._do(lambda connection: table.hold_back(connection, change.id, give_up_at))
        except LedgerUnavailable as error:
            # The row says then that it left, which is true, and its outcome will say the rest.
            log.warning("%s", error)

    async def complete(self, change: OpenChange, result: Result | None) -> str | None:
        """See OpenChange.close."""
        with anyio.CancelScope(shield=True):
            try:
                if not await self._do(lambda connection: table.complete(connection, change.id, result, self._now())):
                    raise LedgerUnavailable(f"The ledger of changes, {self.path}, does not hold it any more")
            except LedgerUnavailable as error:
                log.error("change %s has come to an end that could not be recorded: %s", change.id, error)
                return str(error)
            finally:
                self._no_longer(change)
        return None

    async def settle(self, entry: Entry, verdict: Verdict) -> None:
        """Record what a look at Amazon showed of a change whose outcome was unknown. Raises LedgerUnavailable."""
        await self._do(lambda connection: table.settle(connection, entry.id, verdict, self._now()))

    async def entries(self, which: table.Filter, scope: Scope = "account") -> Sequence[Entry]:
        """Changes, the newest first. Raises LedgerUnavailable.

        `here` are those of this account at this place, `account` those of this account and environment, and
        `everybody` all in the file.
        """

        def work(connection: sqlite3.Connection) -> list[Entry]:
            whose, salt, mine = self._whose, table.salt(connection), which
            if scope != "everybody":
                mine = replace(which, account=_salted(salt, whose.key), environment=whose.environment)
            if scope == "here":
                mine = replace(mine, place=_salted(salt, f"{whose.place} {whose.life}"))
            return table.entries(connection, mine, self._now())

        return await self._tried(self._database.look(work)) or ()

    async def drop_old(self) -> int:
        """Remove what is older than it needs to be; answers how many changes. Raises LedgerUnavailable."""
        if await self._tried(self._database.look(lambda _: True)) is None:
            return 0
        before = self._now() - self._days * 86400
        return await self._do(lambda connection: table.drop(connection, before))

    async def none_under_way(self) -> None:
        """Let no change leave any more, and wait until every one that has left has its outcome here."""
        self._closing = True
        while self._under_way:
            await self._settled.wait()

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
            "account": _salted(salt, self._whose.key),
            "place": _salted(salt, f"{self._whose.place} {self._whose.life}"),
            "label": self._whose.label,
            "environment": self._whose.environment,
            "consent": consent,
            "asked_at": asked_at,
            "consented_at": None if consent is ConsentBy.UNASKED else now,
            "digest": digest,
            "arguments": json.dumps(intent.arguments, ensure_ascii=False, separators=(",", ":")),
            "subjects": json.dumps(intent.subjects, ensure_ascii=False),
            "give_up_at": now + self._patience,
        }
        table.add(connection, row)

    def _no_longer(self, change: OpenChange) -> None:
        self._under_way.discard(change)
        if not self._under_way:
            self._settled.set()
            self._settled = anyio.Event()

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Like `_do`, for what must be recorded before anything is sent. Raises NotRecorded."""
        try:
            return await self._do(work)
        except LedgerUnavailable as error:
            raise NotRecorded(
                f"{error}. A change that cannot be recorded is not sent.",
                remedy=f"Reads go on. The ledger is {self.path}; SP_MCP_STATE_DIR names another folder.",
            ) from None

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._tried(self._database.transaction(work))

    async def _tried(self, work: Awaitable[T]) -> T:
        try:
            return await work
        except (sqlite3.Error, OSError, ValueError) as error:
            raise LedgerUnavailable(f"The ledger of changes cannot be used: {_why(error, self.path)}") from None


def new_id() -> str:
    """What a change is called."""
    return secrets.token_hex(4)


def _salted(salt: str, account: str) -> str:
    return hmac.new(salt.encode(), account.encode(), hashlib.sha256).hexdigest()[:24]


_REASONS = {
    sqlite3.SQLITE_BUSY: "another process keeps it busy",
    sqlite3.SQLITE_LOCKED: "another process keeps it busy",
    sqlite3.SQLITE_PERM: "it may not be written",
    sqlite3.SQLITE_READONLY: "it may not be written",
    sqlite3.SQLITE_CANTOPEN: "it may not be opened",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk has a fault",
}
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _why(error: Exception, path: Path) -> str:
    if isinstance(error, OSError):
        return (error.strerror or type(error).__name__).lower()
    if not isinstance(error, sqlite3.Error):
        return f"{path} holds something that this version does not know"
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGED:
        return (
            f"{path} is damaged. It was left as it is. A person should keep a copy before moving it away: it alone "
            "knows what was done"
        )
    return _REASONS.get(code, f"{path} is none, or of another kind (SQLite error {code})")
