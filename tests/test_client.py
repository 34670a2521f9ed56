"""The client as the tools use it: one login, the quota, what is repeated and what never is."""

from __future__ import annotations

import json

import anyio
import httpx
import pytest

from sp_mcp.endpoint import Effect, Endpoint, Rate
from tests.calls import ANSWERS, GOOD, ORDER, SLOT, different
from tests.fakes import Person, Scripted, Wire, all_at_once, at_once, data_of, refusal, reply, text_of

pytestmark = pytest.mark.anyio

READ = "easy_ship_get_scheduled_package"
CHANGE = "easy_ship_create_scheduled_package"
PACKAGE = ANSWERS["/package"]


def wire(path: str = "/package", *answers: object) -> Wire:
    return Wire({path: list(answers) or [PACKAGE]})


async def test_twenty_concurrent_reads_on_a_small_bucket_all_answer_without_a_429_and_with_one_login(local, era):
    async with local.client(era) as client:
        order = {"amazonOrderId": next(iter(local.sandbox.state.orders)), "marketplaceIds": ["A21TJRUUN4KGV"]}
        results = await at_once(client, 20, "messaging_get_attributes", order)
    assert [r.is_error for r in results] == [False] * 20
    assert local.sandbox.logins == 1
    assert len(local.sandbox.received) == 20
    assert 14 < local.clock.time - 1000 < 17


async def test_a_wait_longer_than_the_longest_wait_fails_at_once_and_says_when(make_world, era):
    world = make_world(wire(), SP_MCP_MAX_WAIT="2")
    async with world.client(era) as client:
        texts = [text_of(result) for result in await at_once(client, 10, READ, GOOD[READ])]
    late = [text for text in texts if "quota of easy_ship_get_scheduled_package is used up" in text]
    assert len(late) == 4
    assert "the next turn is in" in late[0]
    assert "Nothing was sent" in late[0]
    assert len(world.wire.requests("/package")) == 6


async def test_waiting_for_a_turn_reports_progress_with_the_seconds_left(make_world, era):
    world = make_world(wire())
    heard: list[str] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        heard.append(message or "")

    async with world.client(era) as client:
        for _ in range(6):
            await client.call_tool(READ, GOOD[READ], progress_callback=progress)
    assert any("about 1 s left" in message for message in heard)


async def test_the_rate_follows_amazons_header_up(make_world):
    world = make_world(wire("/package", reply(200, PACKAGE, x_amzn_RateLimit_Limit="10")))
    async with world.client() as client:
        for _ in range(30):
            result = await client.call_tool(READ, GOOD[READ])
    assert result.meta["rateLimit"] == 10
    assert world.clock.time - 1000 < 4


async def test_a_429_is_waited_out_and_the_call_succeeds(make_world, era):
    world = make_world(wire("/package", refusal(429, "QuotaExceeded"), refusal(429, "QuotaExceeded"), PACKAGE))
    async with world.client(era, Person()) as client:
        assert data_of(await client.call_tool(CHANGE, GOOD[CHANGE])) == PACKAGE
    assert len(world.wire.requests("/package")) == 3
    assert world.clock.time - 1000 >= 2


async def test_a_429_without_end_stops_at_the_longest_wait_and_says_it_was_not_carried_out(make_world):
    world = make_world(wire("/package", refusal(429, "QuotaExceeded")), SP_MCP_MAX_WAIT="10")
    async with world.client(person=Person()) as client:
        result = await client.call_tool(CHANGE, GOOD[CHANGE])
    assert result.is_error
    assert "429" in text_of(result)
    assert "did not carry it out" in text_of(result)
    assert world.clock.time - 1000 <= 11


