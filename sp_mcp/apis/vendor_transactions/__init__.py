"""Vendor Transaction Status v1: what became of something a vendor submitted."""

JOB = "See a transaction by itself: vendor_transactions_get_transaction."
