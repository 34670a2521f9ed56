"""The ledger of one machine of a team, whose consents and recent changes are also kept on the team's Redis.

Rows stay on the machine that made them. Redis holds one key for each digest, with the consents that wait for an answer
and the changes that were done or may have been done. It holds no arguments, and a key expires after the longest window
of the machines.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import anyio

from sp_mcp.amazon.errors import NotRecorded
from sp_mcp.clock import Clock
from sp_mcp.ledger.consent_tokens import KEPT, LIFETIME, InvalidToken, new_token, token_digest
from sp_mcp.ledger.entry import ConsentBy, Earlier, Entry, Intent, Resolution, Result
from sp_mcp.ledger.ledger import Ledger, log, new_id
from sp_mcp.ledger.pending import Issued, PendingChange
from sp_mcp.ledger.scope import LedgerScope
from sp_mcp.outcome import Outcome
from sp_mcp.storage.redis import Redis, RedisUnavailable

# A key has fields `consent <name>` and `change <id>`. Instants are kept as text, because Redis cuts numbers. A change
# that is too old for this machine's window may not be for another's, so it stays until the key expires.
_BEGINNING = """
local key, now = KEYS[1], redis.call('TIME')
now = now[1] + now[2] / 1e6
local window, kept = tonumber(ARGV[1]), tonumber(ARGV[2])
local function read(field)
    local found = redis.call('HGET', key, field)
    return found and cjson.decode(found) or nil
end
local function write(field, value, since)
    value.at = since or string.format('%.6f', now)
    redis.call('HSET', key, field, cjson.encode(value))
    local seconds = math.ceil(math.max(window, kept))
    if redis.call('TTL', key) < seconds then redis.call('EXPIRE', key, seconds) end
