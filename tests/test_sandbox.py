"""The local Selling Partner, spoken to as any program would: over HTTP, without sp-mcp's client or models."""

from __future__ import annotations

import copy
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from sp_mcp.sandbox.contract import Contract
from sp_mcp.sandbox.practice import (
    AMERICAN_ORDERS,
    ORDERS_TO_SCHEDULE,
    PENDING_ORDER,
    POLISH_ORDERS,
    SCHEDULED_ORDER,
    UPLOADS,
)
from sp_mcp.sandbox.refusals import Refusal
from tests.caller import BULK, LOGIN, ORDER, PACKAGE, POLAND, SIZE, SLOT_LIST, Caller, code
from tests.calls import GOOD, IN, OPERATIONS, US
from tests.fakes import World
from tests.rules import holds_async

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"refresh_token": "wrong"}, 400, "invalid_grant"),
    ],
)
async def test_login_refuses_in_the_shape_of_oauth(caller, change, status, error):
    answer = await caller.http.post("/auth/o2/token", data={**LOGIN, **change})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert "errors" not in answer.json()


async def test_login_takes_a_form_or_json_and_tells_how_long_the_token_lasts(caller):
    for given in ({"data": LOGIN}, {"json": LOGIN}):
        answer = (await caller.http.post("/auth/o2/token", **given)).json()
        assert answer["access_token"].startswith("Atza|")
        assert answer["expires_in"] == 3600
    broken = await caller.http.post("/auth/o2/token", content=b"\xff", headers={"content-type": "application/json"})
    assert broken.json()["error"] == "invalid_request"


async def test_no_token_a_made_up_one_and_an_expired_one_are_all_forbidden(caller):
    query = {"amazonOrderId": ORDER, "marketplaceId": IN}
    for token in ("", "Atza|made-up"):
        answer = await caller.call("GET", PACKAGE, token, params=query)
        assert code(answer) == (403, "Unauthorized")
        assert "missing or invalid" in answer.text
    caller.clock.advance(3600)
    answer = await caller.call("GET", PACKAGE, params=query)
    assert code(answer) == (403, "Unauthorized")
    assert "expired" in answer.text


async def test_the_bulk_operation_needs_a_restricted_token_for_itself(caller):
    body = {"marketplaceId": POLAND, "orderScheduleDetailsList": [{"amazonOrderId": "x"}], "labelFormat": "PDF"}
    assert code(await caller.call("POST", BULK, json=body)) == (403, "Unauthorized")
    elsewhere = await caller.restricted("GET", "/orders/v0/orders")
    assert code(await caller.call("POST", BULK, elsewhere, json=body)) == (403, "Unauthorized")
    assert (await caller.call("POST", BULK, await caller.restricted(), json=body)).status_code == 200


async def test_a_bucket_is_strict_refills_with_time_and_is_its_operations_own():
    caller = Caller(enforce_rates=True)
    await caller.sign_in()
    answers = [await caller.package() for _ in range(6)]
    assert [a.status_code for a in answers] == [404] * 5 + [429]
    assert answers[0].headers["x-amzn-ratelimit-limit"] == "1.0"
    assert code(answers[5]) == (429, "QuotaExceeded")
    assert "x-amzn-ratelimit-limit" not in answers[5].headers
    assert all("x-amzn-requestid" in a.headers for a in answers)
    assert await caller.slots()
    caller.clock.advance(0.9)
    assert (await caller.package()).status_code == 429
    caller.clock.advance(0.1)
    assert (await caller.package()).status_code == 404
    await caller.http.aclose()


