"""What happens when the place that keeps the shared quota fails, and what is to be found there."""

from __future__ import annotations

import itertools
import json
import logging
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from pydantic import SecretStr

from sp_mcp.accounts.account import Account
from sp_mcp.accounts.loading import load
from sp_mcp.amazon.http import Http
from sp_mcp.clock import Clock
from sp_mcp.endpoint import Rate
from sp_mcp.quota.bucket import IDLE, Plan
from sp_mcp.quota.embedded import FILE, EmbeddedStore
from sp_mcp.quota.fallback import RETRY, STRICT_RETRY, FallbackStore
from sp_mcp.quota.redis_store import RedisStore
from sp_mcp.quota.store import Key, MemoryStore, Store, StoreUnavailable
from sp_mcp.settings import SettingsError
from sp_mcp.storage.redis import Redis as RedisTeam
from tests.calls import ANSWERS, GOOD
from tests.fakes import CREDENTIALS, FakeClock, Person, Wire, text_of

pytestmark = pytest.mark.anyio

READ = "vendor_orders_get_purchase_order"
CHANGE = "messaging_create_confirm_delivery_details"
KEY = Key("fingerprint of an account", "operation")
PLAN = Plan(Rate(1, 5), 0.1)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING and r.name.startswith("sp_mcp")]


async def granted(store: Any, plan: Plan = PLAN) -> int:
    count = 0
    while (await store.run(KEY, plan, "ask", "me", 1.0, 0.0)).granted:
        count += 1
    return count


