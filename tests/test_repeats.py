"""Nothing happens twice by accident: what was done, or may have been, is asked about as a repetition."""

from __future__ import annotations

from typing import Any

import anyio
import httpx
import mcp_types as types
import pytest
from mcp import Client
from mcp.client.session import ElicitationFnT

from tests.calls import ANSWERS, GOOD, ORDER
from tests.fakes import Held, Person, Wire, World, data_of, refusal, reply, text_of

pytestmark = pytest.mark.anyio

TELL = "messaging_create_confirm_delivery_details"
BULK = "easy_ship_create_scheduled_package_bulk"
ACK = "vendor_orders_submit_acknowledgement"
OK = reply(201, {})
DOWN = httpx.ReadTimeout("")

AGAIN = "Yes, do this once more"


def scripted(*answers: Any) -> Wire:
    return Wire({"confirmDeliveryDetails": list(answers)})


def sent(world: World) -> int:
    return len(world.amazon.requests("confirmDeliveryDetails"))


async def tell(world: World, person: ElicitationFnT, era: str = "auto", **more: Any) -> types.CallToolResult:
    async with world.client(era, person) as client:
        return await client.call_tool(TELL, {**GOOD[TELL], **more})


def held_at_sign_in(world: World) -> Held:
    """Holds the first who signs in."""
    token = {"access_token": "Atza|token", "expires_in": 3600}
    held = Held(token)
    world.amazon.answers["/auth/o2/token"] = [held, token]
    return held


async def code(client: Client) -> str:
    """A code for the message, from its preview."""
    preview = (await client.call_tool(TELL, GOOD[TELL])).structured_content["preview"]
    return str(preview["confirmationCode"])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            OK,
            "Exactly this was sent already, 2 hours ago (2026-05-04 09:30:00 UTC): Amazon accepted it. "
            "Agreeing sends it once more.",
        ),
        (
            DOWN,
            "Exactly this was sent already, 2 hours ago (2026-05-04 09:30:00 UTC): whether it took effect is "
            "unknown. Agreeing may do it twice.",
        ),
        (
            reply(503, "<html>"),
            "Exactly this was sent already, 2 hours ago (2026-05-04 09:30:00 UTC): whether it took effect is "
            "unknown. Agreeing may do it twice.",
        ),
    ],
)
async def test_a_repetition_says_when_it_was_done_and_with_what_outcome_and_asks_for_it(make_world, era, answer, words):
    world = make_world(scripted(answer, OK))
    first, second = Person(), Person()
    await tell(world, first, era)
    world.clock.advance(7200)
    data_of(await tell(world, second, era))
    assert "Exactly this" not in first.asked[0]
    assert second.asked[0].splitlines()[0] == words
    assert second.asked[0].splitlines()[1:] == first.asked[0].splitlines()
    assert sent(world) == 2


@pytest.mark.parametrize("answer", ["decline", "cancel", "unticked"])
async def test_a_repetition_that_is_not_agreed_to_is_not_sent(make_world, era, answer):
    world = make_world(scripted(OK))
    await tell(world, Person(), era)
    assert (await tell(world, Person(answer), era)).is_error
    assert sent(world) == 1


async def test_the_form_for_a_repetition_has_a_box_of_its_own(make_world, era):
    world, titles = make_world(scripted(OK)), []

    async def ask(context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        assert isinstance(params, types.ElicitRequestFormParams)
        titles.append(params.requested_schema["properties"]["confirm"]["title"])
        return types.ElicitResult(action="accept", content={"confirm": True})

    for _ in range(2):
        await tell(world, ask, era)
    assert titles == ["Yes, do this", AGAIN]


@pytest.mark.parametrize(
    "answer",
    [refusal(400, "InvalidInput"), refusal(403, "Unauthorized"), refusal(429, "Quota"), httpx.ConnectError("")],
)
async def test_what_was_certainly_not_done_can_be_done_on_an_ordinary_consent(make_world, answer):
    world, person = make_world(scripted(answer, answer, answer, answer, answer, answer, OK)), Person()
    await tell(world, Person())
    world.wire.answers["confirmDeliveryDetails"] = [OK]
    data_of(await tell(world, person))
    assert "Exactly this" not in person.asked[0]


async def test_after_the_window_it_is_an_ordinary_change_again(make_world):
    world = make_world(scripted(OK), SP_MCP_REPEAT_WINDOW="2")
    persons = [Person(), Person(), Person()]
    await tell(world, persons[0])
    world.clock.advance(7199)
    await tell(world, persons[1])
    world.clock.advance(7201)
    await tell(world, persons[2])
    assert ["Exactly this" in person.asked[0] for person in persons] == [False, True, False]


async def test_with_no_window_nothing_is_a_repetition(make_world):
    world = make_world(scripted(OK), SP_MCP_REPEAT_WINDOW="0")
    persons = [Person(), Person()]
    for person in persons:
        await tell(world, person)
    assert not any("Exactly this" in person.asked[0] for person in persons)


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Your parcel arrives on Friday."},
        {"amazonOrderId": "403-7654321-7654321"},
        {"marketplaceIds": ["A21TJRUUN4KGV"]},
    ],
)
async def test_another_change_is_no_repetition(make_world, other):
    world, person = make_world(scripted(OK)), Person()
    await tell(world, Person())
    data_of(await tell(world, person, **other))
    assert "Exactly this" not in person.asked[0]