BROKEN = {
    "500": refusal(500, "InternalFailure"),
    "502": reply(502, "<html>Bad gateway</html>"),
    "503": refusal(503, "ServiceUnavailable"),
    "504": reply(504, {"message": "Endpoint request timed out"}),
    "read timeout": httpx.ReadTimeout("slow"),
    "broken while reading": httpx.ReadError("gone"),
    "disconnected": httpx.RemoteProtocolError("gone"),
    "broken while writing": httpx.WriteError("gone"),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_read_is_repeated_after(make_world, kind):
    world = make_world(wire("/package", BROKEN[kind], BROKEN[kind], PACKAGE))
    async with world.client() as client:
        assert data_of(await client.call_tool(READ, GOOD[READ])) == PACKAGE
    assert len(world.wire.requests("/package")) == 3


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_change_is_sent_once_and_its_outcome_called_unknown_after(make_world, era, kind):
    world = make_world(wire("/package", BROKEN[kind]))
    async with world.client(era, Person()) as client:
        result = await client.call_tool(CHANGE, GOOD[CHANGE])
    assert result.is_error
    assert result.structured_content is None
    assert "Whether it took effect is unknown" in text_of(result)
    assert "easy_ship_get_scheduled_package" in text_of(result)
    assert len(world.wire.requests("/package")) == 1


STRANGE_SUCCESSES = {
    "an HTML page": reply(200, "<html>Sorry</html>"),
    "nothing": reply(200, ""),
    "cut JSON": reply(200, '{"scheduledPackageId": {"am'),
    "a list": reply(200, "[]"),
    "a gateway message": reply(200, {"message": "ok"}),
    "errors": refusal(200, "InternalFailure"),
    "a redirect": reply(302, "", location="http://127.0.0.1/"),
}


@pytest.mark.parametrize("kind", STRANGE_SUCCESSES)
async def test_an_answer_that_is_no_success_is_not_reported_as_one_when_it_is(make_world, kind):
    world = make_world(wire("/package", STRANGE_SUCCESSES[kind]))
    async with world.client(person=Person()) as client:
        change = await client.call_tool(CHANGE, GOOD[CHANGE])
        read = await client.call_tool(READ, GOOD[READ])
    assert change.is_error
    assert "unknown" in text_of(change)
    assert read.is_error
    assert len([r for r in world.wire.requests("/package") if r.method == "POST"]) == 1


async def test_a_body_over_20_mb_is_refused(make_world):
    world = make_world(wire("/package", reply(200, b'{"x":"' + b"a" * 21 * 1024 * 1024 + b'"}')))
    async with world.client(person=Person()) as client:
        result = await client.call_tool(CHANGE, GOOD[CHANGE])
    assert "longer than 20 MB" in text_of(result)
    assert "unknown" in text_of(result)


async def test_no_connection_is_tried_again_for_a_change_too_because_nothing_was_written(make_world):
    world = make_world(wire("/package", httpx.ConnectError("refused"), PACKAGE))
    async with world.client(person=Person()) as client:
        assert data_of(await client.call_tool(CHANGE, GOOD[CHANGE])) == PACKAGE
    world = make_world(wire("/package", httpx.ConnectError("refused")))
    async with world.client(person=Person()) as client:
        result = await client.call_tool(CHANGE, GOOD[CHANGE])
    assert "Nothing was sent" in text_of(result)


EXPIRED = refusal(
    403,
    "Unauthorized",
    "Access to requested resource is denied.",
    "The access token you provided has expired.",
)


async def test_an_expired_token_is_replaced_once(make_world):
    world = make_world(wire("/package", EXPIRED, PACKAGE))
    async with world.client(person=Person()) as client:
        assert data_of(await client.call_tool(CHANGE, GOOD[CHANGE])) == PACKAGE
    assert len(world.wire.requests("/token")) == 2
    world = make_world(wire("/package", EXPIRED))
    async with world.client() as client:
        assert (await client.call_tool(READ, GOOD[READ])).is_error
    assert len(world.wire.requests("/package")) == 2


async def test_a_token_is_renewed_before_it_ends(make_world):
    world = make_world(wire())
    async with world.client() as client:
        await client.call_tool(READ, GOOD[READ])
        world.clock.advance(3600 - 121)
        await client.call_tool(READ, GOOD[READ])
        assert len(world.wire.requests("/token")) == 1
        world.clock.advance(2)
        await client.call_tool(READ, GOOD[READ])
    assert len(world.wire.requests("/token")) == 2


async def test_a_forbidden_call_names_role_region_and_reauthorisation(make_world):
    world = make_world(wire("/package", refusal(403, "AccessDenied", "Access to requested resource is denied.")))
    async with world.client() as client:
        text = text_of(await client.call_tool(READ, GOOD[READ]))
    assert "Direct-to-Consumer Shipping" in text
    assert "SP_API_REGION" in text
    assert len(world.wire.requests("/package")) == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("invalid_client", "SP_API_CLIENT_SECRET"),
        ("invalid_grant", "SP_API_REFRESH_TOKEN"),
        ("odd", "without a token"),
    ],
)
async def test_a_refused_login_names_the_setting_and_many_waiters_share_the_failure(make_world, code, words):
    world = make_world(wire())
    world.wire.answers["/auth/o2/token"] = [reply(400, {"error": code, "error_description": "marked-client-secret"})]
    async with world.client() as client:
        texts = [text_of(result) for result in await at_once(client, 5, READ, GOOD[READ])]
    assert all(words in text and "Nothing was sent" in text for text in texts)
    assert not any("marked-client-secret" in text for text in texts)
    assert len(world.wire.requests("/token")) == 1
    assert world.wire.requests() == []


