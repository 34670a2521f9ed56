"""A team's machines: rows on each of them, and no effect twice between them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from sp_mcp.ledger.entry import Entry, Resolution
from sp_mcp.ledger.table import Filter
from sp_mcp.storage.redis import Redis
from tests.calls import ANSWERS, GOOD, ORDER
from tests.fakes import Held, Person, Wire, World, data_of, refusal, reply, text_of
from tests.keepers import RedisServer

pytestmark = pytest.mark.anyio

TELL = "messaging_create_confirm_delivery_details"
BULK = "easy_ship_create_scheduled_package_bulk"
OK = reply(201, {})
DOWN = httpx.ReadTimeout("")


class Machines:
    """Some machines with a folder each, one Redis and one Amazon."""

    def __init__(self, tmp_path: Path, redis: RedisServer, answers: list[Any], **environ: str) -> None:
        self.wire = Wire({"/restrictedDataToken": [ANSWERS["/restrictedDataToken"]], "": answers})
        self.all = [
            World(tmp_path, self.wire, SP_MCP_REDIS_URL=redis.url, SP_MCP_STATE_DIR=str(tmp_path / name), **environ)
            for name in ("one", "two")
        ]

    @property
    def sent(self) -> int:
        return len([r for r in self.wire.requests() if r.method != "GET" and "Token" not in r.url.path])

    async def call(self, machine: int, person: Person | None = None, name: str = TELL, **more: Any) -> Any:
        async with self.all[machine].client(person=person or Person()) as client:
            return await client.call_tool(name, {**GOOD[name], **more})

    async def rows(self, machine: int) -> list[Entry]:
        account = self.all[machine].account()
        found = await account.ledger().entries(Filter())
        await account.aclose()
        return list(found)


@pytest.fixture
def machines(tmp_path, redis_server):
    return lambda *answers, **environ: Machines(tmp_path, redis_server, list(answers), **environ)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (OK, "Exactly this was sent already, "),
        (DOWN, "whether it took effect is unknown. Agreeing may do it twice."),
    ],
)
async def test_what_one_machine_did_is_a_repetition_on_another(machines, answer, words):
    team, person = machines(answer, OK), Person()
    await team.call(0)
    data_of(await team.call(1, person))
    assert words in person.asked[0].splitlines()[0]
    assert [len(await team.rows(machine)) for machine in (0, 1)] == [1, 1]


@pytest.mark.parametrize("answer", [refusal(400, "InvalidInput"), httpx.ConnectError("")])
async def test_what_was_certainly_not_done_is_none(machines, answer):
    team, person = machines(answer), Person()
    await team.call(0)
    await team.call(1, person)
    assert "Exactly this" not in person.asked[0]


async def test_a_refused_repetition_does_not_hide_what_was_done_before_it(machines):
    team, person = machines(OK, refusal(400, "InvalidInput")), Person("decline")
    await team.call(0)
    await team.call(1)
    await team.call(0, person)
    assert "Exactly this was sent already" in person.asked[0]
    assert team.sent == 2


async def test_a_code_is_spent_once_for_all_and_an_ordinary_one_repeats_nothing(machines):
    team = machines(OK, SP_MCP_CONFIRM="code")
    codes = [(await team.call(n)).structured_content["preview"]["confirmationCode"] for n in (0, 1)]
    data_of(await team.call(0, confirmationCode=codes[0]))
    texts = [text_of(await team.call(1, confirmationCode=code)) for code in codes]
    assert "was used already" in texts[0]
    assert "Exactly this was sent already" in texts[1]
    assert team.sent == 1
    asked = (await team.call(1)).structured_content["preview"]
    assert "Exactly this was sent already" in asked["question"]
    data_of(await team.call(1, confirmationCode=asked["confirmationCode"]))
    (entry,) = await team.rows(1)
    assert entry.consented_at - entry.asked_at == pytest.approx(0, abs=5)


async def test_what_runs_unasked_runs_once_for_all(machines):
    team = machines(OK, SP_MCP_CONFIRM="dangerously-unasked")
    data_of(await team.call(0))
    assert "preview" in (await team.call(1)).structured_content
    assert team.sent == 1


async def test_a_bulk_of_which_nothing_was_booked_is_no_repetition(machines):
    team, person = machines({"rejectedOrders": [{"amazonOrderId": ORDER}]}), Person()
    await team.call(0, name=BULK)
    await team.call(1, person, name=BULK)
    assert "Exactly this" not in person.asked[0]


async def test_what_was_seen_not_to_have_taken_effect_is_no_repetition_any_more(machines):
    team, persons = machines(DOWN), [Person("decline"), Person("decline")]
    await team.call(0)
    await team.call(1, persons[0])
    account = team.all[0].account()
    (entry,) = await account.ledger().entries(Filter())
    await account.ledger().settle(entry, Resolution.DID_NOT)
    await account.aclose()
    await team.call(1, persons[1])
    assert ["Exactly this" in person.asked[0] for person in persons] == [True, False]


async def test_a_machine_that_cannot_record_sends_nothing_and_leaves_the_others_free(machines, tmp_path):
    team, person = machines(OK), Person()
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "ledger-1.sqlite3").write_bytes(b"broken" * 200)
    text = text_of(await team.call(0))
    assert "is damaged. The file was not changed" in text
    assert "Nothing was sent" in text
    data_of(await team.call(1, person))
    assert "Exactly this" not in person.asked[0]


async def test_what_the_redis_has_forgotten_the_machine_that_did_it_still_knows(machines, redis_server):
    team, persons = machines(OK), [Person(), Person()]
    await team.call(0)
    redis_server.flush()
    await team.call(0, persons[0])
    assert "Exactly this was sent already" in persons[0].asked[0]
    assert team.sent == 2


async def test_what_runs_unasked_runs_once_also_where_the_redis_has_forgotten_it(machines, redis_server):
    team = machines(DOWN, OK, SP_MCP_CONFIRM="dangerously-unasked")
    await team.call(0)
    redis_server.flush()
    assert "Exactly this was sent already" in text_of(await team.call(0))
    assert team.sent == 1


async def test_the_others_are_told_what_was_found_out_and_how_much_was_done(machines, redis_server):
    team, person = machines(DOWN), Person("decline")
    await team.call(0)
    account = team.all[0].account()
    (entry,) = await account.ledger().entries(Filter())
    before = re.findall(rb'"at": *"([0-9.]+)"', redis_server.everything())
    await account.ledger().settle(entry, Resolution.HAPPENED)
    await account.aclose()
    assert before
    assert re.findall(rb'"at": *"([0-9.]+)"', redis_server.everything()) == before
    await team.call(1, person)
    assert "Amazon accepted it. Agreeing sends it once more." in person.asked[0]
    partly: dict[str, Any] = {"scheduledPackages": [{}], "rejectedOrders": [{}, {}]}
    team, person = machines(partly), Person("decline")
    await team.call(0, name=BULK)
    await team.call(1, person, name=BULK)
    assert ": 1 done, 2 not. Agreeing" in person.asked[0]


async def test_a_machine_that_could_not_record_at_the_last_moment_leaves_the_others_free(machines, monkeypatch):
    team, person = machines(OK), Person()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("sp_mcp.ledger.table.add", full)
        assert "no space left on device" in text_of(await team.call(0))
    data_of(await team.call(1, person))
    assert "Exactly this" not in person.asked[0]
    assert team.sent == 1


async def test_what_is_under_way_on_one_machine_stands_in_the_way_on_another(machines):
    held = Held(OK)
    team, person = machines(held, OK), Person("decline")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(team.call, 0)
        await held.arrived.wait()
        await team.call(1, person)
        held.go_on.set()
    assert "Exactly this was begun already" in person.asked[0]


async def test_a_refused_repetition_does_not_hide_one_that_nobody_knows_the_end_of(machines):
    team, person = machines(DOWN, refusal(400, "InvalidInput")), Person("decline")
    await team.call(0)
    await team.call(1)
    await team.call(1, person)
    assert "whether it took effect is unknown" in person.asked[0]


async def test_a_machine_with_a_shorter_window_makes_the_others_forget_nothing(machines):
    team, persons = machines(OK), [Person("decline"), Person("decline")]
    short = machines(OK, SP_MCP_REPEAT_WINDOW="0")
    await team.call(0)
    await short.call(0, persons[0])
    await team.call(1, persons[1])
    assert ["Exactly this" in person.asked[0] for person in persons] == [False, True]


async def test_a_redis_that_was_set_back_does_not_let_a_code_be_spent_again(machines, redis_server):
    team = machines(OK, SP_MCP_CONFIRM="code")
    code = (await team.call(0)).structured_content["preview"]["confirmationCode"]
    before = redis_server.dump()
    data_of(await team.call(0, confirmationCode=code))
    redis_server.restore(before)
    assert "Exactly this was sent already" in text_of(await team.call(0, confirmationCode=code))
    assert team.sent == 1


async def test_a_script_that_ran_twice_because_its_answer_was_lost_begins_one_change(machines, monkeypatch):
    team, run = machines(OK, SP_MCP_CONFIRM="code"), Redis.run
    code = (await team.call(0)).structured_content["preview"]["confirmationCode"]

    async def twice(self: Redis, *arguments: Any) -> Any:
        await run(self, *arguments)
        return await run(self, *arguments)

    monkeypatch.setattr(Redis, "run", twice)
    data_of(await team.call(0, confirmationCode=code))
    assert team.sent == 1


async def test_a_code_of_the_team_lives_no_longer_than_any_other(machines, monkeypatch):
    team = machines(OK, SP_MCP_CONFIRM="code")
    code = (await team.call(0)).structured_content["preview"]["confirmationCode"]
    monkeypatch.setattr("sp_mcp.ledger.redis_ledger.LIFETIME", 0.0)
    assert "has expired" in text_of(await team.call(0, confirmationCode=code))
    assert team.sent == 0


async def test_a_redis_that_goes_while_a_change_is_under_way_costs_no_outcome(tmp_path, one_redis_of_its_own):
    async def gone(_: httpx.Request) -> Any:
        one_redis_of_its_own.stop()
        return OK

    # The quota is on the Redis too, and its turn was taken before.
    team = Machines(tmp_path, one_redis_of_its_own, [gone])
    data_of(await team.call(0))
    one_redis_of_its_own.start()
    (entry,) = await team.rows(0)
    assert entry.outcome == "sent"
