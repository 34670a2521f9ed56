"""What is there to practise on: the ids a newcomer needs, in code and in words."""

from __future__ import annotations

from collections.abc import Iterable

from sp_mcp.sandbox import LOCAL_MARKETPLACE

ORDERS_TO_SCHEDULE = tuple(f"403-100000{n}-100000{n}" for n in range(1, 6))
"""Unshipped Easy Ship orders in India that wait for a slot."""

SCHEDULED_ORDER = "403-1000006-1000006"
PENDING_ORDER = "403-1000007-1000007"
POLISH_ORDERS = ("404-2000001-2000001", "404-2000002-2000002")
"""Orders that only the bulk operation can schedule."""

AMERICAN_ORDERS = ("113-3000001-3000001", "113-3000002-3000002")
"""Orders with buyers to write to in the United States."""

ORDER_TO_SCHEDULE = ORDERS_TO_SCHEDULE[0]
ORDER_TO_MESSAGE = ORDERS_TO_SCHEDULE[0]

UPLOADS = ("upload-invoice-1", "upload-warranty-1")
"""Files that are uploaded already and can be attached to any message."""

_FOR_API = {
    "easy_ship": f"Every parcel is 30 x 20 x 10 cm and 750 g. In bulk, in A1C3SOZRARQ6R3: {POLISH_ORDERS[0]}.",
    "messaging": f"Buyers to write to: order {ORDER_TO_MESSAGE}; in ATVPDKIKX0DER {AMERICAN_ORDERS[0]}.",
}
"""For each API, what there is to practise on."""


def practice_text(apis: Iterable[str]) -> str:
    """What an assistant should know of the practice account, as far as it concerns these APIs."""
    lines = [f"Marketplace {LOCAL_MARKETPLACE}."]
    lines += [_FOR_API[api] for api in apis if api in _FOR_API]
    return " ".join(lines)
