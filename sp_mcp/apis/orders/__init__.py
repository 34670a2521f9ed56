"""Orders 2026-01-01: orders of buyers, and who they are for."""

JOB = (
    "Find orders: orders_search_orders with createdAfter, fulfillmentStatuses UNSHIPPED and includedData PACKAGES; "
    "those with AMAZON_EASY_SHIP in programs and detailedStatus PENDING_SCHEDULE wait for a handover slot. "
    "orders_get_order shows one, with its marketplace in salesChannel."
)
