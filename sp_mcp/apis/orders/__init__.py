"""Orders 2026-01-01: orders of buyers, and who they are for."""

from sp_mcp.apis.api import Api

API = Api(
    name="orders",
    title="Orders 2026-01-01",
    position=10,
    model_file="orders_2026-01-01.json",
    listed=True,
    job="Find orders: `orders_search_orders`; one order by its id: `orders_get_order`.",
    sandbox="orders",
)
