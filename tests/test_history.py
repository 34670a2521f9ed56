"""Looking back: what was changed, what is unsettled, and settling it."""

from __future__ import annotations

import csv
import json
import os
import sqlite3
from contextlib import closing
from typing import Any

import anyio
import httpx
import pytest

from sp_mcp.cli.main import main
from sp_mcp.ledger.table import Filter
from sp_mcp.workflows.reconciliation import Finding, find_out
from tests.calls import ACKNOWLEDGEMENT, ANSWERS, GOOD, OPERATIONS, ORDER, SLOT, amazon, different
from tests.fakes import CREDENTIALS, Held, Person, Wire, World, data_of, refusal, reply, text_of

pytestmark = pytest.mark.anyio

LIST = "sp_mcp_list_changes"
TELL = "messaging_create_confirm_delivery_details"
SCHEDULE = "easy_ship_create_scheduled_package"
MOVE = "easy_ship_update_scheduled_packages"
BULK = "easy_ship_create_scheduled_package_bulk"
ACK = "vendor_orders_submit_acknowledgement"
DOWN = httpx.ReadTimeout("")


async def listed(world: World, **arguments: Any) -> list[dict[str, Any]]:
    async with world.client() as client:
        changes: list[dict[str, Any]] = data_of(await client.call_tool(LIST, arguments))["changes"]
        return changes


async def test_changes_are_listed_newest_first_and_filtered(make_world, era):
    wire = amazon()
    wire.answers["/acknowledgements"] = [DOWN]
    world = make_world(wire)
    async with world.client(era, Person()) as client:
        for name in (TELL, SCHEDULE, ACK):
            world.clock.advance(60)
            await client.call_tool(name, GOOD[name])

        async def names(**arguments: Any) -> list[str]:
            result = await client.call_tool(LIST, arguments)
            assert result.structured_content == data_of(result)
            return [change["operation"] for change in data_of(result)["changes"]]

        assert await names() == [ACK, SCHEDULE, TELL]
        assert await names(limit=2) == [ACK, SCHEDULE]
        assert await names(order=ORDER) == [SCHEDULE, TELL]
        assert await names(order="4Z32PABC") == [ACK]
        assert await names(order=" 4z32pabc ") == [ACK]
        assert await names(operation="easy_ship") == [SCHEDULE]
        assert await names(operation="createScheduledPackage") == [SCHEDULE]
        assert await names(operation="Messaging") == [TELL]
        assert await names(outcome="Sent") == [SCHEDULE, TELL]
        assert await names(outcome="unknown") == [ACK]
        assert await names(unsettled=True) == [ACK]
        assert await names(order=ORDER, outcome="unknown") == []
        assert "none that matches these arguments" in text_of(
            await client.call_tool(LIST, {"order": "404-0000000-0000000"})
        )
        nothing = await client.call_tool(LIST, {"operation": "confirm_delivry_details"})
        assert nothing.is_error
        assert f"Did you mean {TELL}?" in text_of(nothing)
        more = data_of(await client.call_tool(LIST, {"limit": 2}))["more"]
        assert (more, data_of(await client.call_tool(LIST, {"limit": 3}))["more"]) == (True, False)


async def test_a_listed_change_is_short_and_an_unsettled_one_says_what_shows_it(make_world):
    wire = amazon()
    wire.answers["/package"] = [DOWN]
    world = make_world(wire)
    async with world.client(person=Person()) as client:
        await client.call_tool(TELL, GOOD[TELL])
        await client.call_tool(SCHEDULE, GOOD[SCHEDULE])
    unsettled, settled = await listed(world)
    assert settled == {
        "id": settled["id"],
        "at": "2026-05-04 09:30:00 UTC",
        "operation": TELL,
        "orders": [ORDER],
        "outcome": "sent",
        "consent": "host",
        "status": 200,
    }
    assert unsettled["shownBy"] == "easy_ship_get_scheduled_package"
    assert unsettled["arguments"] == GOOD[SCHEDULE]
    assert "look again 5 minutes after this call before you conclude that it failed" in unsettled["note"]