async def test_the_bulk_operation_is_signed_with_a_restricted_token_that_is_minted_once(make_world):
    world = make_world(Wire({path: [answer] for path, answer in ANSWERS.items()}))
    name = "easy_ship_create_scheduled_package_bulk"
    async with world.client(person=Person()) as client:
        for _ in range(2):
            data_of(await client.call_tool(name, GOOD[name]))
    mints = world.wire.requests("/restrictedDataToken")
    assert [httpx.Response(200, content=m.content).json() for m in mints] == [
        {"restrictedResources": [{"method": "POST", "path": "/easyShip/2022-03-23/packages/bulk"}]}
    ]
    assert mints[0].headers["x-amz-access-token"] == "Atza|secret-token"
    assert {r.headers["x-amz-access-token"] for r in world.wire.requests("/bulk")} == {"Atz.sprdt|secret-rdt"}


async def test_a_refused_restricted_token_means_that_nothing_was_sent(make_world):
    world = make_world(Wire({"/restrictedDataToken": [refusal(403, "Unauthorized")]}))
    name = "easy_ship_create_scheduled_package_bulk"
    async with world.client(person=Person()) as client:
        text = text_of(await client.call_tool(name, GOOD[name]))
    assert "Restricted Data Token" in text
    assert "Nothing was sent" in text


async def test_headers_are_what_amazon_asks_for(make_world):
    world = make_world(wire())
    async with world.client(person=Person()) as client:
        await client.call_tool(CHANGE, GOOD[CHANGE])
    (request,) = world.wire.requests()
    assert request.headers["user-agent"].startswith("sp-mcp/")
    assert "(Language=Python/" in request.headers["user-agent"]
    assert len(request.headers["user-agent"]) < 500
    assert request.headers["x-amz-date"] == "20260504T093000Z"
    assert request.headers["content-type"] == "application/json"
    assert "authorization" not in request.headers
    assert str(request.url).startswith("https://sellingpartnerapi-eu.amazon.com/easyShip/")


async def test_a_plus_in_a_timestamp_is_encoded(make_world):
    world = make_world(Wire({"/purchaseOrders": [{"payload": {}}]}))
    async with world.client() as client:
        await client.call_tool(
            "vendor_orders_get_purchase_orders",
            {"createdAfter": "2026-05-01T00:00:00+00:00", "isPOChanged": "TRUE"},
        )
    (request,) = world.wire.requests()
    assert "createdAfter=2026-05-01T00%3A00%3A00%2B00%3A00" in str(request.url)
    assert request.url.params["isPOChanged"] == "true"


