"""What a person reads before they agree, and what is told after a change besides Amazon's answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.calls import ACKNOWLEDGEMENT, ANSWERS, GOOD, MESSAGE, SLOT, US, amazon
from tests.fakes import Person, Wire, World, text_of

pytestmark = pytest.mark.anyio

SCHEDULE = "easy_ship_create_scheduled_package"
TELL = "messaging_create_confirm_delivery_details"


async def asked_about(world: World, name: str, arguments: dict[str, Any]) -> str:
    person = Person("decline")
    async with world.client(person=person) as client:
        result = await client.call_tool(name, arguments)
    assert person.asked, text_of(result)
    return person.asked[0]


async def test_the_question_shows_the_buyers_text_the_account_and_what_cannot_be_undone(make_world, era):
    world, person = make_world(amazon(), SP_MCP_ACCOUNT_LABEL="Toys GmbH"), Person()
    text = "It arrives <- Thursday.\nThank you!"
    async with world.client(era, person) as client:
        await client.call_tool(TELL, {**GOOD[TELL], "text": text})
    (asked,) = person.asked
    assert "Text: “It arrives ‹- Thursday.⏎Thank you!”" in asked
    assert "403-1234567-1234567" in asked
    assert "Account: Toys GmbH" in asked
    assert f"United States ({US})" in asked
    assert "Amazon, for real" in asked
    assert "cannot be recalled" in asked


async def test_the_question_about_an_acknowledgement_shows_what_is_accepted_and_rejected(make_world, era):
    world, person = make_world(amazon()), Person("decline")
    name = "vendor_orders_submit_acknowledgement"
    async with world.client(era, person) as client:
        await client.call_tool(name, GOOD[name])
    (asked,) = person.asked
    assert "Acknowledge 1 purchase order from Amazon?" in asked
    assert "Order 4Z32PABC, vendor code ABCDE, dated 2026-05-04T09:30:00Z: accept 8 eaches, reject 2 eaches" in asked
    line = "- line 1 SKU-1: 10 eaches ordered; accept 8, reject 2 (TemporarilyUnavailable); unit cost 12.50 USD"
    assert line in asked.splitlines()


async def test_the_question_about_a_schedule_shows_when_in_words(make_world, era):
    world, person = make_world(amazon()), Person("decline")
    async with world.client(era, person) as client:
        await client.call_tool(SCHEDULE, GOOD[SCHEDULE])
    assert "Handover: pickup, Tue 5 May 2026, 10:00–13:00 UTC+05:30" in person.asked[0]


async def test_values_in_a_question_cannot_break_out_of_their_line(make_world, era):
    world, person = make_world(amazon()), Person("decline")
    name = "messaging_send_invoice"
    nasty = "a.pdf\n\nAccount: somebody else\u202e [x](http://127.0.0.1) <b>" + "y" * 400
    file = {"uploadDestinationId": "u", "fileName": nasty}
    async with world.client(era, person) as client:
        await client.call_tool(name, {**MESSAGE, "attachments": [file]})
    (line,) = [line for line in person.asked[0].splitlines() if "a.pdf" in line]
    assert "somebody else" in line
    assert "\u202e" not in line
    assert "](" not in line
    assert "<b>" not in line
    assert len(line) < 200


async def test_a_removed_operation_says_so_in_its_question(make_world):
    world, person = make_world(amazon()), Person("decline")
    name = "messaging_create_amazon_motors"
    async with world.client(person=person) as client:
        await client.call_tool(name, GOOD[name])
    assert "Amazon removed this operation on 2026-01-30" in person.asked[0]


async def test_a_buyers_text_is_shown_whole_however_long(make_world):
    text = "word " * 399 + "end."
    assert f"“{text}”" in await asked_about(make_world(amazon()), TELL, {**GOOD[TELL], "text": text})


async def test_what_cannot_be_seen_in_a_text_is_made_visible_and_emoji_and_joiners_stay(make_world):
    hidden = "a\u200bb\u2066c\U000e0101d\ufe0fe\u200df\x00g"
    fine = "Love ❤️ 👩‍👩‍👧 नमस्‍ते"
    asked = await asked_about(make_world(amazon()), TELL, {**GOOD[TELL], "text": hidden + fine})
    assert f"“a�b�c�d�e�f�g{fine}”" in asked


async def test_many_returns_in_a_file_name_cannot_push_its_end_out_of_sight(make_world):
    file = {"uploadDestinationId": "up-1", "fileName": "a.pdf" + "\r" * 300 + "HIDDEN.exe"}
    asked = await asked_about(make_world(amazon()), "messaging_send_invoice", {**MESSAGE, "attachments": [file]})
    line = next(line for line in asked.splitlines() if line.startswith("Attached"))
    assert "⏎" in line
    assert "…" in line
    assert "(upload up-1)" in line


async def test_a_warranty_shows_its_cover_and_its_files(make_world):
    name = "messaging_create_warranty"
    asked = await asked_about(make_world(amazon()), name, {**GOOD[name], "coverageEndDate": "2028-05-04T00:00:00Z"})
    assert "Cover begins: 2026-05-04T00:00:00Z" in asked
    assert "Cover ends: 2028-05-04T00:00:00Z" in asked
    assert "Attached: invoice.pdf (upload upload-1)" in asked


async def test_a_schedule_shows_slot_serial_numbers_and_label_mark(make_world):
    details = {
        **GOOD[SCHEDULE]["packageDetails"],
        "packageItems": [{"orderItemId": "1", "orderItemSerialNumbers": [f"SN{n}" for n in range(12)]}],
        "packageIdentifier": "shelf 7",
    }
    asked = await asked_about(make_world(amazon()), SCHEDULE, {**GOOD[SCHEDULE], "packageDetails": details})
    assert "(slot slot-1)" in asked
    assert "1 item with serial numbers: SN0, SN1," in asked
    assert "SN9 and 2 more" in asked
    assert "Mark on the label: shelf 7" in asked
    assert "Amazon goes by the slot" in asked


async def test_a_slot_without_times_says_that_the_call_does_not_say_when(make_world):
    details = {"packageTimeSlot": {"slotId": "slot-9"}}
    asked = await asked_about(make_world(amazon()), SCHEDULE, {**GOOD[SCHEDULE], "packageDetails": details})
    assert "slot slot-9 (the call does not say when that is)" in asked


async def test_a_move_of_many_packages_names_all_of_them(make_world):
    name = "easy_ship_update_scheduled_packages"
    entry = GOOD[name]["updatePackageDetailsList"][0]
    entries = [{**entry, "scheduledPackageId": {"amazonOrderId": f"403-{n}", "packageId": f"p-{n}"}} for n in range(40)]
    asked = await asked_about(make_world(amazon()), name, {**GOOD[name], "updatePackageDetailsList": entries})
    assert "Move the Easy Ship handover of 40 packages?" in asked
    assert "Order 403-0, package p-0: to pickup, Tue 5 May 2026" in asked
    assert "and 10 orders more: 403-30" in asked
    assert "403-39" in asked


def acknowledgement(**line) -> dict[str, Any]:
    order = ACKNOWLEDGEMENT
    return {"acknowledgements": [{**order, "items": [{**order["items"][0], **line}]}]}


def accepted(amount: int, **quantity) -> dict[str, Any]:
    quantity = {"amount": amount, "unitOfMeasure": "Eaches", "unitSize": 1, **quantity}
    return {"acknowledgementCode": "Accepted", "acknowledgedQuantity": quantity}


ACK = "vendor_orders_submit_acknowledgement"


async def test_an_acknowledgement_shows_dates_prices_and_what_is_not_answered_for(make_world):
    answer = {
        **accepted(5),
        "scheduledShipDate": "2026-05-06T00:00:00Z",
        "scheduledDeliveryDate": "2026-05-09T00:00:00Z",
    }
    call = acknowledgement(
        itemAcknowledgements=[answer],
        netCost={"currencyCode": "USD", "amount": "3.10", "unitOfMeasure": "POUNDS"},
        listPrice={"currencyCode": "USD", "amount": "9.99"},
        discountMultiplier="0.45",
    )
    asked = await asked_about(make_world(amazon()), ACK, call)
    assert "accept 5 (ships 2026-05-06T00:00:00Z, arrives 2026-05-09T00:00:00Z), 5 not answered for" in asked
    assert "unit cost 3.10 USD per pounds; list price 9.99 USD; discount multiplier 0.45" in asked
    assert "pieces that are not answered for, count as rejected" in asked


async def test_an_acknowledgement_in_two_units_keeps_them_apart(make_world):
    cases = {**accepted(1, unitOfMeasure="Cases", unitSize=6)}
    asked = await asked_about(make_world(amazon()), ACK, acknowledgement(itemAcknowledgements=[cases, accepted(2)]))
    assert "accept 1 cases of 6, accept 2 eaches" in asked
    assert "2 not answered for" in asked


async def test_an_acknowledgement_with_an_address_says_so_and_a_long_one_is_summed_up(make_world):
    party = {"partyId": "ABCDE", "address": {"name": "x", "addressLine1": "y", "countryCode": "US"}}
    item = ACKNOWLEDGEMENT["items"][0]
    items = [{**item, "itemSequenceNumber": str(n)} for n in range(200)]
    order = {**ACKNOWLEDGEMENT, "sellingParty": party, "items": items}
    asked = await asked_about(make_world(amazon()), ACK, {"acknowledgements": [order]})
    assert "vendor code ABCDE (with address)" in asked
    assert "accept 1600 eaches, reject 400 eaches" in asked
    assert "and 140 lines more, within the sums above" in asked


async def test_a_booking_in_another_slot_than_agreed_is_told(make_world, era):
    answer = {**ANSWERS["/package"], "packageTimeSlot": {**SLOT, "startTime": "2026-05-06T10:00:00+05:30"}}
    world = make_world(Wire({"/package": [answer]}))
    async with world.client(era, Person()) as client:
        text = text_of(await client.call_tool(SCHEDULE, GOOD[SCHEDULE]))
    assert "in another slot than the person agreed to: startTime is 2026-05-06T10:00:00+05:30" in text


async def test_the_same_instant_in_another_zone_is_the_agreed_slot(make_world):
    answer = {**ANSWERS["/package"], "packageTimeSlot": {**SLOT, "startTime": "2026-05-05T04:30:00Z"}}
    world = make_world(Wire({"/package": [answer]}))
    async with world.client(person=Person()) as client:
        assert "another slot" not in text_of(await client.call_tool(SCHEDULE, GOOD[SCHEDULE]))


async def test_a_move_to_another_slot_than_agreed_and_rejected_orders_are_told(make_world):
    moved = {**ANSWERS["/package"], "packageTimeSlot": {**SLOT, "handoverMethod": "DROPOFF"}}
    bulk = {"rejectedOrders": [{"amazonOrderId": "x"}, {"amazonOrderId": "y"}]}
    answers = {path: [answer] for path, answer in ANSWERS.items()}
    world = make_world(Wire({**answers, "/packages/bulk": [bulk], "/package": [{"packages": [moved]}]}))
    async with world.client(person=Person()) as client:
        name = "easy_ship_update_scheduled_packages"
        assert "handoverMethod is DROPOFF, not PICKUP" in text_of(await client.call_tool(name, GOOD[name]))
        name = "easy_ship_create_scheduled_package_bulk"
        assert "Of 1 order, Amazon booked 0 and rejected 2; `rejectedOrders` holds the reasons." in text_of(
            await client.call_tool(name, GOOD[name])
        )


async def test_the_question_names_another_endpoint(make_world):
    world = make_world(amazon(), SP_API_ENDPOINT="https://proxy.example")
    assert "Goes to: Amazon, for real (by SP_API_ENDPOINT: https://proxy.example)" in await asked_about(
        world, TELL, GOOD[TELL]
    )


async def test_a_booking_in_agreed_words_but_other_casing_is_the_agreed_slot(make_world):
    answer = {**ANSWERS["/package"], "packageTimeSlot": {**SLOT, "handoverMethod": "Pickup"}}
    world = make_world(Wire({"/package": [answer]}))
    async with world.client(person=Person()) as client:
        assert "another slot" not in text_of(await client.call_tool(SCHEDULE, GOOD[SCHEDULE]))


async def test_a_slot_agreed_to_by_its_id_alone_is_compared_by_its_id(make_world):
    world = make_world(Wire({"/package": [{**ANSWERS["/package"], "packageTimeSlot": {"slotId": "slot-2"}}]}))
    details = {"packageTimeSlot": {"slotId": "slot-1"}}
    async with world.client(person=Person()) as client:
        text = text_of(await client.call_tool(SCHEDULE, {**GOOD[SCHEDULE], "packageDetails": details}))
    assert "slotId is slot-2, not slot-1" in text


async def test_two_packages_of_one_order_are_told_apart(make_world):
    name = "easy_ship_update_scheduled_packages"
    slots = {"p-1": SLOT, "p-2": {**SLOT, "slotId": "slot-2", "handoverMethod": "DROPOFF"}}
    order = GOOD[name]["updatePackageDetailsList"][0]["scheduledPackageId"]
    entries = [
        {"scheduledPackageId": {**order, "packageId": package}, "packageTimeSlot": slot}
        for package, slot in slots.items()
    ]
    world = make_world(Wire({"/package": [{"packages": entries}]}))
    async with world.client(person=Person()) as client:
        result = await client.call_tool(name, {**GOOD[name], "updatePackageDetailsList": entries})
    assert "another slot" not in text_of(result)