def change(body: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    """A copy of a body with one place changed; None takes it out."""
    changed = copy.deepcopy(body)
    *way, last = place.split(".")
    at: Any = changed
    for name in way:
        at = at[int(name) if name.isdigit() else name]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return changed


SCHEDULE_BODY = GOOD["easy_ship_create_scheduled_package"]
ACK_BODY = GOOD["vendor_orders_submit_acknowledgement"]
ACK = "/vendor/orders/v1/acknowledgements"
LINE = "acknowledgements.0.items.0"


@pytest.mark.parametrize(
    ("path", "body", "place", "value"),
    [
        (PACKAGE, SCHEDULE_BODY, "packageDetails.packageTimeSlot.handoverMethod", "Pickup"),
        (PACKAGE, SCHEDULE_BODY, "packageDetails.packageTimeSlot.color", "red"),
        (PACKAGE, SCHEDULE_BODY, "packageDetails.packageTimeSlot.slotId", None),
        (PACKAGE, SCHEDULE_BODY, "packageDetails.packageTimeSlot.slotId", "x" * 256),
        (PACKAGE, SCHEDULE_BODY, "packageDetails.packageTimeSlot.startTime", "tomorrow"),
        (PACKAGE, SCHEDULE_BODY, "packageDetails", "soon"),
        (PACKAGE, SCHEDULE_BODY, "marketplaceId", None),
        (PACKAGE, SCHEDULE_BODY, "confirmationCode", "ABCDEFGH"),
        (SLOT_LIST, GOOD["easy_ship_list_handover_slots"], "packageWeight.value", 10.9),
        (SLOT_LIST, GOOD["easy_ship_list_handover_slots"], "packageWeight.value", "500"),
        (SLOT_LIST, GOOD["easy_ship_list_handover_slots"], "packageDimensions.unit", "Cm"),
        (ACK, ACK_BODY, f"{LINE}.itemAcknowledgements.0.acknowledgementCode", "ACCEPTED"),
        (ACK, ACK_BODY, f"{LINE}.netCost.currencyCode", "EURO"),
        (ACK, ACK_BODY, f"{LINE}.netCost.amount", 12.5),
        (ACK, ACK_BODY, f"{LINE}.orderedQuantity.amount", 1.5),
        (ACK, ACK_BODY, "acknowledgements.0.acknowledgementDate", "2026-05-04"),
        (ACK, ACK_BODY, "acknowledgements.0.sellingParty", {}),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_a_body_that_is_not_what_amazon_documents_is_refused_with_its_place(caller, path, body, place, value):
    answer = await caller.call("POST", path, json=change(body, place, value))
    assert code(answer) == (400, "InvalidInput")
    assert place.split(".")[0] in answer.text or value is None or place in ("color", "confirmationCode")
    assert caller.sandbox.state.effects == []


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 101},
        {"limit": 0},
        {"limit": "many"},
        {"sortOrder": "asc"},
        {"isPOChanged": "True"},
        {"CreatedAfter": "2026-05-01T00:00:00Z"},
        {"createdAfter": "2026-05-01"},
        {"purchaseOrderState": ["New", "Closed"]},
    ],
    ids=str,
)
async def test_a_query_that_is_not_what_amazon_documents_is_refused(caller, query):
    answer = await caller.call("GET", "/vendor/orders/v1/purchaseOrders", params=query)
    assert code(answer) == (400, "InvalidInput")


async def test_strange_paths_methods_and_bodies_are_refused_in_amazons_shape(caller):
    assert code(await caller.call("GET", "/nothing")) == (404, "NotFound")
    assert code(await caller.call("DELETE", PACKAGE)) == (405, "MethodNotAllowed")
    assert code(await caller.call("POST", PACKAGE, content=b"{")) == (400, "InvalidInput")
    assert code(await caller.call("POST", PACKAGE, json=[])) == (400, "InvalidInput")
    query = {"amazonOrderId": ORDER, "marketplaceId": IN}
    assert code(await caller.call("GET", PACKAGE, params=query, json={})) == (400, "InvalidInput")
    unnamed = await caller.http.get(PACKAGE, params=query, headers={"user-agent": ""})
    assert code(unnamed) == (400, "InvalidInput")


async def test_what_sp_mcp_sends_for_every_operation_is_what_amazon_documents(make_world):
    contract = Contract()
    world: World = make_world(SP_MCP_CONFIRM="dangerously-unasked")

    async def rule(name: str) -> None:
        async with world.client() as client:
            await client.call_tool(name, GOOD[name])
        operation = OPERATIONS[name]
        sent = next(r for r in reversed(world.sandbox.received) if r.operation_id == operation.operation_id)
        try:
            # Finds whatever is missing, undeclared, of the wrong type, casing or length.
            contract.arguments(contract.route(sent.method, sent.path), sent.query, sent.body)
        except Refusal as refusal:
            raise AssertionError(str(refusal.error)) from None
        assert sent.token == ("rdt" if operation.endpoint.restricted else "lwa")

    await holds_async(GOOD, rule)


async def test_a_booked_slot_is_seen_by_the_next_read_and_cannot_be_booked_twice(caller):
    assert code(await caller.package()) == (404, "ResourceNotFound")
    slot = (await caller.slots())[1]
    booked = await caller.schedule(slot)
    assert booked.json()["packageTimeSlot"] == slot
    assert booked.json()["packageDimensions"] == SIZE
    assert (await caller.package()).json() == booked.json()
    assert code(await caller.schedule(slot)) == (400, "ScheduledPackageAlreadyExists")
    assert [(e.operation_id, e.subject) for e in caller.sandbox.state.effects] == [("createScheduledPackage", ORDER)]


