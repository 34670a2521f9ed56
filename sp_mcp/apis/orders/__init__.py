"""Orders 2026-01-01: orders of buyers, and who they are for."""

JOB = (
    "Find orders: orders_search_orders with createdAfter; with fulfillmentStatuses UNSHIPPED and includedData PACKAGES "
    "those whose programs hold AMAZON_EASY_SHIP and whose packages are PENDING_SCHEDULE wait for a handover slot."
)
