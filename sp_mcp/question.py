"""What a person is asked before a change, as data."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Question:
    """What a person is asked before a change.

    `headline` says what will happen; `facts` are lines such as `Order: 123`; `consequence` says what
    cannot be undone. `marketplace` is an id. All values in them have been through `text.shown` or `text.quoted`.
    """

    headline: str = field(repr=False)
    facts: tuple[str, ...] = field(repr=False)
    consequence: str
    marketplace: str | None = None
