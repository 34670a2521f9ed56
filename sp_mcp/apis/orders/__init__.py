"""Orders 2026-01-01: orders of buyers, and who they are for."""

JOB = (
    "Find orders: orders_search_orders with createdAfter 30 days ago, fulfillmentStatuses UNSHIPPED and includedData "
    "PACKAGES and FULFILLMENT; those with AMAZON_EASY_SHIP in programs and detailedStatus PENDING_SCHEDULE wait for a "
    "handover slot. orders_get_order shows one that was not searched for, with its marketplace in salesChannel."
)