async def test_amazons_sandbox_has_one_bucket_and_takes_its_restricted_tokens_from_production(make_world):
    world = make_world(Wire({path: [answer] for path, answer in ANSWERS.items()}), SP_API_ENVIRONMENT="sandbox")
    name = "easy_ship_create_scheduled_package_bulk"
    async with world.client(person=Person()) as client:
        await client.call_tool(name, GOOD[name])
        for _ in range(13):
            await client.call_tool(READ, GOOD[READ])
        assert world.clock.time == 1000
        for _ in range(5):
            await client.call_tool(READ, GOOD[READ])
    hosts = {r.url.path.rsplit("/", 1)[-1]: r.url.host for r in world.wire.requests()}
    assert hosts["restrictedDataToken"] == "sellingpartnerapi-eu.amazon.com"
    assert hosts["bulk"] == "sandbox.sellingpartnerapi-eu.amazon.com"
    assert 0 < world.clock.time - 1000 < 2


async def test_a_change_that_has_left_is_seen_through_when_its_caller_stops_waiting(make_world, caplog):
    finished = anyio.Event()
    arrived = anyio.Event()

    async def slow(request: httpx.Request) -> Scripted:
        arrived.set()
        for _ in range(20):
            await anyio.lowlevel.checkpoint()
        finished.set()
        return reply(200, PACKAGE)

    world = make_world(wire("/package", slow))
    async with world.client(person=Person()) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(client.call_tool, CHANGE, GOOD[CHANGE])
        await arrived.wait()
        tasks.cancel_scope.cancel()
    assert finished.is_set()
    assert "the caller stopped waiting, but the change had left and took effect" in caplog.text
    assert ORDER not in caplog.text


async def test_after_shutting_down_nothing_new_is_sent(make_world):
    world = make_world(wire())
    async with world.client(person=Person()) as client:
        await client.call_tool(READ, GOOD[READ])
        await world.accounts[0].finish_changes()
        text = text_of(await client.call_tool(CHANGE, {**GOOD[CHANGE], "packageDetails": {"packageTimeSlot": SLOT}}))
    assert "shutting down" in text
    assert "Nothing was sent" in text
    assert len(world.wire.requests("/package")) == 1


async def test_time_spent_signing_in_is_no_waiting_for_a_turn(make_world):
    async def slow_login(_: httpx.Request) -> Scripted:
        world.clock.advance(50)
        return reply(200, {"access_token": "Atza|x", "expires_in": 3600})

    world = make_world(wire(), SP_MCP_MAX_WAIT="0")
    world.wire.answers["/auth/o2/token"] = [slow_login]
    async with world.client(person=Person()) as client:
        assert data_of(await client.call_tool(CHANGE, GOOD[CHANGE])) == PACKAGE


async def test_a_retry_after_of_nothing_is_no_licence_to_hammer(make_world):
    world = make_world(wire("/package", reply(429, "", Retry_After="0")), SP_MCP_MAX_WAIT="20")
    async with world.client() as client:
        text = text_of(await client.call_tool(READ, GOOD[READ]))
    assert "The next attempt is possible in" in text
    assert len(world.wire.requests("/package")) < 7


async def test_a_long_retry_after_is_told_at_once(make_world):
    world = make_world(wire("/package", reply(429, "", Retry_After="3600")))
    async with world.client() as client:
        text = text_of(await client.call_tool(READ, GOOD[READ]))
    assert "The next attempt is possible in 3600 s" in text
    assert world.clock.time == 1000


@pytest.mark.parametrize("before", [refusal(429, "QuotaExceeded"), EXPIRED], ids=["429", "expired token"])
async def test_what_was_refused_before_is_not_called_unsent(make_world, before):
    world = make_world(wire("/package", before, httpx.ConnectError("gone")))
    async with world.client(person=Person()) as client:
        text = text_of(await client.call_tool(CHANGE, GOOD[CHANGE]))
    assert "An earlier attempt was not carried out; nothing was changed." in text
    assert "Nothing was sent" not in text


async def test_a_failed_login_is_tried_anew_by_the_next_call(make_world):
    world = make_world(wire())
    good = world.wire.answers["/auth/o2/token"]
    world.wire.answers["/auth/o2/token"] = [reply(400, {"error": "invalid_grant"}), *good]
    async with world.client() as client:
        assert (await client.call_tool(READ, GOOD[READ])).is_error
        assert not (await client.call_tool(READ, GOOD[READ])).is_error


