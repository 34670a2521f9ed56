"""Vendor Transaction Status: what became of something a vendor submitted."""

from __future__ import annotations

from typing import Any

from sp_mcp.sandbox.refusals import Refusal
from sp_mcp.sandbox.state import State

PROCESSING_SECONDS = 60
"""How long a transaction stays in Processing."""


def get_transaction(state: State, call: dict[str, Any]) -> dict[str, Any]:
    """What became of an acknowledgement; some stay in Processing (docs/facts/vendor-orders.md#transactions)."""
    known = state.transactions.get(call["transactionId"])
    if known is None:
        raise Refusal(404, "NotFound", "The transaction was not found.")
    since, applied, stuck = known
    if stuck or state.clock.monotonic() < since + PROCESSING_SECONDS:
        status: dict[str, Any] = {"status": "Processing"}
    elif applied:
        status = {"status": "Success"}
    else:
        status = {"status": "Failure", "errors": [{"code": "NotAvailable", "message": "Not available."}]}
    return {"payload": {"transactionStatus": {"transactionId": call["transactionId"], **status}}}


ANSWERS = {
    "getTransaction": get_transaction,
}
"""How each operation is answered, by Amazon's name for it."""