async def test_a_slot_expires_and_a_slot_of_another_order_is_none(caller):
    slot = (await caller.slots())[0]
    assert code(await caller.schedule(slot, ORDERS_TO_SCHEDULE[1])) == (400, "InvalidTimeSlotId")
    caller.clock.advance(600)
    assert code(await caller.schedule(slot)) == (400, "ScheduleWindowExpired")
    assert (await caller.schedule((await caller.slots())[0])).status_code == 200


async def test_a_slot_is_taken_only_as_it_was_listed(caller):
    slot = (await caller.slots())[0]
    for changed in ({"handoverMethod": "DROPOFF"}, {"startTime": "2026-12-24T10:00:00+05:30"}):
        answer = await caller.schedule({**slot, **changed})
        assert code(answer) == (400, "InvalidInput")
        assert next(iter(changed)) in answer.text
    assert (await caller.schedule({"slotId": slot["slotId"]})).status_code == 200


async def test_orders_that_cannot_be_scheduled_say_why(caller):
    body = {
        "marketplaceId": IN,
        "amazonOrderId": ORDER,
        "packageDimensions": SIZE,
        "packageWeight": {"value": 500, "unit": "g"},
    }
    cases: dict[str, dict[str, Any]] = {
        "InvalidOrderState": {"amazonOrderId": PENDING_ORDER},
        "ResourceNotFound": {"amazonOrderId": AMERICAN_ORDERS[0], "marketplaceId": US},
        "RegionNotSupported": {"amazonOrderId": POLISH_ORDERS[0], "marketplaceId": POLAND},
        "TimeSlotNotAvailable": {"packageWeight": {"value": 31_000, "unit": "g"}},
    }
    for expected, changes in cases.items():
        assert code(await caller.call("POST", SLOT_LIST, json={**body, **changes})) == (404, expected)


async def test_packages_are_moved_all_or_none(caller):
    slot = (await caller.slots(SCHEDULED_ORDER))[2]

    def moves(*orders: str) -> dict[str, Any]:
        list_ = [{"scheduledPackageId": {"amazonOrderId": o}, "packageTimeSlot": slot} for o in orders]
        return {"marketplaceId": IN, "updatePackageDetailsList": list_}

    before = (await caller.package(SCHEDULED_ORDER)).json()
    assert code(await caller.call("PATCH", PACKAGE, json=moves(SCHEDULED_ORDER, ORDER))) == (404, "ResourceNotFound")
    assert (await caller.package(SCHEDULED_ORDER)).json() == before
    moved = await caller.call("PATCH", PACKAGE, json=moves(SCHEDULED_ORDER))
    assert moved.json()["packages"][0]["packageTimeSlot"] == slot
    assert (await caller.package(SCHEDULED_ORDER)).json()["packageTimeSlot"] == slot
    caller.sandbox.state.orders[SCHEDULED_ORDER].package["packageStatus"] = "PickedUp"
    assert code(await caller.call("PATCH", PACKAGE, json=moves(SCHEDULED_ORDER))) == (
        405,
        "OrderNotEligibleForRescheduling",
    )


async def test_the_bulk_operation_books_what_it_can_and_tells_what_it_cannot(caller):
    orders = [{"amazonOrderId": order} for order in (*POLISH_ORDERS, "404-9999999-9999999")]
    body = {"marketplaceId": POLAND, "orderScheduleDetailsList": orders, "labelFormat": "ZPL"}
    token = await caller.restricted()
    answer = (await caller.call("POST", BULK, token, json=body)).json()
    booked = [package["scheduledPackageId"]["amazonOrderId"] for package in answer["scheduledPackages"]]
    assert booked == list(POLISH_ORDERS)
    assert [r["error"]["code"] for r in answer["rejectedOrders"]] == ["ResourceNotFound"]
    packed = ZipFile(BytesIO((await caller.http.get(answer["printableDocumentsUrl"])).content))
    assert f"{POLISH_ORDERS[0]}/label.zpl" in packed.namelist()
    again = (await caller.call("POST", BULK, token, json=body)).json()
    assert {r["error"]["code"] for r in again["rejectedOrders"]} == {
        "ScheduledPackageAlreadyExists",
        "ResourceNotFound",
    }
    assert code(await caller.call("POST", BULK, token, json={**body, "marketplaceId": IN})) == (400, "InvalidInput")
    assert len(caller.sandbox.state.effects) == 2