end
local marks, newest, consents = {}, nil, {}
local all = redis.call('HGETALL', key)
for n = 1, #all, 2 do
    local kind, name = string.match(all[n], '^(%a+) (.+)$')
    local value = cjson.decode(all[n + 1])
    if kind == 'consent' then
        consents[all[n]] = now - value.at
    elseif now - value.at < window then
        value.id = name
        marks[#marks + 1] = value
        if not newest or tonumber(value.at) > tonumber(newest.at) then newest = value end
    end
end
"""

_ISSUE = f"""{_BEGINNING}
local name, mine = ARGV[3], ARGV[4]
for field, age in pairs(consents) do
    if age >= kept then redis.call('HDEL', key, field) end
end
local known = {{}}
for n, mark in ipairs(marks) do known[n] = mark.id end
if mine ~= '' then known[#known + 1] = mine end
write('consent ' .. name, {{known = known}})
return newest and cjson.encode(newest) or false
"""

_WITHDRAW = f"""{_BEGINNING}
local field = 'consent ' .. ARGV[3]
local age = consents[field]
redis.call('HDEL', key, field)
return age and string.format('%.6f', age) or false
"""

# A script whose answer was lost runs again, and then finds the change that it has already begun.
_BEGIN = f"""{_BEGINNING}
local id, name, lifetime = ARGV[3], ARGV[4], tonumber(ARGV[5])
local begun = read('change ' .. id)
if begun then return cjson.encode({{age = begun.age, known = begun.known}}) end
local known, age = {{}}, nil
if name ~= '' then
    local consent = read('consent ' .. name)
    if not consent then return cjson.encode({{useless = 'UNKNOWN'}}) end
    redis.call('HDEL', key, 'consent ' .. name)
    known, age = consent.known, now - consent.at
    if age < -1 or age >= lifetime then return cjson.encode({{useless = 'EXPIRED'}}) end
end
local disclosed = {{}}
for _, one in ipairs(known) do disclosed[one] = true end
local unknown = nil
for _, mark in ipairs(marks) do
    if not disclosed[mark.id] and (not unknown or tonumber(mark.at) > tonumber(unknown.at)) then unknown = mark end
end
if unknown then return cjson.encode({{earlier = unknown}}) end
write('change ' .. id, {{outcome = 'waiting', age = age, known = known}})
return cjson.encode({{age = age, known = known}})
"""

_END = f"""{_BEGINNING}
local field, outcome = 'change ' .. ARGV[3], ARGV[4]
local begun = read(field)
if outcome == '' then
    redis.call('HDEL', key, field)
elseif begun then
    write(field, {{outcome = outcome, done = ARGV[5], not_done = ARGV[6]}}, begun.at)
end
"""


class RedisLedger(Ledger):
    """See Ledger. Consents are spent on `redis`, and equal changes of all machines are found there."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        scope: LedgerScope,
        redis: Redis,
        *,
        window: float,
        days: float,
        longest_wait: float,
    ) -> None:
        super().__init__(folder, clock, scope, window=window, days=days, longest_wait=longest_wait)
        self._redis = redis

    async def issue(self, intent: Intent) -> Issued:
        digest, secret = self._scope.dedup_digest(intent), new_token()
        # Redis may have lost a change that this machine has recorded.
        local = await self._write(lambda connection: self._latest(connection, digest))
        name = token_digest(secret, self._scope.consent_digest(intent))
        mark = await self._run(_ISSUE, digest, name, local.id if local else "")
        if mark and not (local and json.loads(mark)["id"] == local.id):
            return Issued(secret, _earlier(json.loads(mark)))
        return Issued(secret, local)

    async def withdraw(self, secret: str, intent: Intent) -> float | None:
        age = await self._run(
            _WITHDRAW, self._scope.dedup_digest(intent), token_digest(secret, self._scope.consent_digest(intent))
        )
        return None if age is None else float(age)

    async def begin(
        self, intent: Intent, consent: ConsentBy, secret: str | None = None
    ) -> PendingChange | Earlier | InvalidToken:
        digest, change = self._scope.dedup_digest(intent), new_id()
        name = "" if secret is None else token_digest(secret, self._scope.consent_digest(intent))
        # Shielded: a change whose outcome never reaches Redis would make other machines ask about a repetition.
        with anyio.CancelScope(shield=True):
            begun = json.loads(await self._run(_BEGIN, digest, change, name, LIFETIME))
            if "useless" in begun:
                return InvalidToken[begun["useless"]]
            if "earlier" in begun:
                return _earlier(begun["earlier"])
            asked_at = self._now() - begun["age"] if "age" in begun else None

            def work(connection: sqlite3.Connection) -> Earlier | None:
                # A Redis that was restored from a backup accepts a spent consent again; this machine may know better.
                earlier = self._latest(connection, digest)
                if earlier is not None and earlier.id not in (begun.get("known") or ()):
                    return earlier
                self._add(connection, change, digest, intent, consent, asked_at)
                return None

            earlier, recorded = None, False
            try:
                earlier = await self._write(work)
                recorded = earlier is None
            finally:
                if not recorded:
                    await self._end(digest, change, "")
        return earlier or PendingChange(self, change, digest, len(intent.subjects))

    async def complete(self, change: PendingChange, result: Result | None) -> str | None:
        problem = await super().complete(change, result)
        outcome = result.outcome if result else Outcome.UNKNOWN if change.left else Outcome.FAILED
        nothing = outcome not in (Outcome.SENT, Outcome.UNKNOWN) or (result is not None and change.undone_by(result))
        with anyio.CancelScope(shield=True):
            counts = (result.done, result.not_done) if result else ()
            await self._end(change.digest, change.id, "" if nothing else outcome, *counts)
        return problem

    async def settle(self, entry: Entry, resolution: Resolution) -> None:
        await super().settle(entry, resolution)
        known = {Resolution.DID_NOT: "", Resolution.HAPPENED: Outcome.SENT}.get(resolution, Outcome.UNKNOWN)
        await self._end(entry.digest, entry.id, known)

    async def _end(
        self, digest: str, change: str, outcome: str, done: int | None = None, not_done: int | None = None
    ) -> None:
        counts = ("" if number is None else str(number) for number in (done, not_done))
        try:
            await self._run(_END, digest, change, outcome, *counts)
        except NotRecorded as error:
            # The change then stays on Redis, so that equal changes are asked about as repetitions, which is safe.
            log.warning("%s", error.reason)

    async def _run(self, script: str, digest: str, *values: str | float) -> Any:
        try:
            return await self._redis.run(script, f"sp-mcp:change:{digest}", self._window, KEPT, *values)
        except RedisUnavailable as error:
            raise NotRecorded(
                f"{error}. The team's consents are kept there, so that none is used twice.",
                remedy="Reads still work. Call again when Redis can be reached.",
            ) from None


def _earlier(mark: dict[str, Any]) -> Earlier:
    done, not_done = (int(mark[name]) if mark.get(name) else None for name in ("done", "not_done"))
    return Earlier(str(mark["id"]), float(mark["at"]), Outcome(mark["outcome"]), done, not_done)
