"""What the ledger says of every change, before and after it happens."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from sp_mcp.amazon.errors import NotRecorded, ShuttingDown
from sp_mcp.apis import operations
from sp_mcp.ledger import table
from sp_mcp.ledger.entry import ConsentBy, Entry, Intent, Resolution
from sp_mcp.ledger.ledger import GRACE
from sp_mcp.ledger.table import Filter
from tests.calls import ANSWERS, FILE, GOOD, ORDER, amazon, different
from tests.fakes import Held, Person, Wire, World, data_of, refusal, reply, text_of
from tests.rules import holds_async

pytestmark = pytest.mark.anyio

CHANGES = [o.name for o in operations() if o.changes]
TELL = "messaging_create_confirm_delivery_details"
ACK = "vendor_orders_submit_acknowledgement"
BULK = "easy_ship_create_scheduled_package_bulk"
OK = reply(201, {}, x_amzn_RequestId="request-1")
DOWN = httpx.ReadTimeout("")


async def rows(world: World, **which: Any) -> list[Entry]:
    """The ledger as another process of this account reads it, the newest first."""
    account = world.account()
    found = await account.ledger().entries(Filter(**which))
    await account.aclose()
    return list(found)


async def call(world: World, name: str = TELL, person: Person | None = None, **more: Any) -> Any:
    async with world.client(person=person or Person()) as client:
        return await client.call_tool(name, {**GOOD[name], **more})


def noted(instant: float | None) -> float:
    """An instant that has to be in the ledger."""
    assert instant is not None
    return instant


def ledger_file(world: World) -> Path:
    assert world.settings.state_dir is not None
    return world.settings.state_dir / "ledger-1.sqlite3"


async def test_every_change_is_recorded_with_what_was_asked_agreed_and_answered(make_world, era):
    world = make_world(amazon(), SP_MCP_ACCOUNT_LABEL="Toys")

    async def rule(name: str) -> None:
        async with world.client(era, Person()) as client:
            result = await client.call_tool(name, GOOD[name])
        entry = (await rows(world))[0]
        assert entry.operation == name
        assert (entry.outcome, entry.status, entry.consent) == ("sent", 200, "host")
        assert (entry.label, entry.environment) == ("Toys", "production")
        assert entry.subjects == (("4Z32PABC",) if name == ACK else (ORDER,))
        assert noted(entry.asked_at) <= noted(entry.consented_at) <= noted(entry.left_at) <= noted(entry.completed_at)
        assert result.meta["change"] == entry.id

    await holds_async(CHANGES, rule)
    assert len(await rows(world)) == len(CHANGES)


async def test_reads_leave_no_row_and_no_file(make_world):
    world = make_world(amazon())
    async with world.client() as client:
        data_of(await client.call_tool("vendor_orders_get_purchase_orders", {}))
        data_of(await client.call_tool("sp_mcp_list_changes", {}))
    assert not ledger_file(world).exists()
    assert await rows(world) == []


@pytest.mark.parametrize("answer", ["decline", "cancel", "unticked"])
async def test_what_nobody_agreed_to_leaves_no_row(make_world, era, answer):
    world = make_world(amazon())
    async with world.client(era, Person(answer)) as client:
        assert (await client.call_tool(TELL, GOOD[TELL])).is_error
    assert await rows(world) == []


@pytest.mark.parametrize(
    ("answer", "outcome", "status", "codes"),
    [
        (OK, "sent", 201, ()),
        (refusal(400, "InvalidInput"), "refused", 400, ("InvalidInput",)),
        (refusal(403, "Unauthorized"), "refused", 403, ("Unauthorized",)),
        (refusal(429, "QuotaExceeded"), "refused", 429, ("QuotaExceeded",)),
        (refusal(400, "the buyer's words"), "refused", 400, ("unreadable",)),
        (refusal(500, "InternalFailure"), "unknown", 500, ("InternalFailure",)),
        (reply(503, "<html>"), "unknown", 503, ()),
        (DOWN, "unknown", None, ()),
        (httpx.RemoteProtocolError(""), "unknown", None, ()),
        (httpx.ConnectError(""), "failed", None, ()),
    ],
)
async def test_the_outcome_is_amazons_word_or_what_is_known_without_it(make_world, era, answer, outcome, status, codes):
    world = make_world(Wire({"confirmDeliveryDetails": [answer]}))
    async with world.client(era, Person()) as client:
        result = await client.call_tool(TELL, GOOD[TELL])
    (entry,) = await rows(world)
    assert (entry.outcome, entry.status, entry.codes) == (outcome, status, codes)
    assert entry.unsettled is (outcome == "unknown")
    assert (f"recorded as change {entry.id}" in text_of(result)) is (outcome == "unknown")
    if outcome == "failed":
        assert entry.left_at is None


def test_reprs_show_nothing_that_was_said():
    from sp_mcp.consent.confirmation import ElicitationRequired, Preview
    from sp_mcp.consent.host import Asked, Host
    from sp_mcp.ledger.pending import Issued
    from sp_mcp.request.arguments import read

    operation = next(o for o in operations() if o.name == TELL)
    assert operation.question is not None
    reading = read(operation.request, {**GOOD[TELL], "text": "marked words"}, defaults={})
    asked = Asked("marked", {})
    things: list[object] = [
        reading,
        reading.call,
        operation.question(reading.call),
        asked,
        ElicitationRequired(asked, "marked"),
    ]
    things += [Preview("marked", "marked", "marked"), Host(state="marked"), Issued("marked", None)]
    assert "marked" not in "".join(f"{thing!r}{thing}" for thing in things)


async def test_amazons_request_id_is_recorded_and_words_in_its_place_are_not(make_world):
    for answer, recorded in ((OK, "request-1"), (reply(201, {}, x_amzn_RequestId="the buyer's words"), None)):
        world = make_world(Wire({"": [answer]}), SP_MCP_REPEAT_WINDOW="0")
        await call(world)
        assert (await rows(world))[0].request_id == recorded


@pytest.mark.parametrize(
    ("environ", "person", "consent"),
    [
        ({}, True, "host"),
        ({"SP_MCP_CONFIRM": "code"}, False, "code"),
        ({"SP_MCP_CONFIRM": "dangerously-unasked"}, False, "unasked"),
    ],
)
async def test_how_consent_was_given_and_when_is_recorded(make_world, environ, person, consent):
    world = make_world(amazon(), **environ)
    async with world.client(person=Person() if person else None) as client:
        result = await client.call_tool(TELL, GOOD[TELL])
        if consent == "code":
            world.clock.advance(30)
            code = result.structured_content["preview"]["confirmationCode"]
            data_of(await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": code}))
    (entry,) = await rows(world)
    assert entry.consent == consent
    assert (entry.consented_at is None) is (consent == "unasked")
    if consent == "code":
        assert noted(entry.consented_at) - noted(entry.asked_at) == pytest.approx(30)


PRIVATE: dict[str, dict[str, Any]] = {
    TELL: {"text": "marked words for the buyer"},
    "messaging_create_digital_access_key": {"text": "marked-access-key", "attachments": [FILE]},
    "messaging_send_invoice": {"attachments": [{**FILE, "fileName": "marked name.pdf"}]},
    "easy_ship_create_scheduled_package": {
        "packageDetails": {
            **GOOD["easy_ship_create_scheduled_package"]["packageDetails"],
            "packageIdentifier": "marked",
        }
    },
    ACK: {
        "acknowledgements": [
            {
                **GOOD[ACK]["acknowledgements"][0],
                "sellingParty": {
                    "partyId": "ABCDE",
                    "address": {"name": "marked", "addressLine1": "marked street 1", "countryCode": "US"},
                    "taxInfo": {"taxRegistrationType": "VAT", "taxRegistrationNumber": "marked-tax"},
                },
            }
        ]
    },
}


@pytest.mark.parametrize("name", PRIVATE)
async def test_what_is_private_stands_nowhere_in_the_state_folder(make_world, tmp_path, name):
    world = make_world(amazon())
    data_of(await call(world, name, **PRIVATE[name]))
    (entry,) = await rows(world)
    assert "[redacted" in str(entry.arguments)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir())
    assert b"marked" not in kept
    # What it is about is there, or nobody could find it.
    assert entry.subjects[0].encode() in kept


async def test_arguments_are_kept_as_sent_but_for_what_is_private(make_world):
    world = make_world(amazon())
    await call(world)
    (entry,) = await rows(world)
    text = f"[redacted, {len(GOOD[TELL]['text'])} characters]"
    assert entry.arguments == {**GOOD[TELL], "text": text}


async def test_arguments_that_do_not_fit_their_description_are_not_kept(make_world, tmp_path):
    world = make_world(amazon(), SP_API_ENVIRONMENT="sandbox")
    result = await call(world, BULK, labelFormat="marked by a stranger")
    assert "does not fit" in text_of(result)
    (entry,) = await rows(world)
    assert (entry.arguments, entry.subjects) == ({}, ())
    assert b"marked" not in ledger_file(world).read_bytes()


async def test_accounts_are_recorded_as_a_salted_hash_and_kept_apart(make_world, tmp_path):
    world = make_world(amazon())
    await call(world)
    other = make_world(amazon(), SP_API_REFRESH_TOKEN="Atzr|another")
    await call(other)
    mine, theirs = await rows(world), await rows(other)
    assert len(mine) == len(theirs) == 1
    assert mine[0].account != theirs[0].account
    kept = ledger_file(world).read_bytes()
    for account in (world.account(), other.account()):
        assert account.key[:12].encode() not in kept
    # Hashed with another salt it is another hash.
    ledger_file(world).unlink()
    await call(world)
    assert (await rows(world))[0].account != mine[0].account


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes")
async def test_the_ledger_is_the_users_own(make_world, tmp_path):
    await call(make_world(amazon()))
    for path in [tmp_path / "state", *(tmp_path / "state").iterdir()]:
        assert path.stat().st_mode & 0o077 == 0, path


async def test_a_bulk_that_is_partly_done_is_counted_in_the_ledger_and_in_the_text(make_world, era):
    booked = {"scheduledPackageId": {"amazonOrderId": "a"}}
    answer = {"scheduledPackages": [booked] * 3, "rejectedOrders": [{"amazonOrderId": "b"}]}
    world = make_world(Wire({"/restrictedDataToken": [ANSWERS["/restrictedDataToken"]], "/bulk": [answer]}))
    orders = [{"amazonOrderId": f"404-000000{n}-0000000"} for n in range(5)]
    async with world.client(era, Person()) as client:
        text = text_of(await client.call_tool(BULK, {**GOOD[BULK], "orderScheduleDetailsList": orders}))
    assert "Of 5 orders, Amazon booked 3 and rejected 1; `rejectedOrders` holds the reasons" in text
    assert "its answer does not mention 1." in text
    (entry,) = await rows(world)
    assert (entry.outcome, entry.done, entry.not_done) == ("sent", 3, 1)
    assert len(entry.subjects) == 5


async def test_a_caller_who_stops_waiting_after_it_left_leaves_the_true_outcome(make_world, era):
    cancelled, held = anyio.Event(), Held(reply(201, {}, x_amzn_RateLimit_Limit="2.0"))
    world = make_world(Wire({"confirmDeliveryDetails": [held]}), SP_MCP_CONFIRM="dangerously-unasked")

    async def answer_later() -> None:
        # When the server has heard that nobody waits any more.
        await cancelled.wait()
        for _ in range(100):
            await anyio.lowlevel.checkpoint()
        held.go_on.set()

    async with world.client(era) as client, anyio.create_task_group() as others:
        others.start_soon(answer_later)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.call_tool, TELL, GOOD[TELL])
            await held.arrived.wait()
            (entry,) = await rows(world)
            assert (entry.outcome, entry.unsettled) == ("unknown", True)
            tasks.cancel_scope.cancel()
            cancelled.set()
    (entry,) = await rows(world)
    assert (entry.outcome, entry.status) == ("sent", 201)


async def test_a_caller_who_stops_waiting_before_it_left_leaves_a_row_that_says_it_did_not(make_world):
    asked = anyio.Event()

    async def no_login(_: httpx.Request) -> Any:
        asked.set()
        await anyio.sleep_forever()

    world = make_world(Wire(), SP_MCP_CONFIRM="dangerously-unasked")
    world.wire.answers["/auth/o2/token"] = [no_login]
    async with world.client() as client, anyio.create_task_group() as tasks:
        tasks.start_soon(client.call_tool, TELL, GOOD[TELL])
        await asked.wait()
        assert (await rows(world))[0].outcome == "waiting"
        tasks.cancel_scope.cancel()
    (entry,) = await rows(world)
    assert (entry.outcome, entry.left_at) == ("failed", None)


async def test_a_change_that_was_throttled_first_left_once_more(make_world):
    world = make_world(Wire({"confirmDeliveryDetails": [refusal(429, "QuotaExceeded"), OK]}))
    await call(world)
    (entry,) = await rows(world)
    assert entry.outcome == "sent"
    assert noted(entry.left_at) > entry.at


async def test_a_caller_who_stops_waiting_while_it_is_throttled_leaves_a_row_that_says_nothing_was_done(make_world):
    throttled = anyio.Event()

    async def no(_: httpx.Request) -> Any:
        throttled.set()
        return refusal(429, "QuotaExceeded")

    world = make_world(Wire({"confirmDeliveryDetails": [no]}), SP_MCP_CONFIRM="dangerously-unasked")
    async with world.client() as client, anyio.create_task_group() as tasks:
        tasks.start_soon(client.call_tool, TELL, GOOD[TELL])
        await throttled.wait()
        tasks.cancel_scope.cancel()
    (entry,) = await rows(world)
    assert (entry.outcome, entry.left_at) == ("failed", None)


async def test_a_change_that_waited_longer_than_its_record_stands_is_not_sent(make_world):
    async def hours_of_sleep(_: httpx.Request) -> Any:
        world.clock.advance(45 + GRACE + 1)
        return {"access_token": "Atza|token", "expires_in": 3600}

    world = make_world(amazon())
    world.wire.answers["/auth/o2/token"] = [hours_of_sleep]
    text = text_of(await call(world))
    assert "waited too long for its turn and was given up" in text
    assert "Nothing was sent" in text
    assert world.wire.requests() == []
    assert (await rows(world))[0].outcome == "failed"


def _a_file_in_its_place(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("")


def _a_broken_file(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "ledger-1.sqlite3").write_bytes(b"no database at all" * 100)


def _another_table(folder: Path) -> None:
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "ledger-1.sqlite3")) as strange:
        strange.execute("CREATE TABLE change (something TEXT)")


@pytest.mark.parametrize("spoil", [_a_file_in_its_place, _a_broken_file, _another_table])
@pytest.mark.parametrize("confirm", ["auto", "code", "dangerously-unasked"])
async def test_without_a_ledger_nothing_is_changed_and_reads_go_on(make_world, era, tmp_path, spoil, confirm):
    world = make_world(amazon(), SP_MCP_CONFIRM=confirm)
    spoil(tmp_path / "state")
    before = ledger_file(world).read_bytes() if ledger_file(world).exists() else None
    async with world.client(era, Person()) as client:
        text = text_of(await client.call_tool(TELL, GOOD[TELL]))
        assert "Nothing was sent to Amazon." in text
        assert "cannot be recorded is not sent" in text
        assert "SP_MCP_STATE_DIR" in text
        data_of(await client.call_tool("vendor_orders_get_purchase_orders", {}))
    assert [r.method for r in world.wire.requests()] == ["GET"]
    # It may hold what happened, so it is never begun anew.
    assert (ledger_file(world).read_bytes() if ledger_file(world).exists() else None) == before


FULL_DISK = """
import resource, sys, anyio
from sp_mcp.accounts.account import Account
from sp_mcp.amazon.errors import NotRecorded, ShuttingDown
from sp_mcp.apis import operations
from sp_mcp.accounts.loading import load
from sp_mcp.accounts.composition import registry_for
from sp_mcp.workflows.call_context import CallContext
from sp_mcp.ledger.table import Filter