class Embedded:
    """An embedded store as the account makes it, with its folder."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.path = folder / FILE
        self.store = FallbackStore(EmbeddedStore(folder, self.clock), self.clock)


@pytest.fixture
async def embedded(tmp_path):
    made = Embedded(tmp_path / "state")
    yield made
    await made.store.aclose()


async def test_a_state_folder_that_cannot_be_used_costs_one_warning_and_no_call(make_world, caplog, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    wire = Wire({"": [{}]})
    world = make_world(wire, SP_MCP_STATE_DIR=str(tmp_path / "file" / "state"))
    async with world.client() as client:
        for _ in range(12):
            assert not (await client.call_tool(READ, GOOD[READ])).is_error
    assert len(wire.requests()) == 12
    assert len([text for text in warnings(caplog) if "quota" in text]) == 1
    assert world.clock.time > 1000


@pytest.mark.parametrize("content", [b"", b"nonsense" * 1000, b"SQLite format 3\0" + b"\xff" * 4000], ids=len)
async def test_a_broken_file_is_begun_anew_and_its_buckets_empty(embedded, content, caplog):
    embedded.path.parent.mkdir()
    embedded.path.write_bytes(content)
    # An empty file is a new one.
    assert await granted(embedded.store) == (4 if not content else 0)
    embedded.clock.advance(2)
    assert await granted(embedded.store) == 2
    assert len(warnings(caplog)) == (1 if content else 0)


async def test_a_file_that_breaks_or_goes_while_it_is_used_does_not_give_the_burst_again(embedded):
    assert await granted(embedded.store) == 4
    for spoil in (lambda: embedded.path.unlink(), lambda: embedded.path.write_bytes(b"x" * 9000)):
        spoil()
        assert await granted(embedded.store) == 0
        embedded.clock.advance(1)
        assert await granted(embedded.store) == 1
    assert embedded.path.exists()


async def test_what_is_lost_is_known_to_processes_that_did_not_see_it_and_forgotten_after_an_hour(embedded):
    embedded.path.parent.mkdir()
    embedded.path.write_bytes(b"nonsense" * 1000)
    assert await granted(embedded.store) == 0
    other = Embedded(embedded.path.parent)
    key = Key("account", "another operation")
    for passed, expected in ((0, False), (IDLE + 1, True)):
        other.clock.advance(passed)
        fresh = FallbackStore(EmbeddedStore(embedded.path.parent, other.clock), other.clock)
        turn = await fresh.run(key, PLAN, "ask", "me", 1.0, 0.0)
        assert turn.granted is expected
        await fresh.aclose()
        with sqlite3.connect(embedded.path) as connection:
            connection.execute("DELETE FROM bucket")
        connection.close()
    await other.store.aclose()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: os.truncate(path, 0),
        lambda path: path.write_bytes(path.read_bytes()[:18] + b"\x07" + path.read_bytes()[19:]),
        lambda path: path.write_bytes(path.read_bytes()[:47] + b"\x07" + path.read_bytes()[48:]),
        lambda path: path.write_bytes(path.read_bytes().replace(b"bucket", b"racket")),
    ],
    ids=["emptied", "written for another version", "another format", "other tables"],
)
async def test_a_file_that_is_spoilt_under_an_open_connection_is_begun_anew(embedded, spoil, caplog):
    assert await granted(embedded.store) == 4
    spoil(embedded.path)
    other = Embedded(embedded.path.parent)
    for _ in range(2):
        assert await granted(embedded.store) + await granted(other.store) == 0
    embedded.clock.advance(2)
    other.clock.advance(2)
    assert await granted(other.store) + await granted(embedded.store) == 2
    assert not any("counts by itself" in text for text in warnings(caplog))
    await other.store.aclose()


async def test_a_process_sees_what_others_do_in_a_file_that_took_the_place_of_its_own(tmp_path):
    clock = FakeClock()
    one, two = (EmbeddedStore(tmp_path, clock) for _ in range(2))
    assert (await one.run(KEY, PLAN, "ask", "me", 1.0, 0.0)).granted
    (tmp_path / FILE).unlink()
    assert await granted(two) == 4
    assert await granted(one) == 0
    await one.aclose()
    await two.aclose()


class Failing(Store):
    """A shared store that is gone while `gone`."""

    def __init__(self, clock: FakeClock) -> None:
        self.inner = MemoryStore(clock)
        self.gone = False
        self.tried = 0

    async def run(self, key, plan, act, *values, strict=False):
        self.tried += 1
        if self.gone:
            raise StoreUnavailable("gone", others_go_on=True)
        return await self.inner.run(key, plan, act, *values)

    async def snapshots(self, account):
        return await self.inner.snapshots(account)


async def test_what_was_taken_alone_is_not_had_again_when_the_shared_quota_is_back():
    clock = FakeClock()
    shared = Failing(clock)
    plan = Plan(Rate(1, 20), 0.1)
    stores = [FallbackStore(shared, clock) for _ in range(2)]
    assert await granted(stores[0], plan) == 19
    for _ in range(2):
        shared.gone = True
        # Each outage begins with nothing, and gives a quarter of the rate.
        assert [await granted(store, plan) for store in stores] == [0, 0]
        clock.advance(60)
        assert [await granted(store, plan) for store in stores] == [4, 4]
        shared.gone = False
        clock.advance(RETRY)
        assert [await granted(store, plan) for store in stores] == [0, 0]
        clock.advance(2)
        assert await granted(stores[0], plan) == 2
        clock.advance(100)


async def test_each_outage_is_told_once_and_tried_again_only_now_and_then(caplog):
    clock = FakeClock()
    shared = Failing(clock)
    store = FallbackStore(shared, clock)
    for outage in (1, 2):
        shared.gone, tried = True, shared.tried
        for _ in range(20):
            await store.run(KEY, PLAN, "peek")
        assert shared.tried == tried + 1
        assert len(warnings(caplog)) == outage
        shared.gone = False
        clock.advance(RETRY)
        for _ in range(20):
            await store.run(KEY, PLAN, "peek")
        # One more than the calls: what was used alone is drained.
        assert shared.tried == tried + 22


async def test_changes_do_not_wait_for_a_quota_that_was_just_found_gone():
    clock = FakeClock()
    shared = Failing(clock)
    shared.gone = True
    store = FallbackStore(shared, clock, refuse_strict=True)
    # Reads go on: at a quarter of what Amazon is heard to allow.
    assert (await store.run(KEY, PLAN, "follow", 2.0)).per_second == 0.5
    for _ in range(20):
        with pytest.raises(StoreUnavailable):
            await store.run(KEY, PLAN, "ask", "me", 1.0, 0.0, strict=True)
    assert shared.tried == 1
    clock.advance(STRICT_RETRY)
    shared.gone = False
    assert (await store.run(KEY, PLAN, "ask", "me", 1.0, 0.0, strict=True)).per_second == 1


@pytest.mark.parametrize("value", ["", "garbage", b"\x93\x01\x02", b"\x80", b"\x81\xa4line\x90"])
async def test_a_value_on_the_redis_that_is_no_bucket_counts_as_an_empty_one(redis_server, value, caplog):
    clock = FakeClock()
    redis = RedisTeam(SecretStr(redis_server.url))
    store = FallbackStore(RedisStore(redis, clock), clock)
    assert await granted(store) == 4
    clock.advance(60)
    redis_server.spoil(value)
    assert list(await store.snapshots(KEY.account)) == []
    # Also for a process that has not seen what was there before.
    assert await granted(RedisStore(redis, clock)) == 0
    redis_server.spoil(value)
    assert await granted(store) == 0
    assert [kept.mine for kept in await store.snapshots(KEY.account)] == [True]
    assert warnings(caplog) == []
    await redis.aclose()


@pytest.mark.parametrize(
    "state", ["", "[]", "[1,5,0.1,1,NaN,0,0,[]]", "[1,5,0.1,1e999,1,0,0,[]]", "[1,5,0.1,0,1,0,0,[]]", "null", '{"a":1}']
)
async def test_a_row_that_is_no_bucket_counts_as_an_empty_one(embedded, state):
    assert await granted(embedded.store) == 4
    embedded.clock.advance(60)
    with sqlite3.connect(embedded.path) as connection:
        connection.execute("UPDATE bucket SET state = ?", (state,))
    connection.close()
    # Also for a process that has not seen what was there before.
    fresh = EmbeddedStore(embedded.path.parent, embedded.clock)
    assert await granted(fresh) == 0
    await fresh.aclose()
    assert [k.mine for k in await embedded.store.snapshots(KEY.account)] == [True]


async def test_the_file_is_its_owners_alone_and_names_no_account(embedded):
    await granted(embedded.store)
    assert stat.S_IMODE(embedded.path.stat().st_mode) == 0o600
    content = embedded.path.read_bytes()
    assert b"operation" in content
    assert b"finger" not in content


async def test_another_transaction_that_never_ends_is_not_waited_for_for_ever(embedded, caplog, monkeypatch):
    monkeypatch.setattr("sp_mcp.storage.database.BUSY_SECONDS", 0.01)
    assert await granted(embedded.store) == 4
    with sqlite3.connect(embedded.path, isolation_level=None) as stuck:
        stuck.execute("BEGIN IMMEDIATE")
        assert await granted(embedded.store) == 0
        assert len(warnings(caplog)) == 1
        # The others probably go on, so this is at a quarter of the rate.
        embedded.clock.advance(4.1)
        assert await granted(embedded.store) == 1
        stuck.execute("ROLLBACK")
    stuck.close()
    embedded.clock.advance(1)
    # What was taken alone is not had again from the shared bucket, which has filled meanwhile.
    assert await granted(embedded.store) == 0
    embedded.clock.advance(1)
    assert await granted(embedded.store) == 1


FULL_DISK = """
import asyncio, resource, sys
from pathlib import Path
from sp_mcp.clock import Clock
from sp_mcp.quota.bucket import Plan, Rate
from sp_mcp.quota.embedded import EmbeddedStore
from sp_mcp.quota.fallback import FallbackStore
from sp_mcp.quota.store import Key
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
async def main():
    store = FallbackStore(EmbeddedStore(Path(sys.argv[1]), Clock()), Clock())
    turns = [await store.run(Key("a", str(n)), Plan(Rate(1, 5), 0.1), "ask", "x", 1.0, 0.0) for n in range(200)]
    print(sum(turn.granted for turn in turns))
    await store.aclose()
