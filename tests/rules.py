"""Rules that hold for every operation: each is one test, which loops and names every operation that breaks it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

REPRESENTATIVES = (
    "vendor_orders_get_purchase_order",  # a read
    "easy_ship_create_scheduled_package",  # a change
    "messaging_send_invoice",  # a change whose success is empty
    "easy_ship_create_scheduled_package_bulk",  # a change with a Restricted Data Token
    "feeds_create_feed",  # what prepares something
)
"""Operations of every kind, for what is tried in both protocol eras."""


def holds(names: Iterable[str], rule: Callable[[str], object]) -> None:
    """Check a rule for every name, and fail with all that break it and why."""
    broken: dict[str, str] = {}
    for name in names:
        try:
            rule(name)
        except Exception as error:
            broken[name] = _first_line(error)
    assert not broken, _listed(broken)


async def holds_async(names: Iterable[str], rule: Callable[[str], Awaitable[object]]) -> None:
    """The same for a rule that takes calls."""
    broken: dict[str, str] = {}
    for name in names:
        try:
            await rule(name)
        except Exception as error:
            broken[name] = _first_line(error)
    assert not broken, _listed(broken)


def _first_line(error: Exception) -> str:
    line = next(iter(str(error).splitlines()), "") or "breaks the rule"
    return line if isinstance(error, AssertionError) else f"{type(error).__name__}: {line}"


def _listed(broken: dict[str, str]) -> str:
    return "\n".join(["", *(f"{name}: {why}" for name, why in broken.items())])
