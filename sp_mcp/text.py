"""Putting values that strangers wrote into sentences that people read."""

from __future__ import annotations

import unicodedata

_SHORT = 120

_LOOKALIKES = str.maketrans({"<": "‹", ">": "›", "`": "'"})
_BREAKS = str.maketrans({"\r": "⏎", "\n": "⏎", "\t": " "})

_JOINERS = "\u200c\u200d"
_VARIANTS = "\ufe0e\ufe0f"


def _hidden(character: str, before: str) -> bool:
    """Whether a character cannot be seen. Some may follow one they belong to, as in emoji, Hindi or Persian."""
    if character in _JOINERS:
        return before.isascii() or before in _JOINERS
    if character in _VARIANTS:
        return unicodedata.category(before)[0] not in "SNP"
    return (
        unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Co", "Cs", "Cn")
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
    )


def shown(value: object, limit: int = _SHORT) -> str:
    """A value on one line, without markup or invisible characters, clipped to `limit` characters.

    Line breaks become ⏎ and hidden or direction-changing characters become visible, so that what a person
    agrees to is what they see.
    """
    text = str(value).replace("\r\n", "\n").translate(_LOOKALIKES).replace("](", "] (")
    return visible(text if len(text) <= limit else text[: limit - 1] + "…")


def visible(text: str) -> str:
    """A text on one line in which hidden and direction-changing characters can be seen."""
    line = text.replace("\r\n", "\n").translate(_BREAKS)
    return "".join("�" if _hidden(c, before) else c for before, c in zip(" " + line, line, strict=False))


def quoted(value: object, limit: int = 4000) -> str:
    """Words somebody will receive, whole and in quotation marks."""
    return f"“{shown(value, limit)}”"


def counted(number: int, noun: str) -> str:
    """`1 order`, `3 orders`."""
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def passed(seconds: float) -> str:
    """A length of time in its largest unit, such as `3 minutes`."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return counted(int(seconds // size), unit)
    return counted(max(0, int(seconds)), "second")


def per_item(noun: str, pairs: list[tuple[str, str]], most: int = 30) -> tuple[str, ...]:
    """One line for each of the first `most` (name, text) pairs, and one that names all the others."""
    lines = [f"{noun} {name}: {text}" for name, text in pairs[:most]]
    if rest := [name for name, _ in pairs[most:]]:
        lines.append(f"and {counted(len(rest), noun.lower())} more: {', '.join(rest)}")
    return tuple(lines)


def folded_name(name: str) -> str:
    """A name in which casing and underscores make no difference, for finding the one that somebody means."""
    return name.replace("_", "").casefold()
