"""What sp-mcp makes of a Selling Partner that misbehaves, and what it never gives away meanwhile."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from sp_mcp.sandbox.faults import KINDS, Fault
from sp_mcp.sandbox.practice import ORDER_TO_MESSAGE
from tests.calls import ANSWERS, GOOD, IN
from tests.fakes import CREDENTIALS, Person, Wire, World, data_of, refusal, reply, text_of
from tests.rules import holds_async

pytestmark = pytest.mark.anyio

TELL = "messaging_create_confirm_delivery_details"
SEND = "createConfirmDeliveryDetails"
MESSAGE = {"amazonOrderId": ORDER_TO_MESSAGE, "marketplaceIds": [IN], "text": "It arrives on Thursday."}
READ = ("messaging_get_attributes", {"amazonOrderId": ORDER_TO_MESSAGE, "marketplaceIds": [IN]})

HARMLESS = {"throttle", "slow", "drip", "expired_token"}


def tried(world: World, operation_id: str) -> int:
    return len([r for r in world.sandbox.received if r.operation_id == operation_id])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in HARMLESS])
@pytest.mark.parametrize("after_effect", [False, True], ids=["before the effect", "after the effect"])
async def test_a_change_is_sent_once_and_called_unknown(local, era, kind, after_effect):
    local.sandbox.faults.add(Fault(kind, SEND, times=5, after_effect=after_effect))
    async with local.client(era, Person()) as client:
        result = await client.call_tool(TELL, MESSAGE)
    assert result.is_error
    assert "The request was sent once" in text_of(result)
    assert "Whether it took effect is unknown" in text_of(result)
    assert len(local.sandbox.state.effects) == after_effect
    assert local.sandbox.faults.to_come == 4


@pytest.mark.parametrize("kind", sorted(HARMLESS))
async def test_a_change_takes_effect_once_and_succeeds_in_spite_of(local, era, kind):
    local.sandbox.faults.add(Fault(kind, SEND, seconds=0.5 if kind in ("slow", "drip") else 0))
    async with local.client(era, Person()) as client:
        assert data_of(await client.call_tool(TELL, MESSAGE)) == {}
    assert len(local.sandbox.state.effects) == 1
    assert local.sandbox.logins == (2 if kind == "expired_token" else 1)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "huge"])
async def test_a_read_recovers_from(local, era, kind):
    local.sandbox.faults.add(Fault(kind, "GetAttributes", seconds=0.5 if kind in ("slow", "drip") else 0))
    name, arguments = READ
    async with local.client(era) as client:
        result = await client.call_tool(name, arguments)
    assert data_of(result) == {"buyer": {"locale": "en-IN"}}


async def test_a_read_that_never_recovers_ends_and_says_so(local, era):
    local.sandbox.faults.add(Fault("server_error", "GetAttributes", times=50))
    name, arguments = READ
    async with local.client(era) as client:
        result = await client.call_tool(name, arguments)
    assert result.is_error
    assert "tried 4 times" in text_of(result)
    assert local.sandbox.faults.to_come == 46


async def test_a_read_whose_answer_is_too_long_is_not_asked_for_again(local, era):
    local.sandbox.faults.add(Fault("huge", "GetAttributes", times=5))
    name, arguments = READ
    async with local.client(era) as client:
        text = text_of(await client.call_tool(name, arguments))
    assert "longer than 20 MB" in text
    assert "Asking for less may help" in text
    assert local.sandbox.faults.to_come == 4


@pytest.mark.parametrize("kind", ["server_error", "html", "empty", "drop", "slow"])
async def test_a_login_recovers_from(local, era, kind):
    local.sandbox.faults.add(Fault(kind, "login", seconds=1 if kind == "slow" else 0))
    name, arguments = READ
    async with local.client(era) as client:
        assert not (await client.call_tool(name, arguments)).is_error
    assert local.sandbox.logins == 1


async def test_a_login_that_answers_nonsense_means_that_nothing_was_sent(local, era):
    local.sandbox.faults.add(Fault("garbage", "login"))
    async with local.client(era, Person()) as client:
        text = text_of(await client.call_tool(TELL, MESSAGE))
    assert "Nothing was sent" in text
    assert tried(local, SEND) == 0


SECRETS = [value for name, value in CREDENTIALS.items() if name.endswith(("SECRET", "TOKEN"))]
SECRETS += ["Atza|secret-token", "Atz.sprdt|secret-rdt"]
BUYER = "marked-words-for-the-buyer"

TROUBLE: dict[str, Any] = {
    "success": None,
    "refusal": refusal(400, "InvalidInput", "no"),
    "forbidden": refusal(403, "Unauthorized", "The access token you provided has expired."),
    "server error": refusal(500, "InternalFailure"),
    "page": reply(200, "<html>"),
}


def _with_buyers_words(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: BUYER if k == "text" else _with_buyers_words(v) for k, v in value.items()}
    return value


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_no_secret_and_no_word_to_a_buyer_is_in_a_log_or_a_result(make_world, caplog, capfd, tmp_path, trouble):
    answer = TROUBLE[trouble]
    answers = {path: [answer or value] for path, value in ANSWERS.items()}
    caplog.set_level(logging.DEBUG)

    async def rule(name: str) -> None:
        wire = Wire({**answers, "/restrictedDataToken": [ANSWERS["/restrictedDataToken"]], "": [answer or {}]})
        world = make_world(wire, SP_MCP_LOG_LEVEL="debug")
        caplog.clear()
        async with world.client(person=Person()) as client:
            result = await client.call_tool(name, _with_buyers_words(GOOD[name]))
        out, err = capfd.readouterr()
        ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("sp_mcp"))
        kept = "\n".join(path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file())
        for text in (result.model_dump_json(), ours, out, err, kept, repr(world.settings), repr(world.accounts)):
            assert not any(secret in text for secret in SECRETS)
            assert BUYER not in text
        assert wire.requests()

    await holds_async(GOOD, rule)