async def test_a_cancelled_login_leaves_no_old_failure_behind(make_world):
    reached = anyio.Event()

    async def stuck(_: httpx.Request) -> Scripted:
        reached.set()
        await anyio.sleep_forever()
        raise AssertionError

    world = make_world(wire())
    good = world.wire.answers["/auth/o2/token"]
    world.wire.answers["/auth/o2/token"] = [reply(400, {"error": "invalid_client"}), stuck, *good]
    async with world.client() as client:
        assert "SP_API_CLIENT_SECRET" in text_of(await client.call_tool(READ, GOOD[READ]))
        results = []
        async with anyio.create_task_group() as tasks:
            first = anyio.CancelScope()

            async def cancelled() -> None:
                with first:
                    await client.call_tool(READ, GOOD[READ])

            async def waiting() -> None:
                results.append(await client.call_tool(READ, GOOD[READ]))

            tasks.start_soon(cancelled)
            await reached.wait()
            tasks.start_soon(waiting)
            for _ in range(20):
                await anyio.lowlevel.checkpoint()
            first.cancel()
    assert [r.is_error for r in results] == [False]


@pytest.mark.parametrize("token", ["", "has a blank", "ümlaut", 5, None])
async def test_a_token_that_is_none_means_that_nothing_was_sent(make_world, token):
    world = make_world(wire())
    world.wire.answers["/auth/o2/token"] = [{"access_token": token, "expires_in": 3600}]
    async with world.client(person=Person()) as client:
        text = text_of(await client.call_tool(CHANGE, GOOD[CHANGE]))
    assert "without a token" in text
    assert "Nothing was sent" in text


@pytest.mark.parametrize("seconds", [0, -5, "soon", None, True])
async def test_a_lifetime_that_makes_no_sense_does_not_mean_a_login_for_every_call(make_world, seconds):
    world = make_world(wire())
    world.wire.answers["/auth/o2/token"] = [{"access_token": "Atza|x", "expires_in": seconds}]
    async with world.client() as client:
        for _ in range(3):
            await client.call_tool(READ, GOOD[READ])
    assert len(world.wire.requests("/token")) == 1


async def test_a_short_lived_token_is_used_for_half_its_life(make_world):
    world = make_world(wire())
    world.wire.answers["/auth/o2/token"] = [{"access_token": "Atza|x", "expires_in": 100}]
    async with world.client() as client:
        for advance, logins in ((0, 1), (49, 1), (2, 2)):
            world.clock.advance(advance)
            await client.call_tool(READ, GOOD[READ])
            assert len(world.wire.requests("/token")) == logins


async def test_a_401_is_treated_as_a_403(make_world):
    world = make_world(wire("/package", refusal(401, "Unauthorized", "The token has expired"), refusal(401, "No")))
    async with world.client() as client:
        text = text_of(await client.call_tool(READ, GOOD[READ]))
    assert "Likely causes" in text
    assert len(world.wire.requests("/token")) == 2


async def test_a_restricted_token_is_renewed_before_it_ends_and_when_it_is_called_expired(make_world):
    name = "easy_ship_create_scheduled_package_bulk"
    answers = {path: [answer] for path, answer in ANSWERS.items()}
    world = make_world(
        Wire({**answers, "/packages/bulk": [ANSWERS["/packages/bulk"], EXPIRED, {"rejectedOrders": []}]})
    )
    async with world.client(person=Person()) as client:
        data_of(await client.call_tool(name, GOOD[name]))
        data_of(await client.call_tool(name, GOOD[name]))
        assert len(world.wire.requests("/restrictedDataToken")) == 2
        world.clock.advance(3600 - 119)
        data_of(await client.call_tool(name, GOOD[name]))
    assert len(world.wire.requests("/restrictedDataToken")) == 3
    assert len(world.wire.requests("/bulk")) == 4


