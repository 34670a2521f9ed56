"""`sp-mcp demo`: the three jobs, done through a real MCP client and the real server over stdio.

Needs no account: the server runs on the practice account. Each call is shown, each question is put to the
person at the terminal, and each result is shown shortened, with blanks so that it wraps.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
import click
import mcp_types as types

from sp_mcp.cli.common import Common, common_options
from sp_mcp.cli.terminal import WIDTH, asker, complain, has_person, say, wrapped
from sp_mcp.clock import Clock
from sp_mcp.results.failures import NOTHING_SENT
from sp_mcp.sandbox import LOCAL_MARKETPLACE
from sp_mcp.sandbox.practice import ORDER_TO_MESSAGE, ORDER_TO_SCHEDULE

if TYPE_CHECKING:
    from mcp import Client

_SHOWN = 420
"""Characters of a call or a result that are shown."""


@dataclass
class Stage:
    """Where the demo is played: the client, and what became of the calls."""

    client: Client
    failed: bool = False

    async def call(self, purpose: str, tool: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """Call a tool and show the call and its result; None where the call did not go through."""
        say(f"\n{purpose}")
        say(f"> {tool}")
        say(_excerpt(json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))))
        result = await self.client.call_tool(tool, arguments)
        texts = [block.text for block in result.content if isinstance(block, types.TextContent)]
        say(f"< {'failed' if result.is_error else 'ok'}")
        for text in texts:
            say(_excerpt(text))
        if result.is_error:
            # A person's no ends a job too, but is no failure.
            self.failed = self.failed or not any(text.startswith(NOTHING_SENT) for text in texts)
            return None
        answer: dict[str, Any] | None = result.structured_content
        return answer


def _excerpt(text: str) -> str:
    """The beginning of a text; JSON with blanks, so that it wraps."""
    try:
        spaced = json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        spaced = text
    clipped = spaced if len(spaced) <= _SHOWN else f"{spaced[:_SHOWN]} … ({len(text)} characters)"
    return wrapped(clipped, "    ")


def headline(text: str) -> None:
    """Begin a part of the demo."""
    say(f"\n{'=' * WIDTH}\n{text}\n{'=' * WIDTH}")


@click.command("demo")
@click.option("--yes", is_flag=True, help="Answer every question with yes.")
@common_options
@click.pass_obj
def command(common: Common, yes: bool) -> int:
    """See the three jobs done, with no account."""
    common.log_at("error")
    return anyio.run(_run, yes)


async def _run(always_yes: bool) -> int:
    """Do the three jobs; returns 0, or 1 where a call failed other than by a person's no."""
    from mcp import Client
    from mcp.client.stdio import StdioServerParameters

    if not always_yes and not has_person():
        complain("There is nobody at this terminal to ask. `sp-mcp demo --yes` answers yes.")
        return 1
    with tempfile.TemporaryDirectory(prefix="sp-mcp-demo-") as folder:
        server = StdioServerParameters(
            command=sys.executable,
            args=["-m", "sp_mcp"],
            env={"SP_API_ENVIRONMENT": "local", "SP_MCP_STATE_DIR": folder},
            cwd=folder,  # no .env of the person's takes part
        )
        async with Client(server, elicitation_callback=asker(say, always_yes=always_yes)) as client:
            tools = (await client.list_tools()).tools
            headline(f"sp-mcp: {len(tools)} tools over stdio, on a practice account. Nothing reaches Amazon.")
            stage = Stage(client)
            for job in (_schedule, _message, _acknowledge):
                await job(stage)
    say()
    _how_to_go_on()
    return 1 if stage.failed else 0


