"""A server process among every misbehaviour there is: what it writes and keeps holds nothing that is not to be seen."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from sp_mcp.sandbox import LOCAL_REFRESH_TOKEN
from sp_mcp.sandbox.faults import KINDS
from sp_mcp.sandbox.practice import AMERICAN_ORDERS, ORDERS_TO_SCHEDULE, POLISH_ORDERS
from tests.calls import GOOD, IN, US
from tests.fakes import CREDENTIALS, Person, Wire, reply, text_of
from tests.test_stdio import INITIALIZE, ask, ask_initialized, control, selling_partner, served

MARK = "marked-by-a-stranger"
SECRETS = [MARK, "local-practice-secret", LOCAL_REFRESH_TOKEN, "Atza|", "Atzr|", "Atz.sprdt|"]

TELL = "messaging_create_confirm_delivery_details"
BULK = "easy_ship_create_scheduled_package_bulk"
ACK = "vendor_orders_submit_acknowledgement"
INVOICE = "messaging_send_invoice"


def _acknowledgement(number: int) -> dict[str, Any]:
    (order,) = GOOD[ACK]["acknowledgements"]
    address = dict.fromkeys(("name", "addressLine1", "addressLine2", "city", "postalCode", "phone"), MARK)
    party = {
        "partyId": "ACME1",
        "address": {**address, "countryCode": "US"},
        "taxInfo": {"taxRegistrationType": "VAT", "taxRegistrationNumber": MARK},
    }
    # Each another one, because a repetition would only be asked about.
    line = {**order["items"][0], "netCost": {"currencyCode": "USD", "amount": f"{number + 1}.50"}}
    return {"acknowledgements": [{**order, "sellingParty": party, "items": [line]}]}


def calls(number: int) -> list[tuple[str, dict[str, Any]]]:
    """Changes with a mark in everything that is private, the numbered ones of their kind."""
    file = {"uploadDestinationId": "upload-invoice-1", "fileName": f"{MARK}-{number}.pdf"}
    orders = [{"amazonOrderId": order} for order in POLISH_ORDERS]
    return [
        (TELL, {"amazonOrderId": ORDERS_TO_SCHEDULE[0], "marketplaceIds": [IN], "text": f"{MARK} {number}"}),
        (INVOICE, {"amazonOrderId": AMERICAN_ORDERS[0], "marketplaceIds": [US], "attachments": [file]}),
        (BULK, {"marketplaceId": "A1C3SOZRARQ6R3", "orderScheduleDetailsList": orders, "labelFormat": "ZPL"}),
        (ACK, _acknowledgement(number)),
    ]


def test_no_output_of_a_server_and_no_byte_of_its_state_holds_a_secret_or_a_private_word(tmp_path):
    state = tmp_path / "state"
    said: list[str] = []
    with selling_partner() as partner:
        settings = {
            "SP_API_ENDPOINT": f"http://127.0.0.1:{partner.port}",
            "SP_MCP_STATE_DIR": str(state),
            "SP_MCP_CONFIRM": "dangerously-unasked",
            "SP_MCP_LOG_LEVEL": "debug",
            "SP_MCP_MAX_WAIT": "1",
        }
        with served(tmp_path, **settings) as process:
            ask(process, 1, "initialize", INITIALIZE)
            process.stdout.readline()
            ask_initialized(process)
            for number, (kind, after) in enumerate((kind, after) for kind in KINDS for after in (False, True)):
                name, arguments = calls(number)[number % 4]
                control(
                    partner,
                    "POST",
                    "faults",
                    {"kind": kind, "after_effect": after, "seconds": 0.05, "times": 2},
                )
                ask(process, number + 2, "tools/call", {"name": name, "arguments": arguments})
                said.append(process.stdout.readline().decode())
                partner.request("DELETE", "/_sandbox/faults")
                partner.getresponse().read()
            ask(process, 99, "tools/call", {"name": "sp_mcp_list_changes", "arguments": {"limit": 100}})
            listed = process.stdout.readline().decode()
            process.stdin.close()
            process.wait(20)
            said += [listed, process.stdout.read().decode(), process.stderr.read().decode()]
    assert len(json.loads(json.loads(listed)["result"]["content"][0]["text"])["changes"]) > 15
    kept = [path.read_bytes().decode(errors="replace") for path in state.iterdir()]
    assert any("redacted" in content for content in kept)
    for place in said + kept:
        for secret in SECRETS:
            assert secret not in place


@pytest.mark.anyio
@pytest.mark.parametrize("status", [200, 201, 400, 403, 404, 429, 500, 503])
async def test_what_amazon_writes_into_an_answer_is_neither_logged_nor_kept(make_world, caplog, tmp_path, status):
    caplog.set_level(logging.DEBUG, "sp_mcp")
    bodies: list[Any] = [
        {"errors": [{"code": MARK + " words", "message": MARK, "details": MARK}]},
        {"message": MARK},
        {"payload": {"transactionId": MARK}, "printableDocumentsUrl": f"https://x/{MARK}?X-Amz-Signature=1"},
        f"<html>{MARK}</html>",
    ]
    for number, body in enumerate(bodies):
        answer = reply(status, body, x_amzn_RequestId=f"{MARK} words", x_amzn_RateLimit_Limit=MARK)
        world = make_world(Wire({"": [answer]}), SP_MCP_MAX_WAIT="1")
        async with world.client(person=Person()) as client:
            result = await client.call_tool(ACK, _acknowledgement(number))
            await client.call_tool("vendor_orders_get_purchase_orders", {})
            changes = text_of(await client.call_tool("sp_mcp_list_changes", {}))
        assert MARK not in str(result.meta)
        assert MARK not in changes
        assert CREDENTIALS["SP_API_CLIENT_SECRET"] not in text_of(result)
    assert MARK not in caplog.text
    for path in (tmp_path / "state").iterdir():
        assert MARK.encode() not in path.read_bytes()
