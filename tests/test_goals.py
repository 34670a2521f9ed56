"""Three goals in plain words, reached with what the server itself tells: its tools, their answers, nothing else.

Each test makes the calls an expert would make, takes every value from an answer before, and counts them.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sp_mcp.sandbox.practice import ORDERS_TO_SCHEDULE
from sp_mcp.sandbox.vendor_transactions import PROCESSING_SECONDS
from tests.calls import DEFAULT_APIS, IN
from tests.fakes import Person, World, data_of

pytestmark = pytest.mark.anyio

DEFAULT = {"SP_MCP_APIS": ",".join(DEFAULT_APIS)}


class Assistant:
    """A client that counts its calls; none of them may fail."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.calls = 0

    async def __call__(self, name: str, **arguments: Any) -> Any:
        self.calls += 1
        return data_of(await self._client.call_tool(name, arguments))


def effects(world: World) -> list[tuple[str, str]]:
    return [(effect.operation_id, effect.subject) for effect in world.sandbox.state.effects]


async def test_the_earliest_pickup_tomorrow_is_booked_for_every_order_that_waits_and_the_labels_are_here(
    make_world, era
):
    world, person = make_world(**DEFAULT), Person()
    async with world.client(era, person) as client:
        ask = Assistant(client)
        since = (world.clock.now() - timedelta(days=14)).strftime("%Y-%m-%dT%H:%M:%SZ")
        tomorrow = (world.clock.now() + timedelta(days=1)).strftime("%Y-%m-%d")
        found = await ask(
            "orders_search_orders",
            createdAfter=since,
            fulfillmentStatuses=["UNSHIPPED"],
            marketplaceIds=[IN],
            includedData=["PACKAGES", "FULFILLMENT"],
        )
        waiting = [
            order["orderId"]
            for order in found["orders"]
            if "AMAZON_EASY_SHIP" in order["programs"]
            and order["packages"][0]["packageStatus"]["detailedStatus"] == "PENDING_SCHEDULE"
        ]
        labels = []
        for order in waiting:
            about = {"amazonOrderId": order, "marketplaceId": IN}
            slots = await ask(
                "easy_ship_list_handover_slots",
                **about,
                packageDimensions={"length": 30, "width": 20, "height": 10, "unit": "cm"},
                packageWeight={"value": 750, "unit": "g"},
            )
            pickups = [
                slot
                for slot in slots["timeSlots"]
                if slot["handoverMethod"] == "PICKUP" and slot["startTime"].startswith(tomorrow)
            ]
            slot = min(pickups, key=lambda slot: slot["startTime"])
            await ask("easy_ship_create_scheduled_package", **about, packageDetails={"packageTimeSlot": slot})
            answer = await ask("easy_ship_get_documents", **about, documentType="ShippingLabel")
            labels += answer["documents"]
    assert set(waiting) == set(ORDERS_TO_SCHEDULE)
    assert effects(world) == [("createScheduledPackage", order) for order in waiting]
    assert len(person.asked) == len(waiting)
    assert all(Path(label["file"]).read_bytes().startswith(b"%PDF-") for label in labels)
    assert len(labels) == 5
    assert ask.calls == 1 + 3 * len(waiting)


async def test_the_buyer_is_told_thursday_and_gets_the_invoice(make_world, era, tmp_path):
    invoice = b"%PDF-1.4 invoice 1000002"
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "invoice-1000002.pdf").write_bytes(invoice)
    world, person = make_world(**DEFAULT, SP_MCP_FILE_ROOTS=str(tmp_path / "files")), Person()
    order = "403-1000002-1000002"
    async with world.client(era, person) as client:
        ask = Assistant(client)
        found = (await ask("orders_get_order", orderId=order))["order"]
        about = {"amazonOrderId": order, "marketplaceIds": [found["salesChannel"]["marketplaceId"]]}
        permitted = await ask("messaging_get_messaging_actions_for_order", **about)
        names = {action["name"] for action in permitted["_links"]["actions"]}
        assert {"confirmDeliveryDetails", "sendInvoice"} <= names
        assert (await ask("messaging_get_attributes", **about))["buyer"]["locale"] == "hi-IN"
        file = await ask(
            "messaging_upload_attachment", **about, messageTool="messaging_send_invoice", file="invoice-1000002.pdf"
        )
        text = "आपका पार्सल गुरुवार को पहुँचेगा।"
        await ask("messaging_create_confirm_delivery_details", **about, text=text)
        await ask("messaging_send_invoice", **about, attachments=[file])
    assert effects(world) == [("createConfirmDeliveryDetails", order), ("sendInvoice", order)]
    assert text in person.asked[0]
    assert "invoice-1000002.pdf" in person.asked[1]
    (place,) = [place for place in world.sandbox.state.storage.files.values() if place.method == "PUT"]
    assert place.content == invoice
    assert len(base64.b64decode(place.headers["Content-MD5"])) == 16
    assert ask.calls == 6


async def test_all_new_purchase_orders_are_acknowledged_and_one_sku_comes_in_may(make_world, era):
    world, person = make_world(**DEFAULT), Person()
    out_of_stock, later = "SKU-6M44-2", "2027-05-01T00:00:00Z"
    async with world.client(era, person) as client:
        ask = Assistant(client)
        found = await ask("vendor_orders_collect_purchase_orders", purchaseOrderState="New")
        assert found["complete"]
        now = world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

        def answer(item: dict[str, Any]) -> dict[str, Any]:
            quantity = item["orderedQuantity"]
            if item["vendorProductIdentifier"] != out_of_stock:
                return {"acknowledgementCode": "Accepted", "acknowledgedQuantity": quantity}
            assert item["isBackOrderAllowed"]
            return {
                "acknowledgementCode": "Backordered",
                "acknowledgedQuantity": quantity,
                "scheduledShipDate": later,
            }

        acknowledgements = [
            {
                "purchaseOrderNumber": order["purchaseOrderNumber"],
                "sellingParty": order["sellingParty"],
                "acknowledgementDate": now,
                "items": [
                    {
                        **{name: value for name, value in item.items() if name != "isBackOrderAllowed"},
                        "itemAcknowledgements": [answer(item)],
                    }
                    for item in order["items"]
                ],
            }
            for order in found["orders"]
        ]
        received = await ask("vendor_orders_submit_acknowledgement", acknowledgements=acknowledgements)
        world.clock.advance(PROCESSING_SECONDS)
        numbers = [order["purchaseOrderNumber"] for order in found["orders"]]
        followed = await ask(
            "vendor_orders_follow_acknowledgement",
            transactionId=received["payload"]["transactionId"],
            purchaseOrderNumbers=numbers,
        )
    assert sorted(numbers) == ["4Z32PABC", "5K81QDEF", "6M44RGHI"]
    assert followed["transactionStatus"] == "Success"
    assert {subject for _, subject in effects(world)} == set(numbers)
    assert len(person.asked) == 1
    assert "2027-05-01" in person.asked[0]
    assert ask.calls == 3
