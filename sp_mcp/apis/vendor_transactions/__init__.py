"""Vendor Transaction Status v1: what became of something a vendor submitted."""

JOB = (
    "Follow an acknowledgement: vendor_transactions_get_transaction with the transactionId it answered; one that "
    "stays in Processing says nothing, the purchase orders' status does."
)
