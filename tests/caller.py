"""A program that speaks to the local Selling Partner over HTTP, without sp-mcp's client or models."""

from __future__ import annotations

from typing import Any

import httpx

from sp_mcp.sandbox import LOCAL_CLIENT_ID, LOCAL_CLIENT_SECRET, LOCAL_REFRESH_TOKEN
from sp_mcp.sandbox.app import Sandbox
from sp_mcp.sandbox.practice import ORDERS_TO_SCHEDULE
from tests.calls import IN
from tests.fakes import FakeClock

LOGIN = {
    "grant_type": "refresh_token",
    "client_id": LOCAL_CLIENT_ID,
    "client_secret": LOCAL_CLIENT_SECRET,
    "refresh_token": LOCAL_REFRESH_TOKEN,
}
ORDER = ORDERS_TO_SCHEDULE[0]
PACKAGE = "/easyShip/2022-03-23/package"
SLOT_LIST = "/easyShip/2022-03-23/timeSlot"
BULK = "/easyShip/2022-03-23/packages/bulk"
POLAND = "A1C3SOZRARQ6R3"
SIZE = {"length": 20, "width": 15, "height": 10.5, "unit": "cm"}


class Caller:
    """A program that calls the sandbox. The quota is out of the way unless a test is about it."""

    def __init__(self, *, enforce_rates: bool = False) -> None:
        self.clock = FakeClock()
        self.sandbox = Sandbox(self.clock, enforce_rates=enforce_rates)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.sandbox), base_url="http://127.0.0.1")
        self.token = ""

    async def sign_in(self) -> None:
        answer = await self.http.post("/auth/o2/token", data=LOGIN)
        self.token = answer.json()["access_token"]

    async def restricted(self, method: str = "POST", path: str = BULK) -> str:
        body = {"restrictedResources": [{"method": method, "path": path}]}
        answer = await self.call("POST", "/tokens/2021-03-01/restrictedDataToken", json=body)
        return str(answer.json()["restrictedDataToken"])

    async def call(self, method: str, path: str, token: str | None = None, **options: Any) -> httpx.Response:
        headers = {"x-amz-access-token": self.token if token is None else token, "user-agent": "test/1"}
        return await self.http.request(method, path, headers=headers, **options)

    async def slots(self, order: str = ORDER) -> list[dict[str, Any]]:
        body = {
            "marketplaceId": IN,
            "amazonOrderId": order,
            "packageDimensions": SIZE,
            "packageWeight": {"value": 500, "unit": "g"},
        }
        answer = await self.call("POST", SLOT_LIST, json=body)
        assert answer.status_code == 200, answer.text
        offered: list[dict[str, Any]] = answer.json()["timeSlots"]
        return offered

    async def schedule(self, slot: dict[str, Any], order: str = ORDER) -> httpx.Response:
        body = {"amazonOrderId": order, "marketplaceId": IN, "packageDetails": {"packageTimeSlot": slot}}
        return await self.call("POST", PACKAGE, json=body)

    async def package(self, order: str = ORDER) -> httpx.Response:
        return await self.call("GET", PACKAGE, params={"amazonOrderId": order, "marketplaceId": IN})

    async def message(self, kind: str, order: str = ORDER, marketplace: str = IN, **body: Any) -> httpx.Response:
        path = f"/messaging/v1/orders/{order}/messages/{kind}"
        return await self.call("POST", path, params={"marketplaceIds": marketplace}, json=body)

    async def permitted(self, order: str = ORDER, marketplace: str = IN) -> list[str]:
        answer = await self.call("GET", f"/messaging/v1/orders/{order}", params={"marketplaceIds": marketplace})
        return [action["name"] for action in answer.json()["_links"]["actions"]]

    async def purchase_orders(self, **query: Any) -> list[str]:
        answer = await self.call("GET", "/vendor/orders/v1/purchaseOrders", params=query)
        assert answer.status_code == 200, answer.text
        return [order["purchaseOrderNumber"] for order in answer.json()["payload"]["orders"]]

    async def status(self, number: str) -> dict[str, Any]:
        answer = await self.call(
            "GET", "/vendor/orders/v1/purchaseOrdersStatus", params={"purchaseOrderNumber": number}
        )
        found: dict[str, Any] = answer.json()["payload"]["ordersStatus"][0]
        return found


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]