async def test_long_arguments_of_an_unsettled_change_are_left_out(make_world):
    world = make_world(Wire({"": [DOWN]}))
    (order,) = GOOD[ACK]["acknowledgements"]
    lines = [{**order["items"][0], "itemSequenceNumber": str(n)} for n in range(10)]
    async with world.client(person=Person()) as client:
        await client.call_tool(ACK, {"acknowledgements": [{**order, "items": lines}]})
    (change,) = await listed(world)
    assert change["orders"] == ["4Z32PABC"]
    assert "arguments" not in change


async def test_of_an_unsettled_message_it_is_said_that_it_cannot_be_read_back(make_world):
    world = make_world(Wire({"": [DOWN]}))
    async with world.client(person=Person()) as client:
        await client.call_tool(TELL, GOOD[TELL])
    (change,) = await listed(world)
    assert "No tool can read messages back" in change["note"]
    assert "shownBy" not in change
    assert "Thursday" not in json.dumps(change)


async def test_only_this_accounts_changes_are_listed(make_world):
    for environ in ({}, {"SP_API_ENVIRONMENT": "sandbox"}, {"SP_API_REFRESH_TOKEN": "Atzr|another"}):
        world = make_world(amazon(), **environ)
        async with world.client(person=Person()) as client:
            data_of(await client.call_tool(TELL, GOOD[TELL]))
        assert len(await listed(world)) == 1


async def test_listing_refuses_misspelt_arguments_and_tells_of_a_broken_ledger(make_world, era, tmp_path):
    world = make_world(amazon())
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "ledger-1.sqlite3").write_bytes(b"broken" * 200)
    async with world.client(era) as client:
        assert "ordr: unknown; did you mean order?" in text_of(await client.call_tool(LIST, {"ordr": "1"}))
        result = await client.call_tool(LIST, {})
    assert result.is_error
    assert "is damaged. The file was not changed" in text_of(result)


async def test_a_ledger_that_was_only_begun_holds_nothing(make_world, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "ledger-1.sqlite3").touch()
    assert await listed(make_world(amazon())) == []


async def test_a_ledger_that_may_only_be_read_is_read(make_world, tmp_path):
    world = make_world(amazon())
    async with world.client(person=Person()) as client:
        await client.call_tool(TELL, GOOD[TELL])
    path = tmp_path / "state" / "ledger-1.sqlite3"
    with closing(sqlite3.connect(path)) as writer:
        # Another process in the middle of writing keeps nobody from reading.
        writer.execute("BEGIN IMMEDIATE")
        assert len(await listed(world)) == 1


BOOKED = {"scheduledPackageId": {"amazonOrderId": ORDER}, "packageTimeSlot": SLOT}
ELSEWHERE = {**BOOKED, "packageTimeSlot": {**SLOT, "slotId": "slot-9", "startTime": "2026-05-06T10:00:00+05:30"}}
ABSENT = refusal(404, "ResourceNotFound")


def _line(confirmation: str, accepted: int | None, rejected: int | None = None, **changes: Any) -> dict[str, Any]:
    amounts = {"acceptedQuantity": accepted, "rejectedQuantity": rejected}
    answered = {
        name: {"amount": amount, "unitOfMeasure": "EACHES", "unitSize": 1}
        for name, amount in amounts.items()
        if amount is not None
    }
    details = [{"acknowledgementDate": "2026-05-04T09:30:00Z"}] if answered else []
    status = {"confirmationStatus": confirmation, **answered, "acknowledgementStatusDetails": details}
    return {"itemSequenceNumber": "1", "acknowledgementStatus": {**status, **changes}}


def _status(*lines: dict[str, Any], number: str = "4Z32PABC") -> dict[str, Any]:
    return {"payload": {"ordersStatus": [{"purchaseOrderNumber": number, "itemStatus": list(lines)}]}}