asyncio.run(main())
"""


@pytest.mark.skipif(os.name != "posix", reason="only these systems limit the size of files")
@pytest.mark.parametrize("most", [0, 20_000])
def test_a_full_disk_costs_one_warning(tmp_path, most):
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / "state"), str(most)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout == "200\n", done.stderr
    assert done.stderr.count("\n") == 1
    assert "counts by itself" in done.stderr


WAITER = """
import asyncio, json, sys, time
from pathlib import Path
from sp_mcp.amazon.rate_limit import RateLimiter
from sp_mcp.clock import Clock
from sp_mcp.quota.bucket import Rate
from sp_mcp.quota.embedded import EmbeddedStore
async def main():
    limiter = RateLimiter(EmbeddedStore(Path(sys.argv[1]), Clock()), Clock(), account="a", process=sys.argv[2])
    async def go(_):
        await limiter.turn("x", Rate(4, 1), 60, longest=60)
        print(time.monotonic(), flush=True)
    await asyncio.gather(*map(go, range(int(sys.argv[3]))))
    await limiter.aclose()
asyncio.run(main())
"""


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such signal")
def test_real_processes_share_a_bucket_and_survive_one_that_is_killed(tmp_path):
    def spawn(name: str, calls: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WAITER, str(tmp_path / "state"), name, str(calls)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    victim = spawn("victim", 50)
    assert victim.stdout is not None
    times = [float(victim.stdout.readline())]
    others = [spawn(name, 3) for name in ("one", "two")]
    times += [float(victim.stdout.readline()) for _ in range(3)]
    victim.send_signal(signal.SIGKILL)
    rest, _ = victim.communicate()
    times += map(float, rest.split())
    for other in others:
        out, _ = other.communicate(timeout=30)
        assert other.returncode == 0
        times += map(float, out.split())
    times.sort()
    # A quarter of a second at the rate, and the slack that a burst of one needs.
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert min(gaps) > 0.25
    assert len(times) >= 10


class Team:
    """The environment of a machine of a team, and what Amazon answers all of them."""

    def __init__(self, make_world: Any, url: str, **environ: str) -> None:
        self.wire = Wire({**{path: [answer] for path, answer in ANSWERS.items()}, "": [{}]})
        self.clock: Clock = FakeClock()
        self._make_world, self._environ = make_world, {"SP_MCP_REDIS_URL": url, **environ}

    def machine(self) -> Any:
        world = self._make_world(self.wire, **self._environ)
        world.clock = self.clock
        return world


UNREACHABLE = "redis://someone:hunter2@127.0.0.1:1/0"


async def test_without_its_redis_a_team_reads_at_a_quarter_and_changes_nothing(make_world, caplog):
    redis = Team(make_world, UNREACHABLE, SP_MCP_CONFIRM="dangerously-unasked")
    async with redis.machine().client() as client:
        start = redis.clock.monotonic()
        for _ in range(8):
            assert not (await client.call_tool(READ, GOOD[READ])).is_error
        # Ten a second are documented: a quarter of it, of a bucket whose tokens others may have taken.
        assert redis.clock.monotonic() - start == pytest.approx(8 / 2.5, rel=0.2)
        refused = await client.call_tool(CHANGE, GOOD[CHANGE])
        assert refused.is_error
        assert "Nothing was sent to Amazon" in text_of(refused)
        assert "SP_MCP_REDIS_URL" in text_of(refused)
    assert len(redis.wire.requests()) == 8
    assert len(warnings(caplog)) == 1
    assert "25%" in warnings(caplog)[0]


@pytest.mark.parametrize("setting", ["code", "auto"])
async def test_without_its_redis_a_team_asks_nobody_for_consent(make_world, era, setting):
    redis = Team(make_world, UNREACHABLE, SP_MCP_CONFIRM=setting)
    person = Person()
    async with redis.machine().client(era, person) as client:
        refused = await client.call_tool(CHANGE, GOOD[CHANGE])
    assert refused.is_error
    assert "Nothing was sent to Amazon" in text_of(refused)
    assert person.asked == []
    assert redis.wire.requests() == []


async def test_the_address_of_the_redis_and_its_password_are_shown_nowhere(make_world, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    redis = Team(make_world, UNREACHABLE)
    world = redis.machine()
    async with world.client() as client:
        results = [await client.call_tool(name, GOOD[name]) for name in (READ, CHANGE)]
    out, err = capfd.readouterr()
    shown = [r.getMessage() + str(r.exc_info) for r in caplog.records]
    for place in (*map(text_of, results), out, err, *shown, repr(world.settings), str(world.settings)):
        assert "hunter2" not in place


async def test_all_is_back_by_itself_when_the_redis_is(make_world, one_redis_of_its_own, caplog):
    server = one_redis_of_its_own
    unasked = {"SP_MCP_CONFIRM": "dangerously-unasked", "SP_MCP_REPEAT_WINDOW": "0"}
    redis = Team(make_world, server.url, **unasked)
    # The server's clock cannot be moved, so this one must not run ahead of it.
    redis.clock = Clock()
    change = "vendor_orders_submit_acknowledgement"
    async with redis.machine().client() as client:
        assert not (await client.call_tool(change, GOOD[change])).is_error
        server.stop()
        assert not (await client.call_tool(READ, GOOD[READ])).is_error
        assert (await client.call_tool(change, GOOD[change])).is_error
        server.start()
        with anyio.fail_after(30):
            while (result := await client.call_tool(change, GOOD[change])).is_error:
                await redis.clock.sleep(0.1)
        # The server has forgotten everything, so the bucket began empty.
        assert result.meta["waitedSeconds"] > 0.01
    assert len(warnings(caplog)) == 1


async def test_a_code_is_spent_once_for_all_machines_of_a_team(make_world, redis_server):
    redis = Team(make_world, redis_server.url, SP_MCP_CONFIRM="code")
    async with redis.machine().client() as one, redis.machine().client() as two:
        code = (await one.call_tool(CHANGE, GOOD[CHANGE])).structured_content["preview"]["confirmationCode"]
        results = []

        async def use(client: Any) -> None:
            results.append(await client.call_tool(CHANGE, {**GOOD[CHANGE], "confirmationCode": code}))

        async with anyio.create_task_group() as tasks:
            for client in (one, two, one, two):
                tasks.start_soon(use, client)
    assert sorted(result.is_error for result in results) == [False, True, True, True]
    assert len(redis.wire.requests()) == 1


async def test_a_consent_on_the_redis_is_bound_to_its_arguments(make_world, redis_server):
    redis = Team(make_world, redis_server.url, SP_MCP_CONFIRM="code")
    async with redis.machine().client() as client:
        code = (await client.call_tool(CHANGE, GOOD[CHANGE])).structured_content["preview"]["confirmationCode"]
        other = {**GOOD[CHANGE], "text": "Another text", "confirmationCode": code}
        assert "belongs to other arguments" in text_of(await client.call_tool(CHANGE, other))
        assert not (await client.call_tool(CHANGE, {**GOOD[CHANGE], "confirmationCode": code})).is_error


async def test_the_redis_holds_no_word_of_the_account_or_of_what_is_sent(make_world, redis_server):
    redis = Team(make_world, redis_server.url, SP_MCP_CONFIRM="code")
    async with redis.machine().client() as client:
        await client.call_tool(READ, GOOD[READ])
        await client.call_tool(CHANGE, GOOD[CHANGE])
    held = redis_server.everything().decode(errors="replace")
    assert READ in held
    account = Account(load(environ=CREDENTIALS))
    for secret in (*CREDENTIALS.values(), account.key[:16], json.dumps(GOOD[CHANGE]), GOOD[CHANGE]["amazonOrderId"]):
        if secret != CREDENTIALS["SP_API_REGION"]:
            assert secret not in held


async def test_machines_share_one_quota_on_the_clock_of_the_redis(make_world, redis_server):
    redis = Team(make_world, redis_server.url, SP_MCP_MAX_WAIT="0")
    one, two = redis.machine(), redis.machine()
    # Their own clocks are hours apart and do not matter.
    two.clock = FakeClock()
    two.clock.advance(7200)
    name = "messaging_get_attributes"
    async with one.client() as first, two.client() as second:
        results = [await client.call_tool(name, GOOD[name]) for _ in range(5) for client in (first, second)]
    answered = [result for result in results if not result.is_error]
    assert 4 <= len(answered) <= 5
    assert all("the next turn is in" in text_of(result) for result in results if result.is_error)


def test_the_quota_command_shows_each_bucket_and_who_waits(tmp_path, capsys, monkeypatch):
    from sp_mcp.cli.main import main

    environ = {
        **CREDENTIALS,
        "SP_MCP_STATE_DIR": str(tmp_path / "state"),
        "SP_MCP_ACCOUNT_LABEL": "My shop",
        "SP_API_ENDPOINT": "http://127.0.0.1:9",
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    async def use() -> None:
        account = Account(load(), Clock(), Http())
        quota = account.quota()
        for _ in range(5):
            await quota.run(Key(account._quota_key, "messaging_get_attributes"), PLAN, "ask", "host/42/x/0", 3.0, 60.0)
        await quota.run(Key("another", "messaging_get_attributes"), PLAN, "ask", "x", 1.0, 60.0)
        await quota.aclose()
        await account.aclose()

    assert main(["quota"]) == 0
    assert "No bucket" in capsys.readouterr().out
    anyio.run(use)
    assert main(["quota"]) == 0
    shown = capsys.readouterr().out
    mine, _, other = shown.partition("another, kept as")
    if not mine.startswith("account: My shop"):
        mine, other = other, mine
    assert "My shop" in shown
    assert "messaging_get_attributes" in mine
    assert "0 of 5" in mine
    assert "waiting: 3 calls of process host/42" in mine
    assert "4 of 5" not in mine
    monkeypatch.setenv("SP_MCP_REDIS_URL", UNREACHABLE)
    assert main(["quota"]) == 1
    err = capsys.readouterr().err
    assert "cannot be read" in err
    assert "hunter2" not in err


@pytest.mark.parametrize(
    "url", ["localhost:6379", "http://host", "redis://", "redis://host:99999999", "redis://:hunter2@", "memcached://x"]
)
def test_an_address_that_is_none_is_refused_without_being_shown(url):
    with pytest.raises(SettingsError, match="SP_MCP_REDIS_URL: must look like") as caught:
        load(environ={"SP_MCP_REDIS_URL": url})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("query", ["foo=bar", "socket_timeout=hunter2", "max_connections=hunter2", "db=hunter2"])
def test_options_that_the_redis_client_does_not_know_are_refused_without_being_shown(query):
    with pytest.raises(SettingsError, match="SP_MCP_REDIS_URL: has options") as caught:
        Account(load(environ={"SP_MCP_REDIS_URL": f"redis://127.0.0.1:1/0?{query}"}))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["redis", "rediss", "valkey", "valkeys"])
def test_a_redis_or_valkey_address_is_kept_as_a_secret(scheme):
    settings = load(environ={"SP_MCP_REDIS_URL": f"{scheme}://:hunter2@host:6379/0"})
    assert isinstance(settings.redis_url, SecretStr)
    assert settings.redis_url.get_secret_value().startswith(
        "rediss://" if scheme[-1] == "s" and len(scheme) > 5 else "redis://"
    )


def test_a_redis_without_its_client_library_is_a_settings_error(monkeypatch):
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "redis" else find(name))
    with pytest.raises(SettingsError, match=r"install sp-mcp\[redis\]"):
        load(environ={"SP_MCP_REDIS_URL": "redis://host"})
