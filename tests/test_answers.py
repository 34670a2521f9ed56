"""Answers nobody documents: each is read for what it is, and none ends the server."""

from __future__ import annotations

import gzip
import json

import pytest

from sp_mcp.amazon.http import Unpacker
from tests.calls import ANSWERS, GOOD
from tests.fakes import Person, Wire, data_of, refusal, reply, text_of

pytestmark = pytest.mark.anyio

READ = "easy_ship_get_scheduled_package"
CHANGE = "easy_ship_create_scheduled_package"
TELL = "messaging_create_confirm_delivery_details"
PACKAGE = ANSWERS["/package"]


def deep(levels: int) -> str:
    return '{"x":' * levels + "1" + "}" * levels


async def test_half_a_character_in_an_answer_becomes_a_mark_and_the_rest_is_whole(make_world, era):
    half = reply(200, b'{"scheduledPackageId": {"packageId": "\\ud83d!"}, "\\udc00": 1, "fine": "\\ud83d\\ude00"}')
    world = make_world(Wire({"/package": [half]}))
    async with world.client(era, Person()) as client:
        answer = data_of(await client.call_tool(CHANGE, GOOD[CHANGE]))
    assert answer == {"scheduledPackageId": {"packageId": "�!"}, "�": 1, "fine": "😀"}


async def test_half_a_character_in_an_error_becomes_a_mark(make_world, era):
    no = reply(400, b'{"errors": [{"code": "InvalidInput", "message": "cut \\ud83d"}]}')
    world = make_world(Wire({"/package": [no]}))
    async with world.client(era) as client:
        assert "cut �" in text_of(await client.call_tool(READ, GOOD[READ]))


@pytest.mark.parametrize("body", [deep(300), '{"x": NaN}', '{"x": 1e400}', '{"x": -Infinity}', deep(100_000)])
async def test_what_cannot_be_written_again_is_no_success(make_world, era, body):
    world = make_world(Wire({"confirmDeliveryDetails": [reply(201, body)]}))
    async with world.client(era, Person()) as client:
        result = await client.call_tool(TELL, GOOD[TELL])
    assert result.is_error
    assert "Whether it took effect is unknown" in text_of(result)


@pytest.mark.parametrize(
    "body",
    [
        {"errors": {"code": "InternalFailure"}},
        {"errors": ["boom"]},
        {"errors": [{"code": "InternalFailure"}]},
        {"error": "invalid_token", "error_description": "no"},
        {"Error": {"Code": "x"}},
        {"fault": {"faultstring": "x"}},
        {"__type": "InternalFailure"},
        {"message": "Endpoint request timed out"},
    ],
    ids=str,
)
async def test_a_message_is_not_called_sent_when_the_answer_says_otherwise_whatever_its_status(make_world, era, body):
    world = make_world(Wire({"confirmDeliveryDetails": [reply(201, body)]}))
    async with world.client(era, Person()) as client:
        result = await client.call_tool(TELL, GOOD[TELL])
    assert result.is_error
    assert "unknown" in text_of(result)
    assert len(world.wire.requests()) == 1


@pytest.mark.parametrize("answer", [reply(302, {}, location="http://127.0.0.1/"), reply(199, {})])
async def test_a_message_is_not_called_sent_by_a_status_that_is_no_success(make_world, answer):
    world = make_world(Wire({"confirmDeliveryDetails": [answer]}))
    async with world.client(person=Person()) as client:
        assert "unknown" in text_of(await client.call_tool(TELL, GOOD[TELL]))
    assert len(world.wire.requests()) == 1


@pytest.mark.parametrize(
    "answer",
    [reply(201, {}), reply(201, {"errors": []}), reply(204, "", content_encoding="gzip"), reply(200, {"x": 1})],
)
async def test_a_message_is_called_sent_when_the_answer_holds_no_error(make_world, answer):
    world = make_world(Wire({"confirmDeliveryDetails": [answer]}))
    async with world.client(person=Person()) as client:
        assert not (await client.call_tool(TELL, GOOD[TELL])).is_error


async def test_data_with_errors_beside_it_comes_through_and_the_errors_are_told(make_world, era):
    both = {"payload": {"transactionId": "t-1"}, "errors": [{"code": "Partial", "message": "line 2"}]}
    name = "vendor_orders_submit_acknowledgement"
    world = make_world(Wire({"/acknowledgements": [reply(202, both)]}))
    async with world.client(era, Person()) as client:
        result = await client.call_tool(name, GOOD[name])
    assert result.structured_content == both
    assert "Amazon's answer holds errors too: Partial: line 2" in text_of(result)


async def test_errors_alone_in_a_successful_status_are_a_refusal_of_a_read_and_not_asked_again(make_world):
    world = make_world(Wire({"/package": [refusal(200, "InternalFailure")]}))
    async with world.client() as client:
        assert "InternalFailure" in text_of(await client.call_tool(READ, GOOD[READ]))
    assert len(world.wire.requests()) == 1


async def test_an_empty_object_is_a_reads_answer_and_an_empty_body_is_none(make_world):
    world = make_world(Wire({"/purchaseOrders": [reply(200, {}), reply(200, "")]}))
    async with world.client() as client:
        assert data_of(await client.call_tool("vendor_orders_get_purchase_orders", {})) == {}
        assert "an empty body" in text_of(await client.call_tool("vendor_orders_get_purchase_orders", {}))