ANSWERED = _line("PARTIALLY_ACCEPTED", 8, 2)
HAPPENED, DID_NOT = "it took effect", "it did not take effect"
STATUS = "vendor_orders_get_purchase_orders_status"
NEW_SLOT_ID = {**BOOKED, "packageTimeSlot": {**SLOT, "slotId": "new"}}
DROPPED_OFF = {**BOOKED, "packageTimeSlot": {**SLOT, "slotId": "new", "handoverMethod": "DROPOFF"}}
LOST = {"scheduledPackageId": {"amazonOrderId": "403-0000000-0000000"}, "packageTimeSlot": SLOT}
SLOTTED_BULK = {
    "orderScheduleDetailsList": [{"amazonOrderId": ORDER, "packageDetails": {"packageTimeSlot": SLOT}}],
}


@pytest.mark.parametrize(
    ("name", "answer", "minutes", "resolution", "words"),
    [
        (SCHEDULE, BOOKED, 0, HAPPENED, "It took effect."),
        (SCHEDULE, NEW_SLOT_ID, 0, HAPPENED, "It took effect."),
        (SCHEDULE, DROPPED_OFF, 10, None, "does not show whether it took effect"),
        (SCHEDULE, ELSEWHERE, 10, None, "does not show whether it took effect"),
        (SCHEDULE, LOST, 10, None, "does not show whether it took effect"),
        (SCHEDULE, ABSENT, 1, None, "check again in 4 minutes"),
        (SCHEDULE, ABSENT, 4.9, None, "check again in 1 minute."),
        (SCHEDULE, ABSENT, 5, DID_NOT, "It did not take effect."),
        (SCHEDULE, refusal(403, "Unauthorized"), 5, None, "could not be read: Amazon answered 403. Unauthorized"),
        (SCHEDULE, reply(500, ""), 5, None, "could not be read"),
        (SCHEDULE, {"scheduledPackageId": 5}, 5, None, "does not show whether it took effect"),
        (MOVE, BOOKED, 0, HAPPENED, "It took effect."),
        (MOVE, ELSEWHERE, 1, None, "can still take effect"),
        (MOVE, ELSEWHERE, 6, None, "does not show whether it took effect"),
        (MOVE, {"scheduledPackageId": BOOKED["scheduledPackageId"]}, 6, None, "does not show whether it took effect"),
        (MOVE, LOST, 6, None, "does not show whether it took effect"),
        (MOVE, ABSENT, 6, None, "could not be read"),
        (BULK, BOOKED, 9, None, "does not show whether it took effect"),
        (BULK, ABSENT, 9, None, "could not be read"),
        (BULK, refusal(404, "RegionNotSupported"), 9, None, "Seller Central"),
        (ACK, _status(ANSWERED), 0, HAPPENED, "It took effect."),
        (ACK, _status(_line("PARTIALLY_ACCEPTED", 10, 0)), 90, None, "does not show whether it took effect"),
        (ACK, _status(_line("PARTIALLY_ACCEPTED", 8, 0)), 90, None, "does not show whether it took effect"),
        (ACK, _status(_line("ACCEPTED", None)), 90, None, "does not show whether it took effect"),
        (
            ACK,
            _status(_line("PARTIALLY_ACCEPTED", 8, 2, acknowledgementStatusDetails=[])),
            90,
            None,
            "does not show whether it took effect",
        ),
        (
            ACK,
            _status(
                _line(
                    "PARTIALLY_ACCEPTED",
                    8,
                    2,
                    acknowledgementStatusDetails=[{"acknowledgementDate": "2026-05-03T09:30:00Z"}],
                )
            ),
            90,
            None,
            "does not show whether it took effect",
        ),
        (
            ACK,
            _status(_line("ACCEPTED", 8, 2, acceptedQuantity={"amount": 8, "unitOfMeasure": "CASES", "unitSize": 12})),
            90,
            None,
            "does not show whether it took effect",
        ),
        (ACK, _status(ANSWERED, ANSWERED), 90, None, "does not show whether it took effect"),
        (ACK, _status(ANSWERED, number="7P09SJKL"), 90, None, "does not show whether it took effect"),
        (ACK, _status(_line("UNCONFIRMED", None)), 30, None, "check again in 30 minutes"),
        (ACK, _status(_line("UNCONFIRMED", None)), 60, DID_NOT, "It did not take effect."),
        (ACK, {"payload": {"ordersStatus": []}}, 90, None, "does not show whether it took effect"),
        (
            ACK,
            _status({**ANSWERED, "acknowledgementStatus": {"confirmationStatus": 5}}),
            90,
            None,
            "does not show whether it took effect",
        ),
        (TELL, {}, 90, None, "No tool can read messages back"),
    ],
)
async def test_settling_reads_back_what_became_of_it_and_claims_no_more_than_it_saw(
    make_world, name, answer, minutes, resolution, words
):
    finding, asked = await _found(make_world, name, {}, answer, minutes)
    assert (finding.resolution, words in finding.words) == (resolution, True), finding
    assert all(request.method == "GET" for request in asked)