@pytest.mark.parametrize(
    "other",
    [
        {"SP_API_REFRESH_TOKEN": "Atzr|another"},
        {"SP_API_ENVIRONMENT": "sandbox"},
        {"SP_API_ENDPOINT": "https://elsewhere.example"},
    ],
)
async def test_the_same_on_another_account_environment_or_endpoint_is_no_repetition(make_world, other):
    await tell(make_world(scripted(OK)), Person())
    world, person = make_world(scripted(OK), **other), Person()
    data_of(await tell(world, person))
    assert "Exactly this" not in person.asked[0]


async def test_the_same_acknowledgement_at_another_moment_is_a_repetition_and_needs_a_consent_of_its_own(make_world):
    world, person = make_world(Wire({"/acknowledgements": [DOWN]})), Person("decline")
    (order,) = GOOD[ACK]["acknowledgements"]
    later = {"acknowledgements": [{**order, "acknowledgementDate": "2026-05-04T09:31:00Z"}]}
    async with world.client() as client:
        code = (await client.call_tool(ACK, GOOD[ACK])).structured_content["preview"]["confirmationCode"]
        assert "other arguments" in text_of(await client.call_tool(ACK, {**later, "confirmationCode": code}))
    async with world.client(person=Person()) as client:
        await client.call_tool(ACK, GOOD[ACK])
    async with world.client(person=person) as client:
        await client.call_tool(ACK, later)
    assert "Exactly this was sent already" in person.asked[0]


async def test_a_repetition_of_what_was_partly_done_says_how_much(make_world):
    answer: dict[str, Any] = {"scheduledPackages": [{}], "rejectedOrders": [{}, {}]}
    token = ANSWERS["/restrictedDataToken"]
    world, person = make_world(Wire({"/restrictedDataToken": [token], "/bulk": [answer]})), Person()
    async with world.client(person=person) as client:
        for _ in range(2):
            await client.call_tool(BULK, GOOD[BULK])
    assert "ago (2026-05-04 09:30:00 UTC): 1 done, 2 not. Agreeing sends it once more." in person.asked[1]


