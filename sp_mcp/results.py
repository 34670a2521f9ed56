"""Answers that are longer than an assistant should be handed at once: the first of them, and the rest on request."""

from __future__ import annotations

import copy
import json
import secrets
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sp_mcp.clock import Clock

LIFETIME = 3600.0
"""Seconds for which a whole answer can be read."""

SCHEME = "sp-mcp://results/"

_MOST_RESULTS = 50
_MOST_BYTES = 32 * 1024 * 1024
_BYTES_PER_TOKEN = 3
"""Of compact JSON with ids in it, in o200k; a little low, so that the budget holds."""

_ROOM = 400
"""Bytes for what is said of what was left out."""


@dataclass(frozen=True)
class Cut:
    """A list of which the first items are shown. `place` is where it is in the answer, such as `payload.orders`."""

    place: str
    shown: int
    of: int


class Results:
    """The whole answers of one account, in memory: private, and gone after an hour or with the process.

    `budget` is in tokens.
    """

    def __init__(self, clock: Clock, budget: int) -> None:
        self._clock = clock
        self._most = budget * _BYTES_PER_TOKEN
        self._kept: OrderedDict[str, tuple[float, dict[str, Any], int]] = OrderedDict()

    def fits(self, body: Any) -> bool:
        """Whether an answer is within the budget."""
        return size(body) <= self._most

    def shorten(self, body: Mapping[str, Any], whole: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """The first items of `body` with `leftOut`, which says of what how many are missing; and the same in words.

        Keeps `whole`.
        """
        identifier = secrets.token_urlsafe(12)
        self._keep(identifier, dict(whole))
        short, cuts = _cut(body, self._most - _ROOM)
        until = self._clock.now() + timedelta(seconds=LIFETIME)
        left_out = {
            "lists": [{"listName": cut.place, "shown": cut.shown, "of": cut.of} for cut in cuts],
            "result": identifier,
            "resource": f"{SCHEME}{identifier}",
            "until": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        shown = ", ".join(f"the first {cut.shown} of {cut.of} in {cut.place}" for cut in cuts) or "a part of it"
        return {**short, "leftOut": left_out}, (
            f"Too long to show at once; this is {shown}. sp_mcp_read_result shows the rest, and the resource in "
            "leftOut is the whole answer."
        )

    def whole(self, identifier: str) -> dict[str, Any] | None:
        """A whole answer, while it is kept."""
        self._drop_old()
        kept = self._kept.get(identifier)
        return kept[1] if kept else None

    def page(self, items: list[Any], start: int) -> list[Any]:
        """The items from `start` on that fit into one answer, at least one."""
        left = self._most - _ROOM
        page: list[Any] = []
        for item in items[start:]:
            left -= size(item) + 1
            if left < 0 and page:
                break
            page.append(item)
        return page

    def _keep(self, identifier: str, body: dict[str, Any]) -> None:
        self._drop_old()
        self._kept[identifier] = (self._clock.monotonic() + LIFETIME, body, size(body))
        while len(self._kept) > _MOST_RESULTS or sum(kept[2] for kept in self._kept.values()) > _MOST_BYTES:
            self._kept.popitem(last=False)

    def _drop_old(self) -> None:
        now = self._clock.monotonic()
        for identifier in [name for name, kept in self._kept.items() if kept[0] <= now]:
            del self._kept[identifier]


def compact(value: Any) -> str:
    """A value as JSON, in as few characters as there can be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def size(value: Any) -> int:
    """Bytes of a value as compact JSON."""
    return len(compact(value).encode(errors="replace"))


def lists(value: Any, place: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Every list in an answer and where it is, outer ones before inner ones."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from lists(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list):
        yield place, value
        for number, inner in enumerate(value):
            yield from lists(inner, f"{place}[{number}]")


def _cut(body: Mapping[str, Any], most: int) -> tuple[dict[str, Any], list[Cut]]:
    short = copy.deepcopy(dict(body))
    cuts: list[Cut] = []
    while (excess := size(short) - most) > 0:
        long = [(place, items) for place, items in lists(short) if len(items) > 1]
        if not long:
            return _without_the_longest(short, most), cuts
        place, items = max(long, key=lambda found: size(found[1]))
        of, kept = len(items), len(items)
        while kept > 1 and excess > 0:
            kept -= 1
            excess -= size(items[kept]) + 1
        del items[kept:]
        cuts.append(Cut(place, kept, of))
    return short, cuts


def _without_the_longest(body: dict[str, Any], most: int) -> dict[str, Any]:
    """What has no lists to cut loses whole entries, the longest first."""
    kept = dict(body)
    for name in sorted(body, key=lambda name: size(body[name]), reverse=True):
        if size(kept) <= most:
            break
        del kept[name]
    return kept
