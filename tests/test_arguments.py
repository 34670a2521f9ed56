"""Arguments: what is refused and how it is told, what is read leniently, and what reaches the wire."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sp_mcp.request.arguments import InvalidArguments, read
from sp_mcp.request.redaction import redacted, subjects
from tests.calls import ANSWERS, GOOD, IN, MESSAGE, OPERATIONS, ORDER, SLOT, WORKFLOWS
from tests.fakes import Person, Wire, text_of
from tests.rules import holds_async

pytestmark = pytest.mark.anyio

ACK = "vendor_orders_submit_acknowledgement"
SLOTS = "easy_ship_list_handover_slots"
SCHEDULE = "easy_ship_create_scheduled_package"
TELL = "messaging_create_confirm_delivery_details"


def acknowledgement(**changes: Any) -> dict[str, Any]:
    """The good acknowledgement with its only line changed."""
    call: dict[str, Any] = json.loads(json.dumps(GOOD[ACK]))
    call["acknowledgements"][0]["items"][0].update(changes)
    return call


def answer(code: str, amount: int) -> dict[str, Any]:
    return {
        "acknowledgementCode": code,
        "acknowledgedQuantity": {"amount": amount, "unitOfMeasure": "Eaches", "unitSize": 1},
    }


LINE = "acknowledgements[0].items[0]"

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (SCHEDULE, {}, "amazonOrderId: required, e.g. 403-1234567-1234567"),
    (
        SCHEDULE,
        {**GOOD[SCHEDULE], "packageDetails": {}},
        f"packageDetails.packageTimeSlot: required, an object with slotId; take it from {SLOTS}",
    ),
    (SCHEDULE, {"amazon_order_id": ORDER}, "amazon_order_id: unknown; did you mean amazonOrderId?"),
    (
        SCHEDULE,
        {"packageTimeSlot": SLOT},
        "packageTimeSlot: unknown here; it belongs to packageDetails.packageTimeSlot",
    ),
    (SCHEDULE, {"slot_id": "x"}, "slot_id: unknown here; it belongs to packageDetails.packageTimeSlot.slotId"),
    (ACK, {"netCost": {}}, "netCost: unknown here; it belongs to acknowledgements[].items[].netCost"),
    (ACK, {}, "acknowledgements: required, a list of objects with purchaseOrderNumber, sellingParty"),
    (ACK, {"acknowledgements": {}}, "acknowledgements: must be a list of objects with purchaseOrderNumber"),
    (SLOTS, {}, "packageDimensions: required, an object with length, width, height, unit"),
    (
        SCHEDULE,
        {**GOOD[SCHEDULE], "marketplaceId": "IN"},
        "is a country code; the marketplace of India is A21TJRUUN4KGV",
    ),
    (
        SCHEDULE,
        {**GOOD[SCHEDULE], "packageDetails": {"packageTimeSlot": {**SLOT, "endTime": "2026-05-05T09:00:00+05:30"}}},
        "packageDetails.packageTimeSlot: endTime is earlier than startTime",
    ),
    (SCHEDULE, {**GOOD[SCHEDULE], "packageDetails": [0] * 60_000}, "the call is too large"),
    (SCHEDULE, {**GOOD[SCHEDULE], "packageDetails": json.dumps([[0] * 60_000])}, "packageDetails: is too large"),
    (SCHEDULE, {f"x{n}": 1 for n in range(5_000)}, "… and 4978 more"),
    (TELL, {**MESSAGE, "text": "half \ud800"}, "text: holds half a character"),
    (TELL, {**MESSAGE, "text": "a <br/> b"}, "text: must be plain text"),
    (TELL, {**MESSAGE, "text": "a &amp; b"}, "text: must be plain text"),
    (ACK, {"acknowledgements": [*GOOD[ACK]["acknowledgements"] * 2]}, "order 4Z32PABC appears twice"),
    (
        ACK,
        {
            "acknowledgements": [
                {**GOOD[ACK]["acknowledgements"][0], "items": GOOD[ACK]["acknowledgements"][0]["items"] * 2}
            ]
        },
        "acknowledgements[0]: line 1 appears twice",
    ),
    (
        ACK,
        acknowledgement(itemAcknowledgements=[{**answer("Accepted", 1), "rejectionReason": "ObsoleteProduct"}]),
        "rejectionReason can be given only with Rejected",
    ),
    (
        ACK,
        acknowledgement(
            itemAcknowledgements=[
                {
                    "acknowledgementCode": "Accepted",
                    "acknowledgedQuantity": {"amount": 2, "unitOfMeasure": "Cases", "unitSize": 6},
                }
            ]
        ),
        "the answers add up to 12, but only 10 were ordered",
    ),
    (
        ACK,
        acknowledgement(
            orderedQuantity={"amount": 10, "unitOfMeasure": "Cases", "unitSize": 6},
            itemAcknowledgements=[
                {
                    "acknowledgementCode": "Accepted",
                    "acknowledgedQuantity": {"amount": 11, "unitOfMeasure": "Cases"},
                }
            ],
        ),
        "the answers add up to 11, but only 10 were ordered",
    ),
    (ACK, acknowledgement(orderedQuantity={"amount": 10**30}), "orderedQuantity.amount: must be 2147483647 or less"),
    (
        ACK,
        acknowledgement(netCost={"currencyCode": "USD", "amount": "1\u0662"}),
        f"{LINE}.netCost.amount: does not have the right form",
    ),
    (
        "vendor_orders_get_purchase_orders",
        {"createdAfter": "２026-05-01T00:00:00Z"},
        "createdAfter: must be a date with a time",
    ),
    (
        SCHEDULE,
        {**GOOD[SCHEDULE], "confirm": True},
        "confirm: unknown; known here: amazonOrderId, marketplaceId",
    ),
    (
        SCHEDULE,
        {**GOOD[SCHEDULE], "packageDetails": {"packageTimeSlot": {**SLOT, "slotID": "x"}}},
        "packageDetails.packageTimeSlot.slotID: unknown; did you mean slotId?",
    ),
    (SCHEDULE, {**GOOD[SCHEDULE], "packageDetails": "soon"}, "packageDetails: must be an object"),
    (
        SCHEDULE,
        {**GOOD[SCHEDULE], "packageDetails": '{"packageTimeSlot": '},
        "packageDetails: must be an object",
    ),
    (
        SCHEDULE,
        {**GOOD[SCHEDULE], "packageDetails": {"packageTimeSlot": {**SLOT, "startTime": "tomorrow"}}},
        "packageDetails.packageTimeSlot.startTime: must be a date with a time, such as",
    ),
    (
        SCHEDULE,
        {
            **GOOD[SCHEDULE],
            "packageDetails": {"packageTimeSlot": {**SLOT, "startTime": "2026-02-30T10:00:00Z"}},
        },
        "startTime: is not a day and time that exists",
    ),
    (
        SLOTS,
        {**GOOD[SLOTS], "packageWeight": {"value": 10, "unit": "g"}},
        "packageWeight.value: must be 11 or more. Easy Ship takes no parcel under 11 g, packing included. Ask",
    ),
    (
        SLOTS,
        {**GOOD[SLOTS], "packageDimensions": {"length": 8, "width": 4, "height": 2, "unit": "in"}},
        "packageDimensions.unit: must be 'cm'. Convert inches to cm.",
    ),
    ("sellers_get_account", {"marketplaceId": IN}, "marketplaceId: unknown; this tool takes no arguments"),
    (
        SLOTS,
        {**GOOD[SLOTS], "packageWeight": {"value": 1, "unit": "kg"}},
        "packageWeight.unit: must be one of 'grams' or 'g'",
    ),
    (
        SLOTS,
        {**GOOD[SLOTS], "packageWeight": {"value": True, "unit": "g"}},
        "packageWeight.value: must be a number",
    ),
    (
        SLOTS,
        {**GOOD[SLOTS], "packageDimensions": {"length": "long", "width": 1, "height": 1, "unit": "cm"}},
        "packageDimensions.length: must be a number",
    ),
    (TELL, {**MESSAGE, "text": "x" * 2001}, "text: at most 2000 characters; this has 2001"),
    (TELL, {**MESSAGE, "text": ""}, "text: must not be empty"),
    (TELL, {**MESSAGE, "text": "  "}, "text: must not be blank"),
    (TELL, {**MESSAGE, "text": "Hello <b>you</b>"}, "text: must be plain text; Amazon does not allow HTML"),
    (TELL, {**MESSAGE, "text": "Write to me@example.com"}, "text: must not hold an e-mail address"),
    (TELL, {**MESSAGE, "text": 5}, "text: must be text"),
    (TELL, {**MESSAGE, "marketplaceIds": [IN, IN], "text": "x"}, "marketplaceIds: has 2 entries; at most 1"),
    (TELL, {**MESSAGE, "marketplaceIds": [], "text": "x"}, "marketplaceIds: has 0 entries; at least 1"),
    (
        TELL,
        {**MESSAGE, "amazonOrderId": "../../tokens", "text": "x"},
        "amazonOrderId: does not have the right form",
    ),
    (TELL, {**MESSAGE, "amazonOrderId": "..", "text": "x"}, "amazonOrderId: does not have the right form"),
    (TELL, {**MESSAGE, "amazonOrderId": "a/b", "text": "x"}, "amazonOrderId: does not have the right form"),
    (TELL, {**MESSAGE, "amazonOrderId": "a%2Fb", "text": "x"}, "amazonOrderId: does not have the right form"),
    (
        TELL,
        {**MESSAGE, "amazonOrderId": "403-1\n", "text": "x"},
        "amazonOrderId: does not have the right form",
    ),
    (
        "vendor_orders_get_purchase_order",
        {"purchaseOrderNumber": "..%2f.."},
        "purchaseOrderNumber: does not have",
    ),
    ("messaging_send_invoice", MESSAGE, "attachments: required"),
    (
        "messaging_send_invoice",
        {**MESSAGE, "attachments": [{"fileName": "a"}] * 6},
        "attachments: has 6 entries; at most 5",
    ),
    ("messaging_create_digital_access_key", MESSAGE, "give text, attachments or both"),
    ("vendor_orders_get_purchase_orders", {"limit": 101}, "limit: must be 100 or less"),
    ("vendor_orders_get_purchase_orders", {"limit": "many"}, "limit: must be a whole number"),
    ("vendor_orders_get_purchase_orders", {"limit": 1.5}, "limit: must be a whole number"),
    ("vendor_orders_get_purchase_orders", {"limit": 10**400}, "limit: must be 100 or less"),
    ("vendor_orders_get_purchase_orders", {"isPOChanged": "maybe"}, "isPOChanged: must be true or false"),
    (
        "vendor_orders_get_purchase_orders",
        {"updatedAfter": "2026-05-01T00:00:00Z"},
        "updatedAfter: unknown; did you mean",
    ),
    (
        "vendor_orders_get_purchase_orders",
        {"createdAfter": "2026-05-01T00:00:00Z", "createdBefore": "2026-05-09T00:00:00Z"},
        "more than 7 days apart",
    ),
    (
        "vendor_orders_get_purchase_orders",
        {"changedAfter": "2026-05-02T00:00:00Z", "changedBefore": "2026-05-01T00:00:00"},
        "changedBefore is earlier",
    ),
    (
        "vendor_orders_get_purchase_orders_status",
        {"updatedAfter": "2026-05-01T00:00:00Z", "updatedBefore": "2026-05-09T00:00:00Z"},
        "more than 7 days apart",
    ),
    (ACK, {"acknowledgements": []}, "acknowledgements: has 0 entries; at least 1"),
    (ACK, acknowledgement(netCost=None), f"{LINE}.netCost: must be an object"),
    (
        ACK,
        acknowledgement(netCost={"currencyCode": "USD", "amount": 12.5}),
        f"{LINE}.netCost.amount: must be text",
    ),
    (
        ACK,
        acknowledgement(netCost={"currencyCode": "USD", "amount": "0.00"}),
        f"{LINE}.netCost.amount: must be more than 0",
    ),
    (
        ACK,
        acknowledgement(netCost={"currencyCode": "USD", "amount": "12,50"}),
        f"{LINE}.netCost.amount: does not have",
    ),
    (
        ACK,
        acknowledgement(itemAcknowledgements=[answer("Accepted", 0)]),
        "must be 1 or more for Accepted and Backordered",
    ),
    (
        ACK,
        acknowledgement(itemAcknowledgements=[answer("Accepted", 8), answer("Backordered", 3)]),
        f"{LINE}: the answers add up to 11, but only 10 were ordered",
    ),
    (ACK, acknowledgement(itemSequenceNumber=None, vendorProductIdentifier=None), f"{LINE}: name the line"),
    (
        ACK,
        acknowledgement(itemAcknowledgements=[answer("Maybe", 1)]),
        "acknowledgementCode: must be one of 'Accepted', 'Backordered' or 'Rejected'",
    ),
]


@pytest.mark.parametrize(("name", "arguments", "line"), REFUSED, ids=lambda value: str(value)[:40])
async def test_bad_arguments_are_refused_with_a_line_that_teaches_and_nothing_is_sent(
    make_world, name, arguments, line
):
    world = make_world(Wire({"": [{}]}))
    async with world.client(person=Person()) as client:
        result = await client.call_tool(name, arguments)
    assert result.is_error
    assert result.structured_content is None
    assert line in text_of(result)
    assert "Nothing was sent" in text_of(result)
    assert "Traceback" not in text_of(result)
    assert world.wire.seen == []


async def test_all_problems_of_a_call_are_told_at_once(make_world):
    world = make_world(Wire())
    async with world.client() as client:
        text = text_of(
            await client.call_tool(SLOTS, {"amazonOrderId": "a/b", "packageWeight": {"value": 1}, "color": 1})
        )
    assert len(text.splitlines()) == 7
    assert [line.split(":")[0] for line in text.splitlines()[1:]] == [
        "marketplaceId",
        "amazonOrderId",
        "packageDimensions",
        "packageWeight.value",
        "packageWeight.unit",
        "color",
    ]


async def test_megabyte_strings_everywhere_are_refused_in_a_short_text_that_does_not_repeat_them(make_world):
    world = make_world(Wire())
    huge = "Zq" * 500_000

    async def rule(name: str) -> None:
        schema = OPERATIONS[name].request.model_json_schema()
        async with world.client(person=Person()) as client:
            result = await client.call_tool(name, {**dict.fromkeys(schema["properties"], huge), huge: huge})
        assert result.is_error
        assert len(text_of(result)) < 4000
        assert "ZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZqZq" not in text_of(result)
        assert world.wire.seen == []

    await holds_async(OPERATIONS, rule)


LENIENT: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        SCHEDULE,
        {"packageDetails": json.dumps({"packageTimeSlot": SLOT})},
        {"packageDetails": {"packageTimeSlot": SLOT}},
    ),
    (
        SCHEDULE,
        {"packageDetails": {"packageTimeSlot": {**SLOT, "handoverMethod": "Pickup"}}},
        {"packageDetails": {"packageTimeSlot": SLOT}},
    ),
    (
        SLOTS,
        {"packageDimensions": {"length": 1, "width": 2, "height": 3, "unit": "Cm"}},
        {"packageDimensions": {"length": 1, "width": 2, "height": 3, "unit": "cm"}},
    ),
    (
        SLOTS,
        {"packageWeight": {"value": "500", "unit": "GRAMS"}},
        {"packageWeight": {"value": 500, "unit": "grams"}},
    ),
    (TELL, {"marketplaceIds": IN}, {"marketplaceIds": [IN]}),
    (TELL, {"marketplaceIds": f'["{IN}"]'}, {"marketplaceIds": [IN]}),
    (
        "vendor_orders_get_purchase_orders",
        {"isPOChanged": "True", "sortOrder": "asc", "nextToken": None},
        {"isPOChanged": True, "sortOrder": "ASC"},
    ),
]


@pytest.mark.parametrize(("name", "arguments", "sent"), LENIENT, ids=lambda value: str(value)[:40])
def test_casing_json_in_strings_and_null_are_read_leniently(name, arguments, sent):
    wire = read(OPERATIONS[name].request, {**GOOD[name], **arguments}, defaults={}).wire
    assert {key: wire[key] for key in sent} == sent
    assert None not in wire.values()


def test_dates_pass_through_as_given():
    given = {"createdAfter": "2019-08-20T14:00:00", "createdBefore": "2019-08-21T14:00:00.500+02:00"}
    assert read(OPERATIONS["vendor_orders_get_purchase_orders"].request, given, defaults={}).wire == given


def _in_body(name: str) -> bool:
    return name not in ("amazonOrderId", "marketplaceIds")


def test_in_amazons_sandbox_a_long_window_is_a_warning():
    given = {"createdAfter": "2019-08-20T14:00:00", "createdBefore": "2019-09-21T14:00:00"}
    reading = read(OPERATIONS["vendor_orders_get_purchase_orders"].request, given, defaults={}, forgiven=_in_body)
    assert reading.wire == given
    assert "7 days" in str(reading.warnings[0])


async def test_the_configured_marketplace_fills_in_and_is_then_not_required(make_world, era):
    world = make_world(Wire({path: [a] for path, a in ANSWERS.items()}), SP_API_MARKETPLACE_ID=IN)
    async with world.client(era) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert tools["easy_ship_get_scheduled_package"].input_schema["required"] == ["amazonOrderId"]
        assert tools["messaging_get_attributes"].input_schema["required"] == ["amazonOrderId"]
        await client.call_tool("easy_ship_get_scheduled_package", {"amazonOrderId": ORDER})
        await client.call_tool("messaging_get_attributes", {"amazonOrderId": ORDER, "marketplaceIds": []})
    assert [dict(r.url.params) for r in world.wire.requests()] == [
        {"amazonOrderId": ORDER, "marketplaceId": IN},
        {"marketplaceIds": IN},
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=12,
)


def _put(node: Any, path: list[int], value: Any) -> Any:
    """The same JSON with `value` in the place that the numbers of `path` lead to."""
    if not path or not isinstance(node, dict | list) or not node:
        return value
    keys = sorted(node) if isinstance(node, dict) else range(len(node))
    chosen = keys[path[0] % len(keys)]
    changed = {key: node[key] for key in keys}
    changed[chosen] = _put(node[chosen], path[1:], value)
    return changed if isinstance(node, dict) else list(changed.values())


def _read_or_refused(name: str, arguments: Any) -> None:
    lines = None
    try:
        if name in OPERATIONS:
            operation = OPERATIONS[name]
            reading = read(operation.request, arguments, defaults={})
            operation.to_request(reading.wire)
            json.dumps([redacted(operation.request, reading.wire), subjects(operation.request, reading.wire)])
        else:
            read(WORKFLOWS[name].request, arguments, defaults={})
    except InvalidArguments as error:
        lines = error.lines
    assert lines is None or all(lines)


NAMES = st.sampled_from([*sorted(OPERATIONS), *sorted(WORKFLOWS)])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_json_is_read_or_refused_and_never_breaks(data):
    name = data.draw(NAMES)
    request = OPERATIONS[name].request if name in OPERATIONS else WORKFLOWS[name].request
    keys = st.sampled_from([*sorted(request.model_fields), "stranger"]) | st.text(max_size=20)
    _read_or_refused(name, {**GOOD.get(name, {}), **data.draw(st.dictionaries(keys, JSON, max_size=4))})


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(OPERATIONS)), path=st.lists(st.integers(0, 9), max_size=7), value=JSON)
def test_any_json_in_any_place_of_a_good_call_is_read_or_refused_and_never_breaks(name, path, value):
    changed = _put(GOOD[name], path, value)
    _read_or_refused(name, changed if isinstance(changed, dict) else {"text": changed})


async def test_an_internal_fault_tells_its_kind_and_not_the_callers_data(make_world, era, monkeypatch, caplog):
    world = make_world(Wire())
    nothing: dict[str, Any] = {}
    caplog.set_level(logging.DEBUG, "sp_mcp")
    monkeypatch.setattr("sp_mcp.operation.Operation.to_request", lambda *_: nothing["marked-buyer-text"])
    async with world.client(era, Person()) as client:
        text = text_of(await client.call_tool(TELL, GOOD[TELL]))
    assert "internal fault (KeyError)" in text
    assert "Nothing was sent" in text
    assert "marked-buyer-text" not in text


@pytest.mark.parametrize(
    "text",
    [
        "See https://www.youtube.com/@our.channel",
        "If a<b and c>d then",
        "Track it: https://example.com/?a=1&copy=2&x;y",
        "Follow @us, <3",
        "Two boxes, 5@10.50 each",
    ],
)
def test_ordinary_text_is_not_taken_for_html_or_an_address(text):
    assert read(OPERATIONS[TELL].request, {**MESSAGE, "text": text}, defaults={}).wire["text"] == text


def test_in_amazons_sandbox_what_is_missing_in_a_body_is_a_warning_and_what_is_wrong_in_a_path_is_not():
    reading = read(OPERATIONS["messaging_create_digital_access_key"].request, MESSAGE, defaults={}, forgiven=_in_body)
    assert reading.wire == MESSAGE
    assert "give text, attachments or both" in str(reading.warnings[0])
    both: list[dict[str, Any]] = [{"amazonOrderId": "a/b"}, {"marketplaceIds": []}]
    for wrong in both:
        with pytest.raises(InvalidArguments):
            read(OPERATIONS[TELL].request, {**MESSAGE, "text": "x", **wrong}, defaults={}, forgiven=_in_body)


async def test_a_marketplace_in_the_call_wins_over_the_configured_one(make_world):
    world = make_world(Wire({path: [a] for path, a in ANSWERS.items()}), SP_API_MARKETPLACE_ID=IN)
    async with world.client() as client:
        await client.call_tool("messaging_get_attributes", MESSAGE)
    assert world.wire.requests()[0].url.params["marketplaceIds"] == MESSAGE["marketplaceIds"][0]


async def test_on_the_practice_account_a_body_that_breaks_the_model_is_refused(local):
    async with local.client(person=Person()) as client:
        result = await client.call_tool(SCHEDULE, {**GOOD[SCHEDULE], "packageDetails": {"color": "red"}})
    assert "color: unknown" in text_of(result)
    assert list(local.sandbox.received) == []


def test_a_line_called_by_its_number_is_not_the_one_whose_sku_is_that_number():
    line = GOOD[ACK]["acknowledgements"][0]["items"][0]
    by_number = {**line, "itemSequenceNumber": "1", "vendorProductIdentifier": None}
    by_sku = {**line, "itemSequenceNumber": None, "vendorProductIdentifier": "1"}
    order = {**GOOD[ACK]["acknowledgements"][0], "items": [by_number, by_sku]}
    # null says the same as leaving a name out
    assert read(OPERATIONS[ACK].request, {"acknowledgements": [order]}, defaults={}).call is not None
