"""Vendor Transaction Status v1: what became of something a vendor submitted."""

from sp_mcp.apis.api import Api

API = Api(
    name="vendor_transactions",
    title="Vendor Transaction Status v1",
    position=70,
    model_file="vendorTransactionStatus.json",
    listed=True,
    job="",
    sandbox="vendor_transactions",
)
