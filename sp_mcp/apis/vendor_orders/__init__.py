"""Vendor Orders v1: purchase orders Amazon places with a vendor, and their acknowledgement."""

JOB = (
    "Acknowledge purchase orders: vendor_orders_collect_purchase_orders with purchaseOrderState New, then "
    "vendor_orders_submit_acknowledgement with every line of an order, identifiers and netCost unchanged; some minutes "
    "later vendor_orders_follow_acknowledgement. A line that comes later is backordered where isBackOrderAllowed, or "
    "else rejected, which is final and so the person's to decide."
)
