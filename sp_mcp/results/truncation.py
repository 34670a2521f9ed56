"""Answers that are longer than an assistant should be handed at once: the first of them, and the rest on request."""

from __future__ import annotations

import copy
import json
import re
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

_ROOM = 250
"""Tokens for what is said of what was left out, and of strangers."""

_MOST_CUTS = 40
_CLIPPED = 200
"""Characters that stay of a text that is too long by itself."""

# Pieces of which none is more than a token, or the number of characters by which it is counted.
_PIECE = re.compile(r"[a-z]+|[A-Z]+|\d{1,3}|\s+|[^\sa-zA-Z\d]+")


@dataclass(frozen=True)
class StoredResult:
    """A whole answer with its signs around untrusted text, and whether there is such text in it."""

    body: dict[str, Any]
    has_strangers: bool


class TruncatedResults:
    """The whole answers of one account, in memory: private, and gone after an hour or with the process.

    `budget` is in tokens.
    """

    def __init__(self, clock: Clock, budget: int) -> None:
        self._clock = clock
        self._budget = budget
        self._kept: OrderedDict[str, tuple[float, StoredResult, int]] = OrderedDict()

    def fits(self, text: str) -> bool:
        """Whether an answer is within the budget, as compact JSON."""
        return _fits(text, self._budget)

    def shorten(self, body: Mapping[str, Any], kept: StoredResult) -> tuple[dict[str, Any], str]:
        """The first items of `body` with `leftOut`, which says of what how many are missing; and the same in words."""
        identifier = secrets.token_urlsafe(12)
        self._keep(identifier, kept)
        short, lists_cut, dropped = _shorten(body, self._budget - _ROOM)
        until = self._clock.now() + timedelta(seconds=LIFETIME)
        left_out = {
            **({"lists": lists_cut} if lists_cut else {}),
            **({"texts": dropped[:20]} if dropped else {}),
            "result": identifier,
            "resource": f"{SCHEME}{identifier}",
            "until": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        parts = [f"the first {cut['shown']} of {cut['of']} in {cut['listName']}" for cut in lists_cut]
        parts += [f"not all of {', '.join(dropped[:5])}"] if dropped else []
        rest = "sp_mcp_read_result shows the rest" if lists_cut else "The rest is in no list"
        return {**short, "leftOut": left_out}, (
            f"Too long to show at once; this is {' and '.join(parts)}. {rest}, and the resource in `leftOut` is the "
            "whole answer."
        )

    def whole(self, identifier: str) -> StoredResult | None:
        """A whole answer, while it is kept, by what leftOut calls `result` or `resource`."""
        self._drop_old()
        kept = self._kept.get(identifier.removeprefix(SCHEME))
        return kept[1] if kept else None

    def page(self, items: list[Any], start: int) -> list[Any]:
        """The items from `start` on that fit into one answer, at least one."""
        return _first(items[start:], self._budget - _ROOM)

    def _keep(self, identifier: str, kept: StoredResult) -> None:
        self._drop_old()
        self._kept[identifier] = (self._clock.monotonic() + LIFETIME, kept, len(compact(kept.body)))
        while len(self._kept) > _MOST_RESULTS or sum(entry[2] for entry in self._kept.values()) > _MOST_BYTES:
            self._kept.popitem(last=False)

    def _drop_old(self) -> None:
        now = self._clock.monotonic()
        for identifier in [name for name, entry in self._kept.items() if entry[0] <= now]:
            del self._kept[identifier]


def compact(value: Any) -> str:
    """A value as JSON, in as few characters as there can be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def tokens(text: str) -> int:
    """About how many o200k tokens a text has, rather too many than too few (tools/count_tokens.py compares).

    Words are split more finely than they are, so that random ids are not underrated.
    """
    count = 0
    for piece in _PIECE.findall(text):
        if piece[0].isascii() and piece[0].isalpha():
            count += 1 + (len(piece) - 1) // 5
        elif piece[0].isdigit() or piece[0].isspace():
            count += 1
        else:
            count += 1 + (len(piece.encode(errors="replace")) - 1) // 4
    return count


def lists(value: Any, path: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Every list in an answer and where it is, outer ones before inner ones."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from lists(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        yield path, value
        for number, inner in enumerate(value):
            yield from lists(inner, f"{path}[{number}]")


def _first(items: list[Any], budget: int) -> list[Any]:
    """The first items that fit, at least one."""
    kept: list[Any] = []
    for item in items:
        budget -= tokens(compact(item)) + 1
        if budget < 0 and kept:
            break
        kept.append(item)
    return kept


def _fits(text: str, budget: int) -> bool:
    # A token has at least one character and seldom more than six: mostly nothing need be counted.
    return len(text) <= budget or (len(text) <= 6 * budget and tokens(text) <= budget)


def _shorten(body: Mapping[str, Any], budget: int) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
    """A body within the budget, the lists of which the first items are left, and where texts or entries are missing."""
    short: dict[str, Any] = dict(body)
    cuts: dict[str, tuple[int, int]] = {}
    for _ in range(_MOST_CUTS):
        if _fits(compact(short), budget):
            return short, _described(cuts), []
        long = [(path, items) for path, items in lists(short) if len(items) > 1]
        if not long:
            break
        path, items = max(long, key=lambda found: len(compact(found[1])))
        kept = _first(items, budget - tokens(compact(_replaced(short, path, []))))
        if len(kept) == len(items):
            kept = items[:-1]
        short = _replaced(short, path, kept)
        cuts[path] = (len(kept), cuts.get(path, (0, len(items)))[1])
    short, dropped = _clipped(copy.deepcopy(short), budget)
    left = dict(lists(short))
    return short, _described({path: cut for path, cut in cuts.items() if path in left}), dropped


def _described(cuts: dict[str, tuple[int, int]]) -> list[dict[str, Any]]:
    return [{"listName": path, "shown": shown, "of": of} for path, (shown, of) in cuts.items()]


def _replaced(body: dict[str, Any], path: str, items: list[Any]) -> dict[str, Any]:
    """A copy in which one list is another; what does not lead there is shared."""
    *way, last = [int(part) if part.isdigit() else part for part in re.split(r"\.|\[|\]\.?", path) if part]
    top: Any = dict(body)
    here = top
    for step in way:
        here[step] = copy.copy(here[step])
        here = here[step]
    here[last] = items
    return dict(top)


def _clipped(body: dict[str, Any], budget: int) -> tuple[dict[str, Any], list[str]]:
    """What has no lists to cut loses the ends of its longest texts, and then whole entries."""
    dropped: list[str] = []
    excess = tokens(compact(body)) - budget
    for path, holder, name in sorted(_texts(body), key=lambda text: len(text[1][text[2]]), reverse=True):
        text = holder[name]
        if excess <= 0 or len(text) <= 2 * _CLIPPED:
            break
        holder[name] = f"{text[:_CLIPPED]}… ({len(text) - _CLIPPED:,} more characters)"
        excess -= tokens(text) - tokens(holder[name])
        dropped.append(path)
    for name, cost in sorted(((n, tokens(compact(v))) for n, v in body.items()), key=lambda e: e[1], reverse=True):
        if excess <= 0:
            break
        del body[name]
        excess -= cost
        dropped.append(name)
    return body, dropped


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where there are texts, with what holds each and under which name. Tokens of pages are not to be cut."""
    entries: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in entries:
        here = f"{path}[{name}]" if isinstance(value, list) else f"{path}.{name}" if path else str(name)
        if isinstance(inner, str):
            if not here.endswith("Token"):
                yield here, value, name
        else:
            yield from _texts(inner, here)