async def test_a_bulk_with_slots_is_settled_by_the_slots(make_world):
    finding, _ = await _found(make_world, BULK, SLOTTED_BULK, BOOKED, 0)
    assert finding.resolution == HAPPENED


async def test_a_move_of_one_package_is_not_settled_by_another_of_the_same_order(make_world):
    change = {"scheduledPackageId": {"amazonOrderId": ORDER, "packageId": "p-2"}, "packageTimeSlot": SLOT}
    other = {**BOOKED, "scheduledPackageId": {"amazonOrderId": ORDER, "packageId": "p-1"}}
    finding, _ = await _found(make_world, MOVE, {"updatePackageDetailsList": [change]}, other, 9)
    assert finding.resolution is None


async def test_a_move_that_named_its_slot_by_id_alone_is_not_settled_by_another_id(make_world):
    change = {"scheduledPackageId": {"amazonOrderId": ORDER}, "packageTimeSlot": {"slotId": "slot-7"}}
    finding, _ = await _found(make_world, MOVE, {"updatePackageDetailsList": [change]}, BOOKED, 9)
    assert finding.resolution is None


async def test_what_another_change_may_have_done_is_not_put_down_to_this_one(make_world):
    world = make_world(Wire({"/acknowledgements": [DOWN], "": [_status(ANSWERED)]}))
    for minute in (31, 32):
        order = {**ACKNOWLEDGEMENT, "acknowledgementDate": f"2026-05-04T09:{minute}:00Z"}
        async with world.client(person=Person()) as client:
            await client.call_tool(ACK, {"acknowledgements": [order]})
    findings = await _settled(world)
    assert len(findings) == 2
    assert all("of the same order may have caused that" in finding.words for finding in findings)


async def _settled(world: World) -> list[Finding]:
    account = world.account()
    entries = await account.ledger().entries(Filter(unsettled=True))
    found = [await find_out(entry, entries, OPERATIONS, account.client(), world.clock) for entry in entries]
    await account.aclose()
    return found


async def _found(
    make_world: Any, name: str, changes: dict[str, Any], answer: Any, minutes: float
) -> tuple[Finding, list[httpx.Request]]:
    """What settling finds, so long after a change whose answer was lost, and the requests it made."""
    wire = Wire({"/restrictedDataToken": [ANSWERS["/restrictedDataToken"]], "": [DOWN]})
    world = make_world(wire)
    async with world.client(person=Person()) as client:
        await client.call_tool(name, {**GOOD[name], **changes})
    sent = len(wire.requests())
    wire.answers[""] = [answer]
    world.clock.advance(minutes * 60)
    (finding,) = await _settled(world)
    return finding, wire.requests()[sent:]


async def test_of_two_orders_one_that_took_effect_is_part_of_it(make_world):
    world = make_world(Wire({"": [DOWN]}))
    orders = [{**ACKNOWLEDGEMENT, "purchaseOrderNumber": number} for number in ("4Z32PABC", "5K81QDEF")]
    async with world.client(person=Person()) as client:
        await client.call_tool(ACK, {"acknowledgements": orders})
    world.wire.answers[""] = [_status(ANSWERED), _status(_line("UNCONFIRMED", None), number="5K81QDEF")] * 2
    (early,) = await _settled(world)
    assert "Amazon shows 1 of 2 parts so far. It can still take effect; check again in 60 minutes." in early.words
    world.clock.advance(3600)
    (finding,) = await _settled(world)
    assert (finding.resolution, finding.words) == ("part of it took effect", "Part of it took effect: 1 of 2.")


