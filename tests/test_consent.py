"""Nothing changes without a person's consent to exactly that call."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import anyio
import mcp_types as types
import pytest
from mcp.shared.exceptions import MCPError

from sp_mcp.apis import operations
from sp_mcp.workflows import catalogue
from sp_mcp.workflows.workflow import Leaves
from tests.calls import GOOD, MESSAGE, amazon
from tests.fakes import Person, Wire, World, data_of, reply, text_of
from tests.rules import holds_async

pytestmark = pytest.mark.anyio

CHANGES = [o.name for o in operations() if o.changes]
SCHEDULE = "easy_ship_create_scheduled_package"
TELL = "messaging_create_confirm_delivery_details"


def changes_sent(world: World) -> int:
    return len([r for r in world.amazon.requests() if r.method != "GET" and "restrictedDataToken" not in r.url.path])


async def test_every_change_asks_the_person_first_and_is_sent_once_after_a_yes(make_world, era):
    async def rule(name: str) -> None:
        world, person = make_world(amazon()), Person()
        async with world.client(era, person) as client:
            data_of(await client.call_tool(name, GOOD[name]))
        assert len(person.asked) == 1
        assert changes_sent(world) == 1

    await holds_async(CHANGES, rule)


@pytest.mark.parametrize("answer", ["decline", "cancel", "unticked"])
async def test_every_change_sends_nothing_when_the_person_does_not_agree(make_world, era, answer):
    async def rule(name: str) -> None:
        world, person = make_world(amazon()), Person(answer)
        async with world.client(era, person) as client:
            result = await client.call_tool(name, GOOD[name])
        assert result.is_error
        assert "Nothing was sent to Amazon." in text_of(result)
        assert world.wire.seen == []

    await holds_async(CHANGES, rule)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (types.ElicitResult(action="accept", content={"confirm": "true"}), "without the box ticked"),
        (types.ElicitResult(action="accept", content={"confirm": 1}), "without the box ticked"),
        (types.ElicitResult(action="accept", content={}), "without the box ticked"),
        (types.ElicitResult(action="accept"), "without the box ticked"),
    ],
)
async def test_only_a_real_tick_is_consent(make_world, era, answer, words):
    world = make_world(amazon())
    async with world.client(era, Person(lambda _: answer)) as client:
        assert words in text_of(await client.call_tool(TELL, GOOD[TELL]))
    assert world.wire.seen == []


async def test_a_decline_that_no_person_can_have_given_names_the_way_out_in_the_log_and_not_to_the_assistant(
    make_world, era, caplog
):
    quick, slow = Person("decline"), Person("decline")
    world = make_world(amazon())
    async with world.client(era, quick) as client:
        text = text_of(await client.call_tool(TELL, GOOD[TELL]))
    assert "The host answered no. Do not call again unless the person asks for it." in text
    assert "SP_MCP_CONFIRM" not in text
    assert "SP_MCP_CONFIRM=code" in caplog.text

    def think(_: str) -> types.ElicitResult:
        world.clock.advance(5)
        return types.ElicitResult(action="decline")

    slow.answer = think
    async with world.client(era, slow) as client:
        text = text_of(await client.call_tool(TELL, GOOD[TELL]))
    assert "declined" in text
    assert "SP_MCP_CONFIRM" not in text


async def test_a_host_that_fails_while_asking_is_no_consent(make_world):
    def broken(_: str) -> types.ElicitResult:
        raise RuntimeError("host bug")

    world = make_world(amazon())
    async with world.client("legacy", Person(broken)) as client:
        assert "No readable answer" in text_of(await client.call_tool(TELL, GOOD[TELL]))
    assert world.wire.seen == []


async def test_a_host_that_cannot_ask_gets_a_preview_and_a_code_that_works_once(make_world, era):
    world = make_world(amazon())
    async with world.client(era) as client:
        preview = await client.call_tool(TELL, GOOD[TELL])
        assert not preview.is_error
        assert "Your parcel arrives on Thursday." in text_of(preview)
        assert world.wire.seen == []
        code = preview.structured_content["preview"]["confirmationCode"]
        assert code in text_of(preview)
        assert data_of(await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": code})) == {}
        again = await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": code})
    assert again.is_error
    assert "Nothing was sent" in text_of(again)
    assert changes_sent(world) == 1


async def test_a_code_is_good_for_its_own_arguments_only(make_world, era):
    world = make_world(amazon())
    async with world.client(era) as client:
        code = (await client.call_tool(TELL, GOOD[TELL])).structured_content["preview"]["confirmationCode"]
        for other in (
            {**GOOD[TELL], "text": "Something else."},
            {**GOOD[TELL], "amazonOrderId": "403-7654321-7654321"},
        ):
            assert (await client.call_tool(TELL, {**other, "confirmationCode": code})).is_error
        assert (
            await client.call_tool("messaging_create_unexpected_problem", {**GOOD[TELL], "confirmationCode": code})
        ).is_error
        assert (await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": "WRONG234"})).is_error
    assert changes_sent(world) == 0


async def test_a_code_expires_after_ten_minutes(make_world):
    world = make_world(amazon())
    async with world.client() as client:
        code = (await client.call_tool(TELL, GOOD[TELL])).structured_content["preview"]["confirmationCode"]
        world.clock.advance(601)
        text = text_of(await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": code}))
    assert "expired" in text
    assert changes_sent(world) == 0


async def test_a_code_from_one_process_works_once_in_another(make_world):
    world = make_world(amazon())
    async with world.client() as first:
        code = (await first.call_tool(TELL, GOOD[TELL])).structured_content["preview"]["confirmationCode"]
    sent = []
    async with world.client() as one, world.client() as two, anyio.create_task_group() as race:

        async def use(client):
            sent.append(not (await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": code})).is_error)

        race.start_soon(use, one)
        race.start_soon(use, two)
    assert sorted(sent) == [False, True]
    assert changes_sent(world) == 1


async def test_waiting_consents_hold_no_arguments_and_no_code(make_world, tmp_path):
    code = await code_for(make_world(amazon()))
    kept = b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir())
    assert b"Thursday" not in kept
    assert code.encode() not in kept


async def test_where_the_host_can_ask_a_code_does_not_replace_the_person(make_world, era):
    world = make_world(amazon())
    async with world.client(era) as client:
        code = (await client.call_tool(TELL, GOOD[TELL])).structured_content["preview"]["confirmationCode"]
    person = Person("decline")
    async with world.client(era, person) as client:
        assert (await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": code})).is_error
    assert len(person.asked) == 1
    assert changes_sent(world) == 0


async def test_the_setting_person_refuses_where_the_host_cannot_ask(make_world, era):
    world = make_world(amazon(), SP_MCP_CONFIRM="person")
    async with world.client(era) as client:
        text = text_of(await client.call_tool(TELL, GOOD[TELL]))
    assert "this host cannot ask" in text
    assert "SP_MCP_CONFIRM" not in text
    async with world.client(era, Person()) as client:
        data_of(await client.call_tool(TELL, GOOD[TELL]))
    assert changes_sent(world) == 1


async def test_the_setting_code_asks_no_host(make_world, era):
    world, person = make_world(amazon(), SP_MCP_CONFIRM="code"), Person()
    async with world.client(era, person) as client:
        assert "preview" in text_of(await client.call_tool(TELL, GOOD[TELL]))
    assert person.asked == []
    assert changes_sent(world) == 0


async def test_only_the_setting_dangerously_unasked_sends_without_asking(make_world, era):
    world, person = make_world(amazon(), SP_MCP_CONFIRM="dangerously-unasked"), Person()
    async with world.client(era, person) as client:
        data_of(await client.call_tool(TELL, GOOD[TELL]))
    assert person.asked == []
    assert changes_sent(world) == 1


async def test_an_answer_replayed_sends_nothing_more(make_world):
    world = make_world(amazon())
    async with world.client("auto", Person()) as client:
        first = await client.session.call_tool(TELL, GOOD[TELL], allow_input_required=True)
        assert isinstance(first, types.InputRequiredResult)
        answer = {"consent": types.ElicitResult(action="accept", content={"confirm": True})}
        results = [
            await client.session.call_tool(
                TELL,
                GOOD[TELL],
                input_responses=answer,
                request_state=first.request_state,
                allow_input_required=True,
            )
            for _ in range(3)
        ]
    assert [r.is_error for r in results] == [False, True, True]
    assert "used already" in text_of(results[1])
    assert changes_sent(world) == 1


async def test_an_answer_to_other_arguments_or_without_its_question_sends_nothing(make_world):
    world = make_world(amazon())
    answer = {"consent": types.ElicitResult(action="accept", content={"confirm": True})}
    async with world.client("auto", Person()) as client:
        first = await client.session.call_tool(TELL, GOOD[TELL], allow_input_required=True)
        with pytest.raises(MCPError):
            await client.session.call_tool(
                TELL,
                {**GOOD[TELL], "text": "Other words."},
                input_responses=answer,
                request_state=first.request_state,
                allow_input_required=True,
            )
        forged = await client.session.call_tool(TELL, GOOD[TELL], input_responses=answer, allow_input_required=True)
        assert isinstance(forged, types.InputRequiredResult)
        with pytest.raises(MCPError):
            await client.session.call_tool(
                TELL, GOOD[TELL], input_responses=answer, request_state="made-up", allow_input_required=True
            )
    assert changes_sent(world) == 0


async def test_two_answers_to_one_question_racing_send_once(make_world):
    world = make_world(amazon())
    answer = {"consent": types.ElicitResult(action="accept", content={"confirm": True})}
    failed = []
    async with world.client("auto", Person()) as client:
        first = await client.session.call_tool(TELL, GOOD[TELL], allow_input_required=True)

        async def repeat() -> None:
            result = await client.session.call_tool(
                TELL,
                GOOD[TELL],
                input_responses=answer,
                request_state=first.request_state,
                allow_input_required=True,
            )
            failed.append(result.is_error)

        async with anyio.create_task_group() as race:
            for _ in range(8):
                race.start_soon(repeat)
    assert sorted(failed) == [False] + [True] * 7
    assert changes_sent(world) == 1


async def test_a_call_that_cannot_run_is_not_asked_about(make_world, era):
    world, person = make_world(amazon()), Person()
    async with world.client(era, person) as client:
        text = text_of(await client.call_tool(TELL, {**MESSAGE, "txt": "hello"}))
    assert "txt: unknown; did you mean text?" in text
    assert "text: required, e.g. “It arrives on Monday”" in text
    assert person.asked == []


async def test_the_person_is_asked_before_a_turn_is_taken(make_world):
    world = make_world(amazon())

    def think(_: str) -> types.ElicitResult:
        assert world.wire.seen == []
        return types.ElicitResult(action="accept", content={"confirm": True})

    async with world.client("auto", Person(think)) as client:
        data_of(await client.call_tool(TELL, GOOD[TELL]))


async def test_reads_are_never_asked_about(make_world, era):
    person = Person()
    reads = [o.name for o in operations() if not o.changes]
    world = make_world(amazon())
    async with world.client(era, person) as client:
        for name in reads:
            data_of(await client.call_tool(name, GOOD[name]))
    assert person.asked == []


async def test_a_change_in_amazons_sandbox_with_a_body_that_breaks_the_model_is_warned_about_and_sent_as_given(
    make_world,
):
    world, person = make_world(amazon(), SP_API_ENVIRONMENT="sandbox"), Person()
    odd = {
        **GOOD[SCHEDULE],
        "packageDetails": {"packageTimeSlot": {"slotId": "x"}, "packageWeight": {"value": 1}},
    }
    async with world.client(person=person) as client:
        result = await client.call_tool(SCHEDULE, odd)
        assert "packageDetails.packageWeight: unknown" in text_of(result)
        assert not result.is_error
        bad_path = await client.call_tool(TELL, {**GOOD[TELL], "amazonOrderId": "../x"})
    assert bad_path.is_error
    (sent,) = [r for r in world.wire.requests() if r.method == "POST"]
    assert b'"packageWeight":{"value":1}' in sent.content


async def test_read_only_lists_and_runs_no_change(make_world, era):
    world = make_world(amazon(), SP_MCP_READ_ONLY="1")
    async with world.client(era, Person()) as client:
        listed = {tool.name for tool in (await client.list_tools()).tools}
        assert listed.isdisjoint(CHANGES)
        kept = {o.name for o in operations() if not o.hidden_when_read_only}
        assert listed == kept | {w.name for w in catalogue() if w.leaves is not Leaves.FILES_THERE}
        with pytest.raises(MCPError, match="not listed because SP_MCP_READ_ONLY is set"):
            await client.call_tool(TELL, GOOD[TELL])
    assert changes_sent(world) == 0


async def test_a_message_whose_outcome_is_unknown_says_that_nobody_can_check(make_world):
    world = make_world(Wire({"confirmDeliveryDetails": [reply(503, "<html>")]}))
    async with world.client(person=Person()) as client:
        text = text_of(await client.call_tool(TELL, GOOD[TELL]))
    assert "No tool can read messages back" in text
    assert "Thursday" not in text
    assert changes_sent(world) == 1


async def code_for(world: World, name: str = TELL, arguments: dict[str, Any] | None = None) -> str:
    async with world.client() as client:
        preview = await client.call_tool(name, arguments or GOOD[name])
    return str(preview.structured_content["preview"]["confirmationCode"])


@pytest.mark.parametrize(
    "other",
    [
        {"SP_API_REFRESH_TOKEN": "Atzr|of-somebody-else"},
        {"SP_API_CLIENT_ID": "amzn1.application-oa2-client.other"},
        {"SP_API_ENVIRONMENT": "sandbox"},
    ],
    ids=str,
)
async def test_a_code_is_good_for_its_own_account_and_environment_only(make_world, other):
    code = await code_for(make_world(amazon()))
    world = make_world(amazon(), **other)
    async with world.client() as client:
        assert (await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": code})).is_error
    assert changes_sent(world) == 0


async def test_a_code_may_be_typed_in_small_letters_with_blanks_around(make_world):
    world = make_world(amazon())
    code = await code_for(world)
    async with world.client() as client:
        data_of(await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": f" {code.lower()} "}))


@pytest.mark.parametrize("code", ["", "x" * 1_000_000, "\ud800", 12345678, ["A"], {"a": 1}, True])
async def test_a_code_that_is_none_sends_nothing(make_world, code):
    world = make_world(amazon())
    async with world.client() as client:
        result = await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": code})
    assert "Nothing was sent" in text_of(result)
    assert changes_sent(world) == 0


async def test_a_clock_that_was_set_back_does_not_keep_a_code_alive(make_world):
    world = make_world(amazon())
    code = await code_for(world)
    world.clock.advance(-3600)
    async with world.client() as client:
        assert "expired" in text_of(await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": code}))
    assert changes_sent(world) == 0


async def test_old_consents_are_swept_away_and_living_ones_stay(make_world, tmp_path):
    world = make_world(amazon())
    await code_for(world)
    world.clock.advance(700)
    living = await code_for(world)
    world.clock.advance(501)
    await code_for(world)
    with closing(sqlite3.connect(tmp_path / "state" / "ledger-1.sqlite3")) as ledger:
        assert ledger.execute("SELECT count(*) FROM consent").fetchone() == (2,)
    async with world.client() as client:
        data_of(await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": living}))


async def test_an_answer_after_ten_minutes_sends_nothing_in_any_era(make_world, era):
    world = make_world(amazon())

    def late(_: str) -> types.ElicitResult:
        world.clock.advance(601)
        return types.ElicitResult(action="accept", content={"confirm": True})

    async with world.client(era, Person(late)) as client:
        assert "10 minutes" in text_of(await client.call_tool(TELL, GOOD[TELL]))
    assert changes_sent(world) == 0


async def test_the_preview_holds_the_whole_question_for_hosts_that_show_only_data(make_world):
    world = make_world(amazon())
    async with world.client() as client:
        preview = await client.call_tool(TELL, GOOD[TELL])
    held = preview.structured_content["preview"]
    assert held["sent"] is False
    assert "Your parcel arrives on Thursday." in held["question"]
    assert held["question"] in text_of(preview)


async def test_a_tool_that_is_hidden_says_by_which_setting_and_a_misspelt_one_what_was_meant(make_world):
    world = make_world(amazon(), SP_MCP_APIS="messaging")
    async with world.client() as client:
        for name, words in {
            SCHEDULE: "SP_MCP_APIS",
            "createConfirmDeliveryDetails": f"Did you mean {TELL}?",
            "messaging_create_confirm_delivery": "Did you mean messaging_create_confirm",
        }.items():
            with pytest.raises(MCPError, match=words.replace("?", r"\?")):
                await client.call_tool(name, {})


async def test_a_host_that_never_answers_is_no_consent(make_world, monkeypatch):
    monkeypatch.setattr("sp_mcp.server.mcp_context.LIFETIME", 0.01)

    async def silent(*_) -> types.ElicitResult:
        await anyio.sleep_forever()
        raise AssertionError

    world = make_world(amazon())
    async with world.client("legacy", silent) as client:
        assert "No readable answer" in text_of(await client.call_tool(TELL, GOOD[TELL]))
    assert world.wire.seen == []


async def test_reads_take_no_confirmation_code(make_world):
    world = make_world(amazon())
    name = "messaging_get_attributes"
    async with world.client() as client:
        text = text_of(await client.call_tool(name, {**GOOD[name], "confirmationCode": "ABCDEFGH"}))
    assert "confirmationCode: unknown" in text