async def test_many_waiters_for_a_restricted_token_share_its_failure(make_world):
    name = "easy_ship_create_scheduled_package_bulk"
    world = make_world(Wire({"/restrictedDataToken": [refusal(429, "QuotaExceeded")]}))
    async with world.client(person=Person()) as client:
        texts = [text_of(result) for result in await at_once(client, 4, name, GOOD[name])]
    assert all("Nothing was sent" in text for text in texts)
    assert world.clock.time - 1000 <= 46
    assert len(world.wire.requests("/restrictedDataToken")) < 10


async def test_a_blank_in_a_query_is_written_in_percent(make_world):
    world = make_world(Wire({"/purchaseOrders": [{"payload": {}}]}))
    async with world.client() as client:
        await client.call_tool("vendor_orders_get_purchase_orders", {"orderingVendorCode": "A B&c=d"})
    assert str(world.wire.requests()[0].url).endswith("?orderingVendorCode=A%20B%26c%3Dd")


async def test_a_read_stops_being_repeated_when_the_longest_wait_is_over(make_world):
    async def slow(_: httpx.Request) -> Scripted:
        world.clock.advance(30)
        return reply(503, "")

    world = make_world(wire("/package", slow))
    async with world.client() as client:
        assert "tried 2 times" in text_of(await client.call_tool(READ, GOOD[READ]))


async def test_arguments_travel_in_every_location_that_amazons_apis_use(make_world):
    endpoint = Endpoint(
        method="POST",
        path="/shop/{sku}/{resource}",
        rate=Rate(1, 1),
        effect=Effect.READS,
        locations={"skus": ("query",), "tags": ("query",), "label": ("header",), "id": ("body", "query")},
        repeated=frozenset({"skus"}),
        slashes=frozenset({"resource"}),
    )
    arguments = {
        "sku": "a/b",
        "resource": "c/d",
        "skus": ["1,5", "2"],
        "tags": ["x", "y"],
        "label": True,
        "id": 7,
        "items": [1],
    }
    whole = Endpoint(method="PUT", path="/all", rate=Rate(1, 1), effect=Effect.READS, whole_body="list")
    known = frozenset(arguments)
    world = make_world(Wire({"": [{}]}))
    account = world.account()
    await account.client().send(endpoint.request("shop_search", arguments, known=known))
    await account.client().send(whole.request("shop_all", {"list": [1, 2]}, known=frozenset({"list"})))
    await account.aclose()
    each, all_ = world.wire.requests()
    assert each.url.raw_path == b"/shop/a%2Fb/c/d?skus=1%2C5&skus=2&tags=x%2Cy&id=7"
    assert each.headers["label"] == "true"
    assert json.loads(each.content) == {"id": 7, "items": [1]}
    assert json.loads(all_.content) == [1, 2]


async def test_no_request_or_reply_shows_its_content_in_a_repr(make_world):
    from sp_mcp.amazon.answers import Answer
    from sp_mcp.amazon.errors import ErrorDetail
    from sp_mcp.amazon.http import Reply
    from sp_mcp.apis import operations

    operation = next(o for o in operations(("messaging",)) if o.name == "messaging_create_confirm_delivery_details")
    request = operation.to_request({**GOOD[operation.name], "text": "marked-words"})
    shown = repr(request) + repr(Reply(200, {"x": "marked-words"}, b"marked-words"))
    assert "marked-words" not in shown + repr(
        Answer(200, {"x": "marked-words"}, (ErrorDetail("C", "marked-words"),), None, None, 0.0)
    )


async def test_a_call_that_waits_for_its_turn_is_not_sent_any_more_after_shutting_down(make_world):
    world = make_world(wire())
    async with world.client() as client:

        async def progress(*_) -> None:
            await world.accounts[0].finish_changes()

        await at_once(client, 5, READ, GOOD[READ])
        text = text_of(await client.call_tool(READ, GOOD[READ], progress_callback=progress))
    assert "shutting down" in text
    assert len(world.wire.requests("/package")) == 5