async def test_a_change_that_answers_with_something_else_has_not_been_seen_to_succeed(make_world, era):
    world = make_world(Wire({"/package": [reply(200, {"x": 1})]}))
    async with world.client(era, Person()) as client:
        text = text_of(await client.call_tool(CHANGE, GOOD[CHANGE]))
    assert "a body that is not the documented answer" in text
    assert "Whether it took effect is unknown" in text


@pytest.mark.parametrize("errors", [{"code": "Odd", "message": "m"}, {"errors": [{"code": "Odd", "message": "m"}]}])
async def test_errors_are_told_however_they_are_nested(make_world, errors):
    world = make_world(Wire({"/package": [reply(400, {"errors": errors})]}))
    async with world.client() as client:
        assert "Amazon says: Odd: m." in text_of(await client.call_tool(READ, GOOD[READ]))


async def test_thousands_of_errors_are_told_in_a_few_lines(make_world):
    many = reply(400, {"errors": [{"code": "InvalidInput", "message": "x" * 5000}] * 500})
    world = make_world(Wire({"/package": [many]}))
    async with world.client() as client:
        text = text_of(await client.call_tool(READ, GOOD[READ]))
    assert "InvalidInput: xxx" in text
    assert len(text) < 3000


async def test_amazons_advice_follows_its_words_in_clean_sentences(make_world):
    world = make_world(Wire({"/package": [refusal(400, "ScheduledPackageAlreadyExists", "Scheduled already.")]}))
    async with world.client(person=Person()) as client:
        text = text_of(await client.call_tool(CHANGE, GOOD[CHANGE]))
    assert "Scheduled already. " in text
    assert ".." not in text
    assert "Nothing was changed." in text
    assert f"{READ} shows its package" in text


async def test_a_compressed_answer_is_read(make_world):
    packed = reply(200, gzip.compress(json.dumps(PACKAGE).encode()), content_encoding="gzip")
    world = make_world(Wire({"/package": [packed]}))
    async with world.client() as client:
        assert data_of(await client.call_tool(READ, GOOD[READ])) == PACKAGE
    assert world.wire.requests()[0].headers["accept-encoding"] == "gzip"


def test_no_more_is_unpacked_than_is_asked_for():
    assert len(Unpacker("gzip").feed(gzip.compress(b"a" * 1_000_000), 1000)) == 1000


async def test_a_compressed_bomb_is_not_unpacked(make_world):
    bomb = gzip.compress(b'{"x":"' + b"a" * 30 * 1024 * 1024 + b'"}')
    world = make_world(Wire({"/package": [reply(200, bomb, content_encoding="gzip")]}))
    async with world.client() as client:
        assert "longer than 20 MB" in text_of(await client.call_tool(READ, GOOD[READ]))


# Without the time: two processes must come to the same names of the tests.
PACKED = gzip.compress(json.dumps(PACKAGE).encode(), mtime=0)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip, gzip", gzip.compress(PACKED, mtime=0)),
        ("br", b"xx"),
        ("gzip", b"xx"),
        ("gzip", PACKED[:-9]),
        ("gzip", PACKED[:-4]),
        ("gzip", PACKED + b"more"),
        ("gzip", b""),
    ],
)
async def test_an_answer_that_cannot_be_unpacked_leaves_a_changes_outcome_unknown(make_world, encoding, body):
    world = make_world(Wire({"/package": [reply(200, body, content_encoding=encoding)]}))
    async with world.client(person=Person()) as client:
        assert "unknown" in text_of(await client.call_tool(CHANGE, GOOD[CHANGE]))
    assert len(world.wire.requests()) == 1


async def test_a_408_says_nothing_about_a_change(make_world):
    world = make_world(Wire({"/package": [reply(408, "")]}))
    async with world.client(person=Person()) as client:
        assert "Whether it took effect is unknown" in text_of(await client.call_tool(CHANGE, GOOD[CHANGE]))


@pytest.mark.parametrize("rate", ["nan", "inf", "-1", "0", "fast", "1, 2", "1e99"])
async def test_a_rate_that_is_no_rate_is_ignored(make_world, rate):
    world = make_world(Wire({"/package": [reply(200, PACKAGE, x_amzn_RateLimit_Limit=rate)]}))
    async with world.client() as client:
        for _ in range(7):
            result = await client.call_tool(READ, GOOD[READ])
    assert "rateLimit" not in result.meta
    assert 1.9 < world.clock.time - 1000 < 2.3


@pytest.mark.parametrize(
    ("name", "path", "answer"),
    [
        ("vendor_orders_submit_acknowledgement", "/acknowledgements", {"payload": {}}),
        ("easy_ship_create_scheduled_package", "/package", {"scheduledPackageId": {}}),
        ("easy_ship_update_scheduled_packages", "/package", {"packages": []}),
    ],
)
async def test_errors_beside_nothing_are_no_success(make_world, name, path, answer):
    both = {**answer, "errors": [{"code": "InvalidInput", "message": "no"}]}
    world = make_world(Wire({path: [reply(200, both)]}))
    async with world.client(person=Person()) as client:
        assert "unknown" in text_of(await client.call_tool(name, GOOD[name]))


@pytest.mark.parametrize(("status", "encoding"), [(400, "deflate"), (400, "gzip"), (403, "br")])
async def test_a_refusal_is_one_although_its_reasons_cannot_be_read(make_world, status, encoding):
    world = make_world(Wire({"/package": [reply(status, b"{plain", content_encoding=encoding)]}))
    async with world.client(person=Person()) as client:
        text = text_of(await client.call_tool(CHANGE, GOOD[CHANGE]))
    assert f"Amazon answered {status}." in text
    assert "Nothing was changed." in text