async def test_a_change_that_may_be_under_way_still_is_not_settled(make_world):
    held = Held(BOOKED)
    world = make_world(Wire({"/package": [held, BOOKED]}))
    async with world.client(person=Person()) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(client.call_tool, SCHEDULE, GOOD[SCHEDULE])
        await held.arrived.wait()
        (finding,) = await _settled(world)
        held.go_on.set()
    assert (finding.resolution, finding.words) == (None, "It may still be in progress.")


async def test_what_did_not_take_effect_is_no_repetition_any_more_and_what_did_is(make_world):
    from sp_mcp.ledger.entry import Resolution

    for resolution, first_line in (
        (Resolution.DID_NOT, None),
        (Resolution.HAPPENED, "it took effect"),
        (Resolution.PARTLY, "part of it took effect"),
    ):
        message = different(TELL, 4)[list(Resolution).index(resolution)]
        world, person = make_world(Wire({"": [DOWN]})), Person("decline")
        async with world.client(person=Person()) as client:
            await client.call_tool(TELL, message)
        account = world.account()
        (entry, *_) = await account.ledger().entries(Filter())
        await account.ledger().settle(entry, resolution)
        await account.aclose()
        async with world.client(person=person) as client:
            await client.call_tool(TELL, message)
        assert ("Exactly this" in person.asked[0]) is (first_line is not None)
        assert (first_line or "") in person.asked[0].splitlines()[0]


@pytest.fixture
async def past(make_world, monkeypatch):
    """An account with three changes behind it, the last of them unsettled, and the command line set up for it."""
    wire = amazon()
    wire.answers["/acknowledgements"] = [DOWN]
    world = make_world(wire, SP_MCP_ACCOUNT_LABEL="=Toys")
    async with world.client(person=Person()) as client:
        for name in (TELL, SCHEDULE, ACK):
            world.clock.advance(60)
            await client.call_tool(name, GOOD[name])
    for name, value in {**CREDENTIALS, "SP_MCP_STATE_DIR": str(world.settings.state_dir)}.items():
        monkeypatch.setenv(name, value)
    return world