async def test_a_clock_that_was_set_back_hides_no_repetition(make_world):
    world = make_world(scripted(OK), SP_MCP_CONFIRM="code")
    async with world.client() as client:
        data_of(await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": await code(client)}))
        world.clock.advance(-3)
        codes = [await code(client), await code(client)]
        results = [await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": each}) for each in codes]
    assert [r.is_error for r in results] == [False, True]


async def test_what_was_given_up_does_not_leave_when_the_clock_is_set_back(make_world):
    world = make_world(scripted(OK))
    held = held_at_sign_in(world)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tell, world, Person())
        await held.arrived.wait()
        world.clock.advance(1000)
        data_of(await tell(world, Person()))
        world.clock.advance(-1000)
        held.go_on.set()
    assert sent(world) == 1


@pytest.mark.parametrize("answer", [{"printableDocumentsUrl": "https://x"}, {"rejectedOrders": []}])
async def test_a_bulk_of_which_amazon_says_nothing_may_have_been_booked(make_world, answer):
    token = ANSWERS["/restrictedDataToken"]
    world, person = make_world(Wire({"/restrictedDataToken": [token], "/bulk": [answer]})), Person()
    async with world.client(person=person) as client:
        for _ in range(2):
            await client.call_tool(BULK, GOOD[BULK])
    assert ["Exactly this" in text for text in person.asked] == [False, True]


async def test_a_fresh_practice_account_knows_of_no_repetitions_and_the_same_one_does(make_world):
    world = make_world()
    message = {"amazonOrderId": "403-1000001-1000001", "marketplaceIds": ["A21TJRUUN4KGV"], "text": "Hello."}
    persons = [Person(), Person(), Person()]
    async with world.client(person=persons[0]) as client:
        data_of(await client.call_tool(TELL, message))
    async with world.client(person=persons[1]) as client:
        await client.call_tool(TELL, {**message, "amazonOrderId": "403-1000002-1000002"})
        await client.call_tool(TELL, {**message, "amazonOrderId": "403-1000002-1000002"})
        await client.call_tool(TELL, message)
    assert ["Exactly this" in text for text in persons[1].asked] == [False, True, False]


async def test_the_code_path_says_the_same_and_the_code_is_for_the_repetition(make_world, era):
    world = make_world(scripted(OK), SP_MCP_CONFIRM="code")
    async with world.client(era) as client:
        for round_ in range(2):
            preview = await client.call_tool(TELL, GOOD[TELL])
            told = preview.structured_content["preview"]
            assert ("Exactly this was sent already" in told["question"]) is (round_ == 1)
            assert ("Exactly this was sent already" in text_of(preview)) is (round_ == 1)
            data_of(await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": told["confirmationCode"]}))
    assert sent(world) == 2


async def test_an_ordinary_code_does_not_repeat_what_was_done_since_it_was_shown(make_world, era):
    world = make_world(scripted(OK), SP_MCP_CONFIRM="code")
    async with world.client(era) as client:
        codes = [
            (await client.call_tool(TELL, GOOD[TELL])).structured_content["preview"]["confirmationCode"]
            for _ in range(2)
        ]
        results = [await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": code}) for code in codes]
    assert [r.is_error for r in results] == [False, True]
    text = text_of(results[1])
    assert "Nothing was sent to Amazon. Exactly this was sent already, 0 seconds ago" in text
    assert "The approval was given without knowing of that" in text
    assert sent(world) == 1


async def test_a_code_for_one_repetition_does_not_serve_for_another(make_world, era):
    world = make_world(scripted(OK), SP_MCP_CONFIRM="code")
    async with world.client(era) as client:
        data_of(await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": await code(client)}))
        codes = [await code(client), await code(client)]
        results = [await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": each}) for each in codes]
    assert [r.is_error for r in results] == [False, True]
    assert sent(world) == 2


async def test_two_people_who_agree_to_the_same_at_once_send_it_once(make_world, era):
    world, both = make_world(scripted(OK)), anyio.Event()
    asked: list[str] = []

    async def ask(context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        asked.append(params.message)
        if len(asked) == 2:
            both.set()
        await both.wait()
        return types.ElicitResult(action="accept", content={"confirm": True})

    results: list[types.CallToolResult] = []

    async def go() -> None:
        results.append(await tell(world, ask, era))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(go)
        tasks.start_soon(go)
    assert sorted(r.is_error for r in results) == [False, True]
    assert not any("Exactly this" in text for text in asked)
    assert sent(world) == 1


async def test_what_runs_unasked_runs_once_and_a_repetition_gets_a_preview(make_world, era):
    world = make_world(scripted(OK), SP_MCP_CONFIRM="dangerously-unasked")
    async with world.client(era) as client:
        data_of(await client.call_tool(TELL, GOOD[TELL]))
        preview = await client.call_tool(TELL, GOOD[TELL])
        assert sent(world) == 1
        told = preview.structured_content["preview"]
        assert "Exactly this was sent already" in told["question"]
        data_of(await client.call_tool(TELL, {**GOOD[TELL], "confirmationCode": told["confirmationCode"]}))
    assert sent(world) == 2


async def test_a_change_under_way_in_another_process_stands_in_the_way(make_world):
    world, person = make_world(scripted(OK)), Person("decline")
    held = held_at_sign_in(world)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tell, world, Person())
        await held.arrived.wait()
        assert (await tell(world, person)).is_error
        held.go_on.set()
    assert "Exactly this was begun already" in person.asked[0]
    assert "may be under way still. Agreeing may do it twice." in person.asked[0]
    assert sent(world) == 1


async def test_a_bulk_of_which_nothing_was_booked_can_be_tried_again_and_one_partly_booked_is_a_repetition(make_world):
    rejected = {"rejectedOrders": [{"amazonOrderId": ORDER}]}
    booked = {"scheduledPackages": [{"scheduledPackageId": {"amazonOrderId": ORDER}}]}
    token = ANSWERS["/restrictedDataToken"]
    world, person = make_world(Wire({"/restrictedDataToken": [token], "/bulk": [rejected, booked]})), Person()
    async with world.client(person=person) as client:
        for _ in range(3):
            await client.call_tool(BULK, GOOD[BULK])
    assert ["Exactly this" in text for text in person.asked] == [False, False, True]