async def test_a_message_is_permitted_once_and_only_where_it_is_offered(caller):
    assert "confirmDeliveryDetails" in await caller.permitted()
    sent = await caller.message("confirmDeliveryDetails", text="On Thursday.")
    assert (sent.status_code, sent.json()) == (201, {})
    assert sent.headers["content-type"] == "application/hal+json"
    assert "confirmDeliveryDetails" not in await caller.permitted()
    again = await caller.message("confirmDeliveryDetails", text="On Friday.")
    assert code(again) == (403, "Unauthorized")
    assert "template combination" in again.text
    other = await caller.message("warranty", ORDERS_TO_SCHEDULE[1], attachments=[file(UPLOADS[1])])
    assert code(other) == (403, "Unauthorized")
    assert code(await caller.message("confirmDeliveryDetails", marketplace=US, text="x")) == (404, "NotFound")
    assert len(caller.sandbox.state.effects) == 1


def file(upload: str) -> dict[str, str]:
    return {"uploadDestinationId": upload, "fileName": "a.pdf"}


async def test_removed_kinds_are_refused_and_the_invoice_is_listed_by_its_operation(caller):
    kinds = await caller.permitted()
    assert "sendInvoice" in kinds
    assert "invoice" not in kinds
    assert (await caller.message("invoice", attachments=[file(UPLOADS[0])])).status_code == 201
    assert code(await caller.message("amazonMotors", attachments=[file(UPLOADS[0])])) == (403, "Unauthorized")
    path = f"/messaging/v1/orders/{ORDER}/messages/negativeFeedbackRemoval"
    assert code(await caller.call("POST", path, params={"marketplaceIds": IN})) == (403, "Unauthorized")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("confirmDeliveryDetails", {"text": "Hello <b>you</b>"}),
        ("confirmDeliveryDetails", {"text": "me@example.com"}),
        ("confirmDeliveryDetails", {"text": ""}),
        ("confirmDeliveryDetails", {"text": "x" * 2001}),
        ("confirmDeliveryDetails", {}),
        ("digitalAccessKey", {"text": "x" * 401}),
        ("invoice", {"attachments": []}),
        ("invoice", {"attachments": [file("unknown-upload")]}),
        ("invoice", {"attachments": [file(UPLOADS[0])] * 6}),
        ("warranty", {"attachments": [file(UPLOADS[1])], "coverageStartDate": "soon"}),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_content_a_buyer_must_not_get_is_refused(caller, kind, body):
    assert code(await caller.message(kind, **body)) == (400, "InvalidInput")
    assert caller.sandbox.state.effects == []


async def test_the_buyers_language_is_told(caller):
    path = f"/messaging/v1/orders/{AMERICAN_ORDERS[0]}/attributes"
    answer = await caller.call("GET", path, params={"marketplaceIds": US})
    assert answer.json() == {"buyer": {"locale": "en-US"}}


async def test_purchase_orders_are_filtered_sorted_and_paged(caller):
    everything = await caller.purchase_orders()
    assert len(everything) == len(caller.sandbox.state.purchase_orders)
    assert await caller.purchase_orders(sortOrder="DESC") == everything[::-1]
    assert set(await caller.purchase_orders(purchaseOrderState="New")) == {"4Z32PABC", "5K81QDEF", "6M44RGHI"}
    assert await caller.purchase_orders(purchaseOrderState="New", orderingVendorCode="ACME2") == ["6M44RGHI"]
    assert await caller.purchase_orders(poItemState="Cancelled") == ["8R57TMNO"]
    assert "6M44RGHI" in await caller.purchase_orders(isPOChanged="true")
    assert "4Z32PABC" not in await caller.purchase_orders(isPOChanged="true")
    day = (caller.clock.now() - timedelta(days=2, hours=1)).isoformat()
    assert set(await caller.purchase_orders(createdAfter=day)) == {"4Z32PABC", "5K81QDEF"}
    query = {"limit": 3, "includeDetails": "false"}
    pages, token = [], None
    while True:
        asked = {**query, "nextToken": token} if token else query
        payload = (await caller.call("GET", "/vendor/orders/v1/purchaseOrders", params=asked)).json()["payload"]
        pages.append([order["purchaseOrderNumber"] for order in payload["orders"]])
        assert all("orderDetails" not in order for order in payload["orders"])
        token = payload.get("pagination", {}).get("nextToken")
        if not token:
            break
        other = await caller.call("GET", "/vendor/orders/v1/purchaseOrders", params={"limit": 2, "nextToken": token})
        assert code(other) == (400, "InvalidInput")
    assert [number for page in pages for number in page] == everything
    assert [len(page) for page in pages] == [3, 3, 2]


