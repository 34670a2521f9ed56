"""Vendor Orders v1: purchase orders Amazon places with a vendor, and their acknowledgement."""

from sp_mcp.apis.api import Api

API = Api(
    name="vendor_orders",
    title="Vendor Orders v1",
    position=40,
    model_file="vendorOrders.json",
    listed=True,
    job="Acknowledge purchase orders: `vendor_orders_collect_purchase_orders`, "
    "`vendor_orders_submit_acknowledgement` with every line, some minutes later "
    "`vendor_orders_follow_acknowledgement`. Ask the person before you reject a line: that is final.",
    sandbox="vendor_orders",
)