async def test_amazons_sandbox_keeps_its_one_rate_whatever_the_headers_say(make_world):
    slow = reply(200, PACKAGE, x_amzn_RateLimit_Limit="0.5")
    world = make_world(wire("/package", slow), SP_API_ENVIRONMENT="sandbox")
    async with world.client() as client:
        for _ in range(20):
            await client.call_tool(READ, GOOD[READ])
    assert world.clock.time - 1000 < 2


async def test_a_login_that_is_throttled_is_tried_again(make_world):
    world = make_world(wire())
    good = world.wire.answers["/auth/o2/token"]
    world.wire.answers["/auth/o2/token"] = [reply(429, ""), *good]
    async with world.client() as client:
        assert not (await client.call_tool(READ, GOOD[READ])).is_error


async def test_the_time_waited_for_a_turn_is_told(make_world):
    world = make_world(wire())
    async with world.client() as client:
        for _ in range(6):
            result = await client.call_tool(READ, GOOD[READ])
    assert result.meta["waitedSeconds"] == pytest.approx(1)


async def test_an_exchange_that_never_ends_is_given_up(make_world, monkeypatch):
    monkeypatch.setattr("sp_mcp.amazon.http.EXCHANGE_SECONDS", 0.01)

    async def endless(_: httpx.Request) -> Scripted:
        await anyio.sleep_forever()
        raise AssertionError

    world = make_world(wire("/package", endless))
    async with world.client(person=Person()) as client:
        text = text_of(await client.call_tool(CHANGE, GOOD[CHANGE]))
    assert "No answer came in time." in text
    assert "unknown" in text


async def test_a_fault_of_our_own_after_a_change_may_have_left_says_so(make_world, monkeypatch):
    def broken(*_) -> None:
        raise KeyError("marked")

    monkeypatch.setattr("sp_mcp.operation.Operation.read_answer", broken)
    world = make_world(wire())
    async with world.client(person=Person()) as client:
        change = text_of(await client.call_tool(CHANGE, GOOD[CHANGE]))
        read = text_of(await client.call_tool(READ, GOOD[READ]))
    assert "internal fault (KeyError)" in change
    assert (
        "The request may have left. Before you repeat this call, call easy_ship_get_scheduled_package to see" in change
    )
    assert "Nothing was changed." in read
    assert "marked" not in change + read


async def test_a_late_word_about_an_old_token_does_not_cost_the_new_one(make_world):
    renewed = anyio.Event()
    old: list[httpx.Request] = []

    async def answer(request: httpx.Request) -> Scripted:
        if request.headers["x-amz-access-token"] != "Atza|1":
            renewed.set()
            return reply(200, PACKAGE)
        old.append(request)
        if len(old) == 2:
            await renewed.wait()
        return EXPIRED

    world = make_world(wire("/package", answer))
    world.wire.answers["/auth/o2/token"] = [
        {"access_token": f"Atza|{number}", "expires_in": 3600} for number in (1, 2, 3)
    ]
    async with world.client() as client:
        results = await at_once(client, 2, READ, GOOD[READ])
    assert [r.is_error for r in results] == [False, False]
    assert len(world.wire.requests("/token")) == 2


async def test_minting_and_sending_share_one_longest_wait(make_world):
    name = "easy_ship_create_scheduled_package_bulk"
    throttled = refusal(429, "QuotaExceeded")
    minted = [throttled] * 5 + [ANSWERS["/restrictedDataToken"]]
    world = make_world(Wire({"/restrictedDataToken": minted, "/bulk": [throttled]}))
    async with world.client(person=Person()) as client:
        assert (await client.call_tool(name, GOOD[name])).is_error
    assert world.clock.time - 1000 <= 46


async def test_many_waiters_share_a_tokens_endpoint_that_cannot_be_reached(make_world):
    name = "easy_ship_create_scheduled_package_bulk"
    world = make_world(Wire({"/restrictedDataToken": [httpx.ConnectError("gone")]}))
    async with world.client(person=Person()) as client:
        texts = [text_of(result) for result in await all_at_once(client, name, different(name, 5))]
    assert all("Restricted Data Token" in text and "Nothing was sent" in text for text in texts)
    assert len(world.wire.requests("/restrictedDataToken")) == 4