async def test_windows_longer_than_seven_days_and_made_up_page_tokens_are_refused(caller):
    window = {"createdAfter": "2026-04-01T00:00:00Z", "createdBefore": "2026-04-09T00:00:00Z"}
    for query in (window, {"nextToken": "made-up"}):
        assert code(await caller.call("GET", "/vendor/orders/v1/purchaseOrders", params=query)) == (
            400,
            "InvalidInput",
        )
    assert code(await caller.call("GET", "/vendor/orders/v1/purchaseOrders/NONE1234")) == (404, "NotFound")


async def acknowledge(caller: Caller, accepted: dict[str, tuple[str, int]], number: str = "4Z32PABC") -> dict[str, Any]:
    """Answer lines (by number) of an order with a code and a quantity."""
    order = (await caller.call("GET", f"/vendor/orders/v1/purchaseOrders/{number}")).json()["payload"]
    items = [
        {
            **{key: line[key] for key in ("itemSequenceNumber", "orderedQuantity", "netCost")},
            "itemAcknowledgements": [
                {
                    "acknowledgementCode": accepted[line["itemSequenceNumber"]][0],
                    "acknowledgedQuantity": {
                        **line["orderedQuantity"],
                        "amount": accepted[line["itemSequenceNumber"]][1],
                    },
                }
            ],
        }
        for line in order["orderDetails"]["items"]
        if line["itemSequenceNumber"] in accepted
    ]
    entry = {
        "purchaseOrderNumber": number,
        "sellingParty": {"partyId": order["orderDetails"]["sellingParty"]["partyId"]},
        "acknowledgementDate": "2026-05-04T09:30:00Z",
        "items": items,
    }
    answer = await caller.call("POST", ACK, json={"acknowledgements": [entry]})
    assert answer.status_code == 202
    assert answer.json()["payload"]["transactionId"]
    lines = (await caller.status(number))["itemStatus"]
    return {line["itemSequenceNumber"]: line["acknowledgementStatus"] for line in lines}


def told(status: dict[str, Any]) -> tuple[str, int, int]:
    return status["confirmationStatus"], status["acceptedQuantity"]["amount"], status["rejectedQuantity"]["amount"]


async def test_an_acknowledgement_is_seen_in_the_status_and_the_state(caller):
    assert (await caller.status("4Z32PABC"))["itemStatus"][0]["acknowledgementStatus"] == {
        "confirmationStatus": "UNCONFIRMED"
    }
    after = await acknowledge(caller, {"1": ("Accepted", 10), "2": ("Accepted", 40)})
    assert told(after["1"]) == ("PARTIALLY_ACCEPTED", 10, 2)
    assert told(after["2"]) == ("ACCEPTED", 40, 0)
    assert "4Z32PABC" in await caller.purchase_orders(purchaseOrderState="Acknowledged")
    later = await acknowledge(caller, {"1": ("Accepted", 12), "2": ("Accepted", 40)})
    assert told(later["1"]) == ("ACCEPTED", 12, 0)


async def test_a_missing_line_counts_as_rejected_and_stays_so(caller):
    after = await acknowledge(caller, {"1": ("Accepted", 12)})
    assert told(after["2"]) == ("REJECTED", 0, 40)
    later = await acknowledge(caller, {"1": ("Accepted", 12), "2": ("Accepted", 40)})
    assert told(later["2"]) == ("REJECTED", 0, 40)


async def test_more_than_ordered_changes_nothing_and_backorders_need_the_lines_permission(caller):
    after = await acknowledge(caller, {"1": ("Accepted", 13), "2": ("Backordered", 40)})
    assert after["1"] == {"confirmationStatus": "UNCONFIRMED"}
    assert told(after["2"]) == ("REJECTED", 0, 40)


async def test_the_control_door_shows_what_arrived_and_takes_only_known_faults(caller):
    await caller.package()
    (arrived,) = (await caller.http.get("/_sandbox/received")).json()
    assert arrived["operation_id"] == "getScheduledPackage"
    assert arrived["user_agent"] == "test/1"
    assert caller.token not in str(arrived)
    assert (await caller.http.get("/_sandbox/effects")).json() == []
    assert (await caller.http.post("/_sandbox/faults", json={"kind": "explode"})).status_code == 400
    assert (await caller.http.post("/_sandbox/faults", json={"kind": "html", "color": 1})).status_code == 400
    assert (await caller.http.post("/_sandbox/faults", json={"kind": "html"})).status_code == 201
    assert (await caller.http.delete("/_sandbox/faults")).status_code == 204
    assert (await caller.package()).headers["content-type"] == "application/json"
    assert (await caller.http.get("/_sandbox/anything")).status_code == 404
