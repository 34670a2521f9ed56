"""A thousand random schedules of misbehaviour: no effect twice, none without consent, none lost, no crash, no leak."""

from __future__ import annotations

import logging
import random
from collections import Counter
from typing import Any

import anyio
import mcp_types as types
import pytest

from sp_mcp.ledger.table import Filter
from sp_mcp.sandbox.faults import KINDS, Fault
from sp_mcp.sandbox.practice import AMERICAN_ORDERS, ORDERS_TO_SCHEDULE, POLISH_ORDERS
from tests.calls import IN, US
from tests.fakes import Person, World, text_of

pytestmark = pytest.mark.anyio

BATCHES, IN_EACH = 40, 25

TELL = "messaging_create_confirm_delivery_details"
BULK = "easy_ship_create_scheduled_package_bulk"
ACK = "vendor_orders_submit_acknowledgement"
MARK = "marked-by-a-stranger"
EFFECTS = {TELL: "createConfirmDeliveryDetails", BULK: "createScheduledPackageBulk", ACK: "submitAcknowledgement"}


def calls(new_order: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """A few changes that fit the practice account, with marks in what is private."""
    lines = [
        {
            "itemSequenceNumber": line["itemSequenceNumber"],
            "orderedQuantity": line["orderedQuantity"],
            "netCost": line["netCost"],
            "itemAcknowledgements": [
                {"acknowledgementCode": "Accepted", "acknowledgedQuantity": line["orderedQuantity"]}
            ],
        }
        for line in new_order["orderDetails"]["items"]
    ]
    party = {
        **new_order["orderDetails"]["sellingParty"],
        "address": {"name": MARK, "addressLine1": MARK, "countryCode": "US"},
    }
    return [
        (TELL, {"amazonOrderId": ORDERS_TO_SCHEDULE[0], "marketplaceIds": [IN], "text": f"{MARK} 1"}),
        (TELL, {"amazonOrderId": AMERICAN_ORDERS[0], "marketplaceIds": [US], "text": f"{MARK} 2"}),
        (
            BULK,
            {
                "marketplaceId": "A1C3SOZRARQ6R3",
                "orderScheduleDetailsList": [{"amazonOrderId": order} for order in POLISH_ORDERS],
                "labelFormat": "PDF",
            },
        ),
        (
            ACK,
            {
                "acknowledgements": [
                    {
                        "purchaseOrderNumber": new_order["purchaseOrderNumber"],
                        "sellingParty": party,
                        "acknowledgementDate": "2026-05-04T09:30:00Z",
                        "items": lines,
                    }
                ]
            },
        ),
    ]


def faults(chance: random.Random) -> list[Fault]:
    # The long ones are seldom, because 20 MB take their time to be written and read.
    kinds = [kind for kind in KINDS if kind != "huge" or chance.random() < 0.15]
    return [
        Fault(
            kind := chance.choice(kinds),
            chance.choice([None, None, "login", "createRestrictedDataToken", *EFFECTS.values()]),
            times=chance.choice([1, 1, 2, 7]),
            # A 429 and a token that has expired are Amazon's word that nothing was done.
            after_effect=kind not in ("throttle", "expired_token") and chance.random() < 0.5,
            seconds=chance.choice([0, 0.5, 20, 61]),
        )
        for _ in range(chance.randint(0, 4))
    ]


class Forgetful(list[str]):
    """What was sent to a buyer, for a Selling Partner that would send it again."""

    def __contains__(self, _: object) -> bool:
        return False


class Chance(Person):
    """Somebody who agrees mostly, and to repetitions seldom."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.agreed = self.repetitions = 0
        self._chance = chance

    async def __call__(self, context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        again = params.message.startswith("Exactly this")
        if self._chance.random() < (0.25 if again else 0.85):
            self.agreed += 1
            self.repetitions += again
            return types.ElicitResult(action="accept", content={"confirm": True})
        return types.ElicitResult(action=self._chance.choice(["decline", "cancel"]))


async def play(world: World, chance: random.Random, era: str) -> tuple[Chance, list[str]]:
    """Three or four calls, some of them equal, some beside each other, some that nobody waits for."""
    person, texts = Chance(chance), []
    for order in world.sandbox.state.orders.values():
        order.sent = Forgetful()
    new = next(order for order in world.sandbox.state.purchase_orders.values() if order.state == "New")
    from sp_mcp.sandbox.vendor_orders import get_purchase_order

    todo = calls(get_purchase_order(world.sandbox.state, {"purchaseOrderNumber": new.number})["payload"])
    async with world.client(era, person) as client:

        async def call(name: str, arguments: dict[str, Any]) -> None:
            texts.append(text_of(await client.call_tool(name, arguments)))

        for fault in faults(chance):
            world.sandbox.faults.add(fault)
        for _ in range(chance.randint(2, 3)):
            chosen = [chance.choice(todo)] * chance.choice([1, 1, 2])
            impatient = chance.random() < 0.2
            async with anyio.create_task_group() as tasks:
                for name, arguments in chosen:
                    tasks.start_soon(call, name, arguments)
                for _ in range(chance.randint(0, 400) if impatient else 0):
                    await anyio.lowlevel.checkpoint()
                if impatient:
                    tasks.cancel_scope.cancel()
            if chance.random() < 0.3:
                world.clock.advance(30)
        # What nobody waits for any more is seen through.
        await world.accounts[-1].finish_changes()
    return person, texts


@pytest.mark.parametrize("batch", range(BATCHES))
async def test_whatever_goes_wrong_nothing_happens_twice_unasked_unrecorded_or_aloud(
    make_world, caplog, batch, tmp_path
):
    caplog.set_level(logging.DEBUG, "sp_mcp")
    for number in range(batch * IN_EACH, (batch + 1) * IN_EACH):
        chance = random.Random(number)  # noqa: S311 - the same ones every time
        state = tmp_path / str(number)
        world = World(tmp_path, SP_MCP_STATE_DIR=str(state))
        person, texts = await play(world, chance, "legacy" if number % 2 else "auto")
        account = world.account()
        rows = await account.ledger().entries(Filter())
        await account.aclose()

        effects = Counter((effect.operation_id, effect.subject) for effect in world.sandbox.state.effects)
        known = Counter((EFFECTS[r.operation], s) for r in rows for s in r.subjects if r.outcome == "sent")
        perhaps = known + Counter((EFFECTS[r.operation], s) for r in rows for s in r.subjects if r.outcome == "unknown")
        told = f"schedule {number}: effects {effects}, rows {[(r.operation, r.outcome) for r in rows]}"
        # None twice but for a repetition that somebody agreed to knowingly, and none without consent.
        assert len(rows) <= person.agreed, told
        assert all(count <= 1 + person.repetitions for count in effects.values()), told
        # None lost, and none claimed that was not.
        assert all(effects[key] <= perhaps[key] for key in effects), told
        rejected = Counter((EFFECTS[r.operation], s) for r in rows if r.not_done for s in r.subjects)
        assert all(known[key] <= effects[key] + rejected[key] for key in known), told
        assert not any(r.outcome == "waiting" for r in rows), told
        # No crash and no leak.
        assert not any("internal fault" in text or MARK in text for text in texts), told
        kept = b"".join(path.read_bytes() for path in state.iterdir()) if state.exists() else b""
        for secret in (MARK.encode(), b"Atza|", b"Atzr|", b"sprdt", b"practice-secret", b"documents-"):
            assert secret not in kept, told
            assert secret.decode() not in caplog.text, told
        caplog.clear()
