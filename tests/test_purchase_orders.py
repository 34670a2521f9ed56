"""Collecting purchase orders over windows and pages, and following what was answered."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from sp_mcp.sandbox.vendor_transactions import PROCESSING_SECONDS
from tests.calls import ACKNOWLEDGEMENT
from tests.fakes import Person, Wire, data_of, refusal, text_of

pytestmark = pytest.mark.anyio

COLLECT = "vendor_orders_collect_purchase_orders"
FOLLOW = "vendor_orders_follow_acknowledgement"
SUBMIT = "vendor_orders_submit_acknowledgement"


def numbers(answer: Any) -> list[str]:
    return [order["purchaseOrderNumber"] for order in answer["orders"]]


def order(number: str, **details: Any) -> dict[str, Any]:
    return {"purchaseOrderNumber": number, "purchaseOrderState": "New", "orderDetails": {"items": [], **details}}


class Vendor:
    """A scripted list of purchase orders: pages of two for each window, asked for in any order."""

    def __init__(self, windows: dict[str, list[str]]) -> None:
        self.windows = windows
        self.queries: list[dict[str, str]] = []

    async def __call__(self, request: httpx.Request) -> Any:
        query = dict(request.url.params)
        self.queries.append(query)
        mine = self.windows[query.get("createdAfter", "")]
        start = int(query.get("nextToken", "0"))
        page: dict[str, Any] = {"orders": [order(number) for number in mine[start : start + 2]]}
        if start + 2 < len(mine):
            page["pagination"] = {"nextToken": str(start + 2)}
        return {"payload": page}


def wired(vendor: Vendor) -> Wire:
    return Wire({"/purchaseOrders": [vendor]})


async def test_all_new_orders_come_with_what_an_acknowledgement_takes_and_nothing_else(local, era):
    async with local.client(era) as client:
        answer = data_of(await client.call_tool(COLLECT, {"purchaseOrderState": "New"}))
        whole = data_of(await client.call_tool("vendor_orders_get_purchase_order", {"purchaseOrderNumber": "4Z32PABC"}))
    assert sorted(numbers(answer)) == ["4Z32PABC", "5K81QDEF", "6M44RGHI"]
    assert answer["complete"] is True
    assert "continueFrom" not in answer
    (mine,) = [order for order in answer["orders"] if order["purchaseOrderNumber"] == "4Z32PABC"]
    details = whole["payload"]["orderDetails"]
    assert mine["items"] == details["items"]
    assert mine["sellingParty"] == details["sellingParty"]
    assert mine["shipTo"] == details["shipToParty"]["partyId"]
    assert len(json.dumps(mine)) < 0.75 * len(json.dumps(whole["payload"]))


async def test_a_longer_time_is_split_into_windows_of_seven_days_that_overlap_and_each_order_told_once(make_world, era):
    vendor = Vendor(
        {
            "2026-03-31T23:59:59Z": ["A", "B", "C"],
            "2026-04-07T23:59:58Z": ["C", "D"],
            "2026-04-14T23:59:57Z": [],
        }
    )
    call = {"createdAfter": "2026-04-01T00:00:00Z", "createdBefore": "2026-04-20T00:00:00Z", "orderingVendorCode": "V1"}
    async with make_world(wired(vendor)).client(era) as client:
        answer = data_of(await client.call_tool(COLLECT, call))
    assert numbers(answer) == ["A", "B", "C", "D"]
    fixed = {"includeDetails": "true", "limit": "100", "orderingVendorCode": "V1"}
    windows = [
        ("2026-03-31T23:59:59Z", "2026-04-07T23:59:59Z", None),
        ("2026-03-31T23:59:59Z", "2026-04-07T23:59:59Z", "2"),
        ("2026-04-07T23:59:58Z", "2026-04-14T23:59:58Z", None),
        ("2026-04-14T23:59:57Z", "2026-04-20T00:00:01Z", None),
    ]
    assert vendor.queries == [
        {**fixed, "createdAfter": after, "createdBefore": before, **({"nextToken": token} if token else {})}
        for after, before, token in windows
    ]


@pytest.mark.parametrize("end", [{}, {"createdBefore": "2999-01-01T00:00:00Z"}])
async def test_a_time_ends_now_at_the_latest_in_utc(make_world, end):
    vendor = Vendor({"2026-05-01T18:29:59Z": ["A"]})
    async with make_world(wired(vendor)).client() as client:
        data_of(await client.call_tool(COLLECT, {"createdAfter": "2026-05-02T00:00:00+05:30", **end}))
    assert [query["createdBefore"] for query in vendor.queries] == ["2026-05-04T09:30:01Z"]


async def test_orders_that_are_acknowledged_in_between_hide_no_others(make_world, era):
    vendor = Vendor({"": list("ABCDEFGHIJ")})
    found: list[str] = []
    async with make_world(wired(vendor)).client(era) as client:
        answer = data_of(await client.call_tool(COLLECT, {"purchaseOrderState": "New", "limit": 4}))
        while True:
            found += numbers(answer)
            # They are not new any more, and a token would lead past others.
            vendor.windows[""] = [number for number in vendor.windows[""] if number not in numbers(answer)]
            if answer["complete"]:
                break
            answer = data_of(await client.call_tool(COLLECT, {"continueFrom": answer["continueFrom"], "limit": 4}))
    assert found == list("ABCDEFGHIJ")


async def test_a_place_to_continue_from_is_short_and_good_for_another_process(make_world):
    vendor = Vendor({"": [f"PO{n:06}" for n in range(400)]})
    world = make_world(wired(vendor), SP_MCP_RESULT_TOKENS="100000")
    async with world.client() as client:
        answer = data_of(await client.call_tool(COLLECT, {"purchaseOrderState": "New", "limit": 300}))
    assert len(answer["continueFrom"]) <= 16
    async with world.client() as client:
        rest = data_of(await client.call_tool(COLLECT, {"continueFrom": answer["continueFrom"]}))
        assert len(rest["orders"]) == 100
        world.clock.advance(3601)
        late = await client.call_tool(COLLECT, {"continueFrom": answer["continueFrom"]})
    assert "not from an answer of the last hour" in text_of(late)


async def test_pages_without_an_end_are_left_when_the_time_is_up(make_world):
    async def endless(request: httpx.Request) -> Any:
        world.clock.advance(1)
        return {"payload": {"orders": [], "pagination": {"nextToken": f"{request.url.params.get('nextToken', '')}x"}}}

    world = make_world(Wire({"/purchaseOrders": [endless]}), SP_MCP_MAX_WAIT="20")
    async with world.client() as client:
        result = await client.call_tool(COLLECT, {"purchaseOrderState": "New"})
    assert data_of(result)["complete"] is False
    assert "The time of one call was not enough for all orders" in text_of(result)
    assert len(world.wire.requests("/purchaseOrders")) < 25


async def test_a_server_that_does_not_wait_for_turns_still_gets_through_the_pages(make_world):
    vendor = Vendor({"": list("ABCDEFGH")})
    async with make_world(wired(vendor), SP_MCP_MAX_WAIT="0").client() as client:
        answer = data_of(await client.call_tool(COLLECT, {"purchaseOrderState": "New"}))
    assert numbers(answer) == list("ABCDEFGH")


async def test_a_page_that_names_itself_as_the_next_is_the_last(make_world):
    page = {"payload": {"orders": [order("A")], "pagination": {"nextToken": "same"}}}
    world = make_world(Wire({"/purchaseOrders": [page]}))
    async with world.client() as client:
        assert numbers(data_of(await client.call_tool(COLLECT, {"purchaseOrderState": "New"}))) == ["A"]
    assert len(world.wire.requests("/purchaseOrders")) == 2


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
async def test_from_the_limit_on_it_continues_without_losing_or_repeating_an_order(make_world, era, limit):
    vendor = Vendor({"2026-04-24T23:59:59Z": ["A", "B", "C", "D", "E"], "2026-05-01T23:59:58Z": ["E", "F", "G"]})
    found: list[str] = []
    async with make_world(wired(vendor)).client(era) as client:
        result = await client.call_tool(COLLECT, {"createdAfter": "2026-04-25T00:00:00Z", "limit": limit})
        while True:
            answer = data_of(result)
            found += numbers(answer)
            if answer["complete"]:
                break
            assert len(answer["orders"]) == limit
            assert f"Stopped at the limit of {limit}" in text_of(result)
            again = {"continueFrom": answer["continueFrom"], "limit": limit}
            result = await client.call_tool(COLLECT, again)
    assert found == list("ABCDEFG")


async def test_what_was_found_before_a_failure_is_told_and_where_it_goes_on(make_world):
    page = {"payload": {"orders": [order("A")], "pagination": {"nextToken": "2"}}}
    last = {"payload": {"orders": [order("A"), order("B")]}}
    world = make_world(Wire({"/purchaseOrders": [page, refusal(400, "InvalidInput", "bad token"), last]}))
    async with world.client() as client:
        result = await client.call_tool(COLLECT, {"purchaseOrderState": "New"})
        answer = data_of(result)
        assert numbers(answer) == ["A"]
        assert not answer["complete"]
        assert (
            "The other orders could not be read now. vendor_orders_get_purchase_orders: Amazon answered 400"
            in text_of(result)
        )
        rest = data_of(await client.call_tool(COLLECT, {"continueFrom": answer["continueFrom"]}))
    assert numbers(rest) == ["B"]
    assert rest["complete"]


async def test_a_failure_before_anything_was_found_is_a_failure(make_world):
    world = make_world(Wire({"/purchaseOrders": [refusal(403, "Unauthorized")]}))
    async with world.client() as client:
        result = await client.call_tool(COLLECT, {"purchaseOrderState": "New"})
    assert result.is_error
    assert "vendor_orders_get_purchase_orders: Amazon answered 403" in text_of(result)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({}, "give purchaseOrderState, createdAfter or both"),
        ({"purchaseOrderState": "Open"}, "purchaseOrderState"),
        (
            {"purchaseOrderState": "New", "createdBefore": "2026-05-01T00:00:00Z"},
            "can be given only together with createdAfter",
        ),
        (
            {"createdAfter": "2026-05-01T00:00:00Z", "createdBefore": "2026-05-01T00:00:00Z"},
            "createdBefore is not after createdAfter",
        ),
        ({"createdAfter": "2025-05-01T00:00:00Z"}, "lists purchase orders of the past six months only"),
        ({"createdAfter": "2027-05-01T00:00:00Z"}, "is in the future"),
        ({"continueFrom": "page 2"}, "continueFrom is not from an answer"),
        ({"continueFrom": "x", "purchaseOrderState": "New"}, "with continueFrom, send no other argument than limit"),
        ({"purchaseOrderState": "New", "limit": 501}, "limit"),
    ],
)
async def test_what_makes_no_sense_is_told_before_amazon_is_asked(make_world, call, words):
    vendor = Vendor({})
    async with make_world(wired(vendor)).client() as client:
        result = await client.call_tool(COLLECT, call)
    assert result.is_error
    assert words in text_of(result), text_of(result)
    assert vendor.queries == []


async def acknowledge(client: Any, number: str, code: str = "Accepted", amount: int = 6) -> str:
    """Answers every line of a practice order and returns the transaction."""
    (found,) = [
        order
        for order in data_of(await client.call_tool(COLLECT, {"createdAfter": "2026-04-20T00:00:00Z"}))["orders"]
        if order["purchaseOrderNumber"] == number
    ]
    items = [
        {
            **{name: value for name, value in item.items() if name != "isBackOrderAllowed"},
            "itemAcknowledgements": [
                {
                    "acknowledgementCode": code,
                    "acknowledgedQuantity": item["orderedQuantity"],
                    **({"rejectionReason": "TemporarilyUnavailable"} if code == "Rejected" else {}),
                }
            ],
        }
        for item in found["items"]
    ]
    entry = {
        "purchaseOrderNumber": number,
        "sellingParty": found["sellingParty"],
        "acknowledgementDate": "2026-05-04T09:30:00Z",
        "items": items,
    }
    result = await client.call_tool(SUBMIT, {"acknowledgements": [entry]})
    return str(data_of(result)["payload"]["transactionId"])


@pytest.mark.parametrize("code", ["Accepted", "Rejected"])
async def test_the_orders_decide_also_where_the_transaction_stays_in_processing(local, era, code):
    async with local.client(era, Person()) as client:
        first = await acknowledge(client, "5K81QDEF", code)
        stuck = await acknowledge(client, "4Z32PABC", code)
        local.clock.advance(PROCESSING_SECONDS)
        done = await client.call_tool(FOLLOW, {"transactionId": first, "purchaseOrderNumbers": ["5K81QDEF"]})
        assert data_of(done)["transactionStatus"] == "Success"
        assert data_of(done)["orders"][0]["applied"] is True
        result = await client.call_tool(FOLLOW, {"transactionId": stuck, "purchaseOrderNumbers": ["4Z32PABC"]})
    answer = data_of(result)
    assert answer["transactionStatus"] == "Processing"
    assert answer["orders"][0]["applied"] is True
    assert [line["confirmationStatus"] for line in answer["orders"][0]["lines"]] == [code.upper()] * 2
    assert "took effect for 4Z32PABC.\nThe transaction still shows Processing" in text_of(result)


def status(number: str, confirmation: str, accepted: int = 0, date: str = "2026-05-04T09:30:00Z") -> dict[str, Any]:
    quantity = {"amount": accepted, "unitOfMeasure": "Eaches"}
    line = {
        "itemSequenceNumber": "1",
        "acknowledgementStatus": {
            "confirmationStatus": confirmation,
            "acceptedQuantity": quantity,
            "rejectedQuantity": {**quantity, "amount": 0},
            "acknowledgementStatusDetails": [{"acknowledgementDate": date}],
        },
    }
    return {"payload": {"ordersStatus": [{"purchaseOrderNumber": number, "itemStatus": [line]}]}}


def transaction(state: str, **more: Any) -> dict[str, Any]:
    return {"payload": {"transactionStatus": {"transactionId": "t-1", "status": state, **more}}}


async def followed(make_world: Any, shown: Any, state: Any, *, answered: bool = False) -> Any:
    answers = {
        "/acknowledgements": [{"payload": {"transactionId": "t-1"}}],
        "/purchaseOrdersStatus": [shown],
        "/transactions/t-1": [state],
    }
    world = make_world(Wire(answers))
    async with world.client(person=Person()) as client:
        if answered:
            data_of(await client.call_tool(SUBMIT, {"acknowledgements": [ACKNOWLEDGEMENT]}))
        return await client.call_tool(FOLLOW, {"transactionId": "t-1", "purchaseOrderNumbers": ["4Z32PABC"]})


async def test_what_is_not_to_be_seen_yet_may_still_come(make_world):
    result = await followed(make_world, status("4Z32PABC", "UNCONFIRMED"), transaction("Processing"), answered=True)
    assert data_of(result)["orders"][0]["applied"] is False
    assert "This can take 30 minutes" in text_of(result)


async def test_a_transaction_that_failed_tells_amazons_reasons(make_world):
    state = transaction("Failure", errors=[{"code": "NotAvailable", "message": "No."}])
    result = await followed(make_world, status("4Z32PABC", "UNCONFIRMED"), state)
    assert data_of(result)["transactionErrors"] == [{"code": "NotAvailable", "message": "No."}]
    assert "the transaction failed" in text_of(result)
    assert "30 minutes" not in text_of(result)


async def test_another_answer_than_the_recorded_one_is_not_called_applied(make_world):
    other = status("4Z32PABC", "ACCEPTED", 999)
    result = await followed(make_world, other, transaction("Success"), answered=True)
    assert "applied" not in data_of(result)["orders"][0]
    assert "It is unclear whether the acknowledgement took effect for 4Z32PABC" in text_of(result)


async def test_without_a_record_of_its_own_an_answer_is_not_called_the_one_that_is_meant(make_world):
    result = await followed(make_world, status("4Z32PABC", "ACCEPTED", 999), transaction("Processing"))
    assert "applied" not in data_of(result)["orders"][0]
    assert "has no record of an acknowledgement" in text_of(result)
    assert "took effect" not in text_of(result)


async def test_of_a_transaction_that_failed_nothing_is_said_to_have_taken_effect(make_world):
    failed = transaction("Failure", errors=[{"code": "NotAvailable", "message": "No."}])
    for answered in (True, False):
        result = await followed(make_world, status("4Z32PABC", "ACCEPTED", 8), failed, answered=answered)
        assert "may show an earlier answer" in text_of(result)
        assert "took effect" not in text_of(result)


async def test_one_order_that_cannot_be_read_does_not_keep_back_the_others(make_world):
    answers = {"/purchaseOrdersStatus": [status("4Z32PABC", "UNCONFIRMED"), refusal(404, "NotFound")]}
    async with make_world(Wire(answers)).client() as client:
        result = await client.call_tool(FOLLOW, {"purchaseOrderNumbers": ["4Z32PABC", "OTHER"]})
    assert data_of(result)["orders"][0]["applied"] is False
    assert "OTHER could not be read. vendor_orders_get_purchase_orders_status: Amazon answered 404" in text_of(result)


async def test_a_backordered_line_is_said_to_show_no_more_than_that_it_was_answered(make_world):
    ten = ACKNOWLEDGEMENT["items"][0]["orderedQuantity"]
    accepted = [{"acknowledgementCode": "Accepted", "acknowledgedQuantity": ten}]
    plain = {**ACKNOWLEDGEMENT["items"][0], "itemAcknowledgements": accepted}
    later = {
        **plain,
        "itemSequenceNumber": "2",
        "itemAcknowledgements": [
            {
                "acknowledgementCode": "Backordered",
                "acknowledgedQuantity": plain["orderedQuantity"],
                "scheduledShipDate": "2027-05-01T00:00:00Z",
            }
        ],
    }
    shown = status("4Z32PABC", "ACCEPTED", 10)
    lines = shown["payload"]["ordersStatus"][0]["itemStatus"]
    for confirmation, applied in (("ACCEPTED", True), ("UNCONFIRMED", None)):
        second = {"itemSequenceNumber": "2", "acknowledgementStatus": {"confirmationStatus": confirmation}}
        lines[1:] = [second]
        answers = {
            "/acknowledgements": [{"payload": {"transactionId": "t-1"}}],
            "/purchaseOrdersStatus": [shown],
            "/transactions/t-1": [transaction("Success")],
        }
        world = make_world(Wire(answers), SP_MCP_REPEAT_WINDOW="0")
        async with world.client(person=Person()) as client:
            entry = {**ACKNOWLEDGEMENT, "items": [plain, later]}
            data_of(await client.call_tool(SUBMIT, {"acknowledgements": [entry]}))
            result = await client.call_tool(FOLLOW, {"purchaseOrderNumbers": ["4Z32PABC"]})
        assert data_of(result)["orders"][0].get("applied") is applied
        assert (
            "For backordered lines of 4Z32PABC Amazon shows that they were answered, but neither the code nor the date"
            in text_of(result)
        )


async def test_a_transaction_that_cannot_be_read_leaves_the_orders_to_decide(make_world):
    result = await followed(make_world, status("4Z32PABC", "UNCONFIRMED"), refusal(404, "NotFound"))
    answer = data_of(result)
    assert "transactionStatus" not in answer
    assert answer["orders"][0]["applied"] is False
    assert "The transaction could not be read" in text_of(result)


async def test_an_order_that_amazon_shows_no_status_of_is_named(make_world):
    result = await followed(make_world, {"payload": {"ordersStatus": []}}, transaction("Success"))
    assert data_of(result)["orders"] == [{"purchaseOrderNumber": "4Z32PABC", "lines": []}]
    assert "Amazon returned no status for 4Z32PABC" in text_of(result)


async def test_the_status_of_another_order_is_not_taken_for_this_one(make_world):
    result = await followed(make_world, status("OTHER", "ACCEPTED", 1), transaction("Success"))
    assert data_of(result)["orders"][0]["lines"] == []
