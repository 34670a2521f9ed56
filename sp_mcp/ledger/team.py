"""The ledger of one machine of a team: consents, and what was done already, are kept on the team's Redis.

Rows stay on the machine that made them. On Redis is one key for each digest, which holds consents that wait, the
change that is open, and the last one that was done or may have been; no arguments, and nothing after the window.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import anyio

from sp_mcp.amazon.errors import NotRecorded
from sp_mcp.clock import Clock
from sp_mcp.ledger.consent import KEPT, LIFETIME, Useless, name_of, new_secret
from sp_mcp.ledger.entry import ConsentBy, Earlier, Entry, Intent, Outcome, Result, Verdict
from sp_mcp.ledger.ledger import Issued, Ledger, OpenChange, Whose, log, new_id
from sp_mcp.team import Team, TeamUnavailable

# Instants are kept as text, because Redis cuts numbers. What is open goes before what is done: it is later.
_BEGINNING = """
local key, now = KEYS[1], redis.call('TIME')
now = now[1] + now[2] / 1e6
local window, kept = tonumber(ARGV[1]), tonumber(ARGV[2])
local function read(field)
    local found = redis.call('HGET', key, field)
    return found and cjson.decode(found) or nil
end
local function write(field, value)
    value.at = string.format('%.6f', now)
    redis.call('HSET', key, field, cjson.encode(value))
    redis.call('EXPIRE', key, math.ceil(math.max(window, kept)))
end
local function standing(field)
    local mark = read(field)
    if mark and now - mark.at >= window then redis.call('HDEL', key, field) mark = nil end
    return mark
end
local mark = standing('open') or standing('done')
"""

_ISSUE = f"""{_BEGINNING}
local all = redis.call('HGETALL', key)
for n = 1, #all, 2 do
    local old = all[n] ~= 'open' and all[n] ~= 'done' and now - cjson.decode(all[n + 1]).at >= kept
    if old then redis.call('HDEL', key, all[n]) end
end
write(ARGV[3], {{repeats = mark and mark.id or ARGV[4]}})
return mark and cjson.encode(mark) or false
"""

_WITHDRAW = f"""{_BEGINNING}
local consent = read(ARGV[3])
redis.call('HDEL', key, ARGV[3])
return consent and string.format('%.6f', now - consent.at) or false
"""

# Where the answer to a script was lost it runs again, and then finds the change open that it has begun.
_BEGIN = f"""{_BEGINNING}
local id, name, lifetime = ARGV[3], ARGV[4], tonumber(ARGV[5])
if mark and mark.id == id then return cjson.encode({{age = mark.age}}) end
local repeats, age = nil, nil
if name ~= '' then
    local consent = read(name)
    if not consent then return cjson.encode({{useless = 'UNKNOWN'}}) end
    redis.call('HDEL', key, name)
    repeats, age = consent.repeats, now - consent.at
    if age < -1 or age >= lifetime then return cjson.encode({{useless = 'EXPIRED'}}) end
end
if mark and repeats ~= mark.id then return cjson.encode({{earlier = mark}}) end
write('open', {{id = id, outcome = 'waiting', age = age}})
return cjson.encode({{age = age}})
"""

_END = f"""{_BEGINNING}
local id, outcome = ARGV[3], ARGV[4]
for _, field in ipairs({{'open', 'done'}}) do
    local mark = read(field)
    if mark and mark.id == id then redis.call('HDEL', key, field) end
end
if outcome ~= '' then write('done', {{id = id, outcome = outcome}}) end
"""


class TeamLedger(Ledger):
    """See Ledger; consents are spent, and equal changes of all machines found, on `team`'s server."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        whose: Whose,
        team: Team,
        *,
        window: float,
        days: float,
        longest_wait: float,
    ) -> None:
        super().__init__(folder, clock, whose, window=window, days=days, longest_wait=longest_wait)
        self._team = team

    async def issue(self, intent: Intent) -> Issued:
        digest, secret, now = self.digest(intent), new_secret(), self._now()
        # What Redis has forgotten this machine may know.
        local = await self._write(lambda connection: self._latest(connection, digest, now))
        name = name_of(secret, self.binding(intent))
        mark = await self._run(_ISSUE, digest, name, local.id if local else "")
        return Issued(secret, _earlier(json.loads(mark)) if mark else local)

    async def withdraw(self, secret: str, intent: Intent) -> float | None:
        age = await self._run(_WITHDRAW, self.digest(intent), name_of(secret, self.binding(intent)))
        return None if age is None else float(age)

    async def begin(
        self, intent: Intent, consent: ConsentBy, secret: str | None = None
    ) -> OpenChange | Earlier | Useless:
        digest, change = self.digest(intent), new_id()
        name = "" if secret is None else name_of(secret, self.binding(intent))
        # Seen through: a mark that nobody ends would stand in the way of others.
        with anyio.CancelScope(shield=True):
            begun = json.loads(await self._run(_BEGIN, digest, change, name, LIFETIME))
            if "useless" in begun:
                return Useless[begun["useless"]]
            if "earlier" in begun:
                return _earlier(begun["earlier"])
            asked_at = self._now() - begun["age"] if "age" in begun else None

            def work(connection: sqlite3.Connection) -> None:
                self._add(connection, change, intent, consent, asked_at)

            try:
                await self._write(work)
            except NotRecorded:
                await self._end(digest, change, "")
                raise
        return OpenChange(self, change, digest)

    async def complete(self, change: OpenChange, result: Result | None) -> str | None:
        problem = await super().complete(change, result)
        outcome = result.outcome if result else Outcome.UNKNOWN if change.left else Outcome.FAILED
        nothing = outcome not in (Outcome.SENT, Outcome.UNKNOWN) or (result is not None and result.done == 0)
        with anyio.CancelScope(shield=True):
            await self._end(change.digest, change.id, "" if nothing else outcome)
        return problem

    async def settle(self, entry: Entry, verdict: Verdict) -> None:
        await super().settle(entry, verdict)
        if verdict is Verdict.DID_NOT:
            await self._end(entry.digest, entry.id, "")

    async def _end(self, digest: str, change: str, outcome: str) -> None:
        try:
            await self._run(_END, digest, change, outcome)
        except NotRecorded as error:
            # Equal changes are asked about as repetitions then, which is the safe side.
            log.warning("%s", error.reason)

    async def _run(self, script: str, digest: str, *values: str | float) -> Any:
        try:
            return await self._team.run(script, f"sp-mcp:change:{digest}", self._window, KEPT, *values)
        except TeamUnavailable as error:
            raise NotRecorded(
                f"{error}, where the team's consents are spent, so that none is used twice.",
                remedy="Reads go on; call again when it is back.",
            ) from None


def _earlier(mark: dict[str, Any]) -> Earlier:
    return Earlier(str(mark["id"]), float(mark["at"]), Outcome(mark["outcome"]))
