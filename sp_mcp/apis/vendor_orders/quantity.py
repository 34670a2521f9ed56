"""How quantities of purchase orders compare."""

from __future__ import annotations


def pieces(amount: int | None, unit: str | None, size: int | None) -> int | None:
    """How many single pieces; None where the unit does not say.

    Only cases hold more than one, and no unit counts as pieces. Answers write units in capitals
    (docs/facts/vendor-orders.md#quantities).
    """
    if amount is None or (unit or "").casefold() != "cases":
        return amount
    return amount * size if size else None
