"""Files that an earlier or a later version of the program wrote."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sp_mcp.endpoint import Rate
from sp_mcp.ledger.table import FILE, MIGRATIONS, Filter
from sp_mcp.quota.bucket import Plan
from sp_mcp.quota.embedded import FILE as QUOTA_FILE
from sp_mcp.quota.embedded import EmbeddedStore
from sp_mcp.quota.store import Key, StoreUnavailable
from sp_mcp.storage.database import Database, WrongVersion
from sp_mcp.workflows.job_progress import FILE as PROGRESS_FILE
from sp_mcp.workflows.job_progress import JobProgressStore
from tests.calls import GOOD, amazon
from tests.fakes import FakeClock, Person, World, data_of, text_of

pytestmark = pytest.mark.anyio

TELL = "messaging_create_confirm_delivery_details"

UNVERSIONED = """
CREATE TABLE origin (salt TEXT NOT NULL);
INSERT INTO origin VALUES ('0123456789abcdef0123456789abcdef');
CREATE TABLE consent (name TEXT PRIMARY KEY, issued REAL NOT NULL, repeats TEXT) WITHOUT ROWID;
CREATE TABLE change (
    id TEXT NOT NULL UNIQUE, at REAL NOT NULL, operation TEXT NOT NULL, account TEXT NOT NULL, label TEXT NOT NULL,
    environment TEXT NOT NULL, place TEXT NOT NULL, consent TEXT NOT NULL, asked_at REAL, consented_at REAL,
    digest TEXT NOT NULL, arguments TEXT NOT NULL, subjects TEXT NOT NULL, give_up_at REAL NOT NULL, left_at REAL,
    outcome TEXT, completed_at REAL, status INTEGER, request_id TEXT, codes TEXT NOT NULL DEFAULT '[]',
    done INTEGER, not_done INTEGER, verdict TEXT, settled_at REAL
);
CREATE INDEX change_by_digest ON change (digest, at);
CREATE INDEX change_by_time ON change (at);
INSERT INTO change VALUES (
    'abcd1234', 1777887000, 'messaging_send_invoice', 'someone', 'Toys', 'production', 'somewhere', 'host', 1777886990,
    1777886999, 'digest', '{"amazonOrderId": "403-1234567-1234567"}', '["403-1234567-1234567"]', 1777887345,
    1777887001, 'unknown', 1777887002, 503, 'request-1', '["InternalFailure"]', NULL, NULL, 'it took effect', 1777890000
);
"""
"""A ledger as 0.1.0 wrote it: without a version."""


def write(path: Path, script: str, version: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(f"{script}; PRAGMA user_version={version};")


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("PRAGMA user_version").fetchone()[0])


def ledger_of(world: World) -> Path:
    assert world.settings.state_dir is not None
    return world.settings.state_dir / FILE


async def test_a_ledger_of_before_versions_is_read_with_every_row_and_is_not_touched_by_that(make_world):
    world = make_world(amazon())
    write(ledger_of(world), UNVERSIONED)
    before = ledger_of(world).read_bytes()
    account = world.account()
    (entry,) = await account.ledger().entries(Filter(), "everybody")
    await account.aclose()
    assert (entry.id, entry.outcome, entry.resolution) == ("abcd1234", "unknown", "it took effect")
    assert (entry.subjects, entry.codes, entry.status) == (("403-1234567-1234567",), ("InternalFailure",), 503)
    assert entry.endpoint == "somewhere"
    assert ledger_of(world).read_bytes() == before


async def test_a_ledger_of_before_versions_takes_new_changes_and_keeps_its_rows(make_world, era):
    world = make_world(amazon())
    write(ledger_of(world), UNVERSIONED)
    async with world.client(era, Person()) as client:
        data_of(await client.call_tool(TELL, GOOD[TELL]))
    account = world.account()
    entries = await account.ledger().entries(Filter(), "everybody")
    await account.aclose()
    assert {entry.operation for entry in entries} == {TELL, "messaging_send_invoice"}
    assert version_of(ledger_of(world)) == len(MIGRATIONS)


async def test_a_ledger_of_a_later_version_is_refused_with_a_sentence_and_left_as_it_is(make_world, era):
    world, person = make_world(amazon()), Person()
    write(ledger_of(world), UNVERSIONED, version=len(MIGRATIONS) + 7)
    before = ledger_of(world).read_bytes()
    async with world.client(era, person) as client:
        changed = text_of(await client.call_tool(TELL, GOOD[TELL]))
        listed = text_of(await client.call_tool("sp_mcp_list_changes", {}))
        data_of(await client.call_tool("vendor_orders_get_purchase_orders", {}))
    for text in (changed, listed):
        assert "was written by a newer version of sp-mcp" in text
        assert "Update sp-mcp on this machine" in text
    assert "Nothing was sent to Amazon." in changed
    assert person.asked == []
    assert ledger_of(world).read_bytes() == before


async def test_a_ledger_that_another_process_has_migrated_meanwhile_is_refused_too(make_world):
    world = make_world(amazon())
    async with world.client(person=Person()) as client:
        data_of(await client.call_tool(TELL, GOOD[TELL]))
        with closing(sqlite3.connect(ledger_of(world))) as database:
            database.execute("PRAGMA user_version=99")
        text = text_of(await client.call_tool(TELL, {**GOOD[TELL], "amazonOrderId": "403-7654321-7654321"}))
    assert "newer version" in text
    assert len(world.wire.requests("confirmDeliveryDetails")) == 1


FIRST = ("CREATE TABLE IF NOT EXISTS note (text TEXT NOT NULL)",)
SECOND = ("ALTER TABLE note ADD COLUMN at REAL", "UPDATE note SET at = 1.5")


def rows(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    return connection.execute("SELECT * FROM note").fetchall()


@pytest.mark.parametrize("version", [0, 1])
async def test_numbered_scripts_lead_an_old_file_to_the_newest_version_and_keep_its_rows(tmp_path, version):
    path = tmp_path / "notes.sqlite3"
    write(path, "CREATE TABLE note (text TEXT NOT NULL); INSERT INTO note VALUES ('kept');", version)
    database = Database(path, (FIRST, SECOND), synchronous="FULL")
    # A read of an older file migrates it too.
    assert await database.read(rows) == [("kept", 1.5)]
    await database.transaction(lambda connection: connection.execute("INSERT INTO note VALUES ('new', 2.5)"))
    await database.aclose()
    again = Database(path, (FIRST, SECOND), synchronous="FULL")
    assert await again.read(rows) == [("kept", 1.5), ("new", 2.5)]
    await again.aclose()
    assert version_of(path) == 2


async def test_a_migration_that_fails_half_way_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "notes.sqlite3"
    write(path, "CREATE TABLE note (text TEXT NOT NULL); INSERT INTO note VALUES ('kept');", 1)
    broken = Database(path, (FIRST, (SECOND[0], "UPDATE nothing SET at = 1")), synchronous="FULL")
    with pytest.raises(sqlite3.OperationalError):
        await broken.transaction(rows)
    await broken.aclose()
    assert version_of(path) == 1
    old = Database(path, (FIRST,), synchronous="FULL")
    assert await old.transaction(rows) == [("kept",)]
    await old.aclose()


async def test_a_file_of_a_later_version_is_neither_read_nor_written(tmp_path):
    path = tmp_path / "notes.sqlite3"
    write(path, "CREATE TABLE other (text TEXT)", 3)
    database = Database(path, (FIRST, SECOND), synchronous="FULL")
    for use in (database.read, database.transaction):
        with pytest.raises(WrongVersion) as caught:
            await use(rows)
        assert (caught.value.found, caught.value.known) == (3, 2)
    await database.aclose()


async def test_a_quota_file_of_another_version_is_set_aside_and_reads_go_on(tmp_path, caplog):
    path = tmp_path / QUOTA_FILE
    write(path, "CREATE TABLE bucket (everything TEXT); INSERT INTO bucket VALUES ('theirs');", 9)
    store = EmbeddedStore(tmp_path, FakeClock())
    key, plan = Key("account", "operation"), Plan(Rate(1, 5), 0.1)
    # What the other version has given out is not known, so the new bucket begins empty.
    assert not (await store.run(key, plan, "ask", "me/0", 1.0, 60.0)).granted
    await store.aclose()
    assert "set aside" in caplog.text
    assert version_of(path) == 1
    aside = path.with_name(f"{QUOTA_FILE}.version-9")
    with closing(sqlite3.connect(aside)) as database:
        assert database.execute("SELECT * FROM bucket").fetchall() == [("theirs",)]


async def test_a_quota_file_of_before_versions_keeps_its_buckets(tmp_path):
    clock = FakeClock()
    key, plan = Key("account", "operation"), Plan(Rate(1, 5), 0.1)
    first = EmbeddedStore(tmp_path, clock)
    await first.run(key, plan, "drain")
    await first.aclose()
    with closing(sqlite3.connect(tmp_path / QUOTA_FILE)) as database:
        database.execute("PRAGMA user_version=0")
    second = EmbeddedStore(tmp_path, clock)
    assert not (await second.run(key, plan, "ask", "me/0", 1.0, 60.0)).granted
    await second.aclose()


async def test_two_versions_that_run_beside_each_other_do_not_take_the_quota_file_from_each_other(tmp_path):
    ours, key, plan = EmbeddedStore(tmp_path, FakeClock()), Key("account", "operation"), Plan(Rate(1, 5), 0.1)
    await ours.run(key, plan, "ask", "me/0", 1.0, 60.0)
    write(tmp_path / QUOTA_FILE, "", 2)
    await ours.run(key, plan, "ask", "me/0", 1.0, 60.0)
    assert version_of(tmp_path / QUOTA_FILE) == 1
    write(tmp_path / QUOTA_FILE, "", 2)
    with pytest.raises(StoreUnavailable, match="another version of sp-mcp uses it at the same time") as refused:
        await ours.run(key, plan, "ask", "me/0", 1.0, 60.0)
    assert refused.value.others_go_on
    assert version_of(tmp_path / QUOTA_FILE) == 2
    await ours.aclose()


async def test_a_job_that_was_begun_before_versions_is_continued(tmp_path):
    before, now = JobProgressStore(tmp_path, FakeClock(), "account"), tmp_path / PROGRESS_FILE
    await before.offer("https://bucket/labels.zip")
    await before.aclose()
    with closing(sqlite3.connect(now)) as database:
        (row,) = database.execute("SELECT * FROM bookmarks").fetchall()
    now.unlink()
    write(now, "CREATE TABLE bookmarks (key TEXT PRIMARY KEY, at REAL NOT NULL, place TEXT NOT NULL)")
    with closing(sqlite3.connect(now)) as database, database:
        database.execute("INSERT INTO bookmarks VALUES (?, ?, ?)", row)
    after = JobProgressStore(tmp_path, FakeClock(), "account")
    assert await after.was_offered("https://bucket/labels.zip")
    await after.aclose()