def run(*arguments: str) -> int:
    """The command, in a thread of its own because it starts an event loop."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(main, ["history", *arguments]).result()


async def test_history_shows_changes_and_counts_the_unsettled(past, capsys):
    assert run() == 0
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == 7
    assert shown[0].endswith(f"{ACK}: unknown")
    assert "for 4Z32PABC; consent: host; =Toys (production)" in shown[1]
    assert shown[-1] == "3 changes, 1 unsettled"
    assert run("--order", ORDER, "--operation", "messaging", "--outcome", "sent", "--limit", "1") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 change, 0 unsettled"
    assert run("--unsettled") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 change, 1 unsettled"


async def test_history_is_of_one_account_and_with_all_of_every_one(past, capsys, monkeypatch):
    monkeypatch.setenv("SP_API_REFRESH_TOKEN", "Atzr|another")
    assert run() == 0
    assert capsys.readouterr().out == "0 changes, 0 unsettled\n"
    assert run("--all") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "3 changes, 1 unsettled"


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
async def test_an_export_holds_every_column_and_is_the_users_own(past, tmp_path, capsys, ending):
    path = tmp_path / f"changes{ending}"
    assert run("--export", str(path)) == 0
    assert capsys.readouterr().out == f"3 written to {path}\n"
    text = path.read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = (
        [json.loads(line) for line in text.splitlines()]
        if ending == ".jsonl"
        else list(csv.DictReader(text.splitlines()))
    )
    assert [row["operation"] for row in rows] == [ACK, SCHEDULE, TELL]
    arguments = rows[2]["arguments"] if ending == ".jsonl" else json.loads(rows[2]["arguments"])
    assert arguments["text"] == "[redacted, 32 characters]"
    assert rows[2]["at"] == "2026-05-04 09:31:00 UTC"
    # A spreadsheet would take it for a formula.
    assert rows[2]["label"] == ("=Toys" if ending == ".jsonl" else "'=Toys")
    assert os.name != "posix" or path.stat().st_mode & 0o077 == 0
    assert run("--export", str(path)) == 2
    assert "is there already" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--operation", "nothing at all"], "No tool that changes something is called like"),
        (["--settle", "--export", "x.csv"], "only one of them"),
        (["--limit", "0"], "must be a whole number from 1"),
        (["--limit", "9" * 5000], "must be a whole number from 1"),
        (["--export", ""], "must end in .jsonl"),
        (["--decide", "1234", "happened"], "no unsettled change of this account"),
        (["--decide", "1234", "perhaps"], "happened or did-not"),
        (["--all", "--settle"], "leave --all out"),
    ],
)
async def test_nonsense_is_refused_with_what_is_wrong_about_it(past, capsys, arguments, words):
    try:
        code: str | int | None = run(*arguments)
    except SystemExit as end:
        code = end.code
    assert code == 2
    assert words in capsys.readouterr().err


async def test_bytes_that_are_no_text_fit_nothing(past, capsys):
    assert run("--order", "\udcff") == 0
    assert capsys.readouterr().out == "0 changes, 0 unsettled\n"


async def test_a_person_can_record_what_nobody_can_read_back(past, capsys):
    assert run("--unsettled") == 0
    change = capsys.readouterr().out.split()[3]
    assert run("--decide", change, "did-not") == 0
    assert capsys.readouterr().out.endswith("it did not take effect\n")
    assert run("--unsettled") == 0
    assert capsys.readouterr().out == "0 changes, 0 unsettled\n"


async def test_settling_asks_nothing_about_what_went_elsewhere(past, capsys, monkeypatch):
    monkeypatch.setenv("SP_API_ENDPOINT", "http://127.0.0.1:9")
    assert run("--settle") == 0
    assert "It went to another address than the one that is set" in capsys.readouterr().out


async def test_settling_without_a_way_to_amazon_fails_and_says_so(past, capsys, monkeypatch):
    past.wire.answers["/auth/o2/token"] = [reply(400, {"error": "invalid_client"})]
    monkeypatch.setattr("sp_mcp.amazon.http.Http", lambda **_: past.account()._http)
    assert run("--settle") == 1
    assert "Amazon cannot be asked" in capsys.readouterr().err


async def test_an_export_to_nowhere_or_in_no_known_form_says_so(past, tmp_path, capsys):
    assert run("--export", str(tmp_path / "changes.xlsx")) == 2
    assert ".jsonl or" in capsys.readouterr().err
    assert run("--export", str(tmp_path / "missing" / "changes.csv")) == 1
    assert "cannot be written" in capsys.readouterr().err


async def test_history_settle_records_what_it_found(past, capsys, monkeypatch):
    past.wire.answers["/purchaseOrdersStatus"] = [_status(ANSWERED)]
    monkeypatch.setattr("sp_mcp.amazon.http.Http", lambda **_: past.account()._http)
    assert run("--settle") == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].endswith(f"{ACK} for 4Z32PABC: It took effect.")
    assert shown[1] == "1 settled, 0 still unsettled"
    assert run("--settle") == 0
    assert capsys.readouterr().out == "0 settled, 0 still unsettled\n"
    assert run("--operation", ACK) == 0
    assert f"{ACK}: unknown, it took effect" in capsys.readouterr().out


async def test_history_of_a_broken_ledger_fails_and_says_why(past, capsys):
    (past.settings.state_dir / "ledger-1.sqlite3").write_bytes(b"broken" * 200)
    assert run() == 1
    assert "is damaged. The file was not changed" in capsys.readouterr().err
