"""Vendor Orders v1: purchase orders Amazon places with a vendor, and their acknowledgement."""

JOB = (
    "Acknowledge a purchase order: vendor_orders_get_purchase_orders with purchaseOrderState=New, "
    "then vendor_orders_submit_acknowledgement with every line, its netCost and identifiers as in the order; later "
    "vendor_orders_get_purchase_orders_status shows the effect."
)