async def _schedule(stage: Stage) -> None:
    headline("1. Schedule a shipment")
    order = {"marketplaceId": LOCAL_MARKETPLACE, "amazonOrderId": ORDER_TO_SCHEDULE}
    size = {"length": 30, "width": 20, "height": 10, "unit": "cm"}
    listed = await stage.call(
        "When can Amazon take over a parcel of 30 x 20 x 10 cm and 750 g?",
        "easy_ship_list_handover_slots",
        {**order, "packageDimensions": size, "packageWeight": {"value": 750, "unit": "g"}},
    )
    if listed is None:
        return
    slot = next((s for s in listed["timeSlots"] if s["handoverMethod"] == "PICKUP"), listed["timeSlots"][0])
    booked = await stage.call(
        "Book the first pickup.",
        "easy_ship_create_scheduled_package",
        {**order, "packageDetails": {"packageTimeSlot": slot}},
    )
    if booked is not None:
        await stage.call("What does Amazon have now?", "easy_ship_get_scheduled_package", order)


async def _message(stage: Stage) -> None:
    headline("2. Message a buyer")
    order = {"amazonOrderId": ORDER_TO_MESSAGE, "marketplaceIds": [LOCAL_MARKETPLACE]}
    await stage.call(
        "Which messages does Amazon permit for this order?", "messaging_get_messaging_actions_for_order", order
    )
    await stage.call("Which language does the buyer read?", "messaging_get_attributes", order)
    await stage.call(
        "Tell the buyer about the delivery.",
        "messaging_create_confirm_delivery_details",
        {**order, "text": "Your parcel will be collected by the carrier and should reach you on Thursday."},
    )


async def _acknowledge(stage: Stage) -> None:
    headline("3. Acknowledge a purchase order")
    new = await stage.call(
        "Which purchase order is new?",
        "vendor_orders_get_purchase_orders",
        {"purchaseOrderState": "New", "sortOrder": "DESC", "limit": 1},
    )
    if new is None:
        return
    (order,) = new["payload"]["orders"]
    acknowledged = await stage.call(
        "Accept it, but for one piece.", "vendor_orders_submit_acknowledgement", {"acknowledgements": [_answer(order)]}
    )
    if acknowledged is not None:
        await stage.call(
            "What became of it?",
            "vendor_orders_get_purchase_orders_status",
            {"purchaseOrderNumber": order["purchaseOrderNumber"]},
        )


def _answer(order: dict[str, Any]) -> dict[str, Any]:
    """Accept every line, but one piece less of the first."""
    items = []
    for number, line in enumerate(order["orderDetails"]["items"]):
        ordered = line["orderedQuantity"]
        accepted = {**ordered, "amount": ordered["amount"] - (number == 0)}
        answers: list[dict[str, Any]] = [{"acknowledgementCode": "Accepted", "acknowledgedQuantity": accepted}]
        if number == 0:
            answers.append(
                {
                    "acknowledgementCode": "Rejected",
                    "acknowledgedQuantity": {**ordered, "amount": 1},
                    "rejectionReason": "TemporarilyUnavailable",
                }
            )
        named = ("itemSequenceNumber", "amazonProductIdentifier", "vendorProductIdentifier", "netCost")
        items.append(
            {
                **{name: line[name] for name in named if name in line},
                "orderedQuantity": ordered,
                "itemAcknowledgements": answers,
            }
        )
    return {
        "purchaseOrderNumber": order["purchaseOrderNumber"],
        "sellingParty": {"partyId": order["orderDetails"]["sellingParty"]["partyId"]},
        "acknowledgementDate": Clock().now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "items": items,
    }


def _how_to_go_on() -> None:
    headline("For a desktop agent (Claude Desktop, Cursor): put this into its configuration")
    entry = {"mcpServers": {"sp-mcp": {"command": sys.executable, "args": ["-m", "sp_mcp"]}}}
    say(json.dumps(entry, indent=2))
    say(
        wrapped(
            'As it stands this is the practice account. With your own: add an "env" entry with SP_API_CLIENT_ID, '
            "SP_API_CLIENT_SECRET, SP_API_REFRESH_TOKEN and SP_API_REGION; see README.md for all settings and hosts.",
            "",
        )
    )