async def main():
    account = Account(load(environ={"SP_MCP_STATE_DIR": sys.argv[1], "SP_MCP_CONFIRM": "dangerously-unasked"}))
    tool = registry_for(account).tool("messaging_create_confirm_delivery_details")
    call = {"amazonOrderId": "403-1000001-1000001", "marketplaceIds": ["A21TJRUUN4KGV"], "text": "One."}
    print((await tool.call(call, CallContext())).is_error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    print((await tool.call({**call, "text": "Two."}, CallContext())).content[0].text)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print((await tool.call({**call, "amazonOrderId": "403-1000002-1000002"}, CallContext())).is_error)
    print(len(account.client()._http._client._transport.app.state.effects))
    print(len(await account.ledger().entries(Filter())))

anyio.run(main)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_on_a_full_disk_nothing_is_changed_until_there_is_room_again(tmp_path):
    # Python ignores the signal that comes with the limit, so a write simply fails.
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    first, second, third, effects, recorded = done.stdout.splitlines()
    assert (first, third) == ("False", "False")
    assert second.startswith("The ledger of changes cannot be used: the disk")
    assert "Nothing was sent to Amazon." in second
    assert (effects, recorded) == ("2", "2")


async def test_an_outcome_that_cannot_be_recorded_is_told_and_stays_unknown(make_world, era, monkeypatch):
    world = make_world(amazon())

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sp_mcp.ledger.table.complete", full)
    async with world.client(era, Person()) as client:
        result = await client.call_tool(TELL, GOOD[TELL])
    assert data_of(result) == {}
    (entry,) = await rows(world)
    assert entry.unsettled
    assert f"It was done; do not repeat it. Only its outcome could not be recorded as change {entry.id}." in text_of(
        result
    )
    assert "no space left on device" in text_of(result)


async def test_the_end_of_the_program_waits_until_the_outcome_is_recorded(make_world, monkeypatch):
    world = make_world(amazon(), SP_MCP_CONFIRM="dangerously-unasked")
    answered, go_on, complete = threading.Event(), threading.Event(), table.complete
    ended = False

    def slow(*arguments: Any) -> None:
        answered.set()
        assert go_on.wait(20)
        complete(*arguments)

    async def end() -> None:
        nonlocal ended
        await world.accounts[0].finish_changes()
        ended = True

    monkeypatch.setattr(table, "complete", slow)
    async with world.client() as client, anyio.create_task_group() as tasks:
        tasks.start_soon(client.call_tool, TELL, GOOD[TELL])
        while not answered.is_set():
            await anyio.lowlevel.checkpoint()
        tasks.start_soon(end)
        for _ in range(100):
            await anyio.lowlevel.checkpoint()
        assert not ended
        go_on.set()
    assert ended


async def test_every_commit_waits_for_the_disk_and_no_write_ahead_log_is_kept(make_world):
    account = make_world(amazon()).account()

    def pragmas(connection: sqlite3.Connection) -> list[Any]:
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")]

    assert await account.ledger()._database.transaction(pragmas) == [2, "truncate"]
    await account.aclose()


async def test_rows_are_dropped_at_the_start_once_they_are_older_than_they_are_kept(make_world):
    world = make_world(amazon(), SP_MCP_LEDGER_DAYS="2")
    for days, message in zip((0, 1, 1), different(TELL, 3), strict=True):
        world.clock.advance(days * 86400 + 1)
        await call(world, **message)
    account = world.account()
    await account.drop_old_changes()
    await account.aclose()
    assert len(await rows(world)) == 2


async def intent_of(world: World) -> tuple[Any, Any]:
    """A ledger, and something that could be recorded in it."""
    call = dict(GOOD[TELL])
    return world.account().ledger(), Intent(TELL, call, call, {}, (ORDER,))


async def test_what_did_not_leave_in_its_time_never_did(make_world):
    world = make_world(amazon())
    ledger, intent = await intent_of(world)
    change = await ledger.begin(intent, ConsentBy.UNASKED)
    assert [entry.outcome for entry in await rows(world)] == ["waiting"]
    world.clock.advance(45 + GRACE)
    assert [entry.outcome for entry in await rows(world)] == ["failed"]
    with pytest.raises(NotRecorded, match="given up"):
        await change.sending()
    await ledger.aclose()


async def test_a_change_that_waits_for_its_next_try_does_not_hold_up_the_end_and_leaves_no_more_after_it(make_world):
    ledger, intent = await intent_of(make_world(amazon()))
    change = await ledger.begin(intent, ConsentBy.UNASKED)
    await change.sending()
    await change.not_executed()
    with anyio.fail_after(5):
        await ledger.none_under_way()
    with pytest.raises(ShuttingDown):
        await change.sending()
    await ledger.aclose()


async def test_an_outcome_whose_row_is_gone_is_told(make_world, era):
    world = make_world(amazon())

    async def remove(_: httpx.Request) -> Any:
        ledger_file(world).unlink()
        return OK

    world.wire.answers[""] = [remove]
    async with world.client(era, Person()) as client:
        text = text_of(await client.call_tool(TELL, GOOD[TELL]))
    assert "It was done; do not repeat it." in text
    assert "no longer holds the change" in text


async def test_a_ledger_that_another_keeps_locked_holds_up_no_read(make_world, monkeypatch):
    monkeypatch.setattr("sp_mcp.storage.database.BUSY_SECONDS", 0.05)
    world = make_world(amazon(), SP_MCP_CONFIRM="dangerously-unasked")
    await call(world)
    with closing(sqlite3.connect(ledger_file(world), isolation_level=None)) as stuck:
        stuck.execute("BEGIN EXCLUSIVE")
        async with world.client() as client, anyio.create_task_group() as tasks:
            for message in different(TELL, 60):
                tasks.start_soon(client.call_tool, TELL, message)
            with anyio.fail_after(20):
                data_of(await client.call_tool("vendor_orders_get_purchase_orders", {}))
    assert len(world.wire.requests("confirmDeliveryDetails")) == 1


@pytest.mark.parametrize("name", ["x" * 300, "file/below"])
async def test_tidying_bears_a_folder_that_cannot_be_there(make_world, tmp_path, name):
    (tmp_path / "file").touch()
    account = make_world(amazon(), SP_MCP_STATE_DIR=str(tmp_path / name)).account()
    await account.drop_old_changes()
    await account.aclose()


async def test_tidying_makes_no_ledger_and_bears_a_broken_one(make_world, tmp_path, caplog):
    world = make_world(amazon())
    account = world.account()
    await account.drop_old_changes()
    assert not (tmp_path / "state").exists()
    _a_broken_file(tmp_path / "state")
    await account.drop_old_changes()
    await account.aclose()
    assert "is damaged. The file was not changed" in caplog.text


async def test_every_column_of_an_entry_can_be_written_as_json_and_holds_no_reprs(make_world):
    world = make_world(Wire({"confirmDeliveryDetails": [DOWN]}))
    await call(world, text="marked words")
    (entry,) = await rows(world)
    assert "marked" not in repr(entry)
    assert "403-" not in repr(entry).replace(repr(entry.subjects), "")
    account = world.account()
    await account.ledger().settle(entry, Resolution.DID_NOT)
    await account.aclose()
    (settled,) = await rows(world)
    assert asdict(settled) | {"resolution": None, "settled_at": None} == asdict(entry)
    assert (settled.resolution, settled.unsettled) == ("it did not take effect", False)
