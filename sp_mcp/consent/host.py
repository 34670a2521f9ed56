"""How a person can be reached through the host, what is put before them, and what comes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ANSWER_FIELD = "confirm"


def _form(title: str) -> dict[str, Any]:
    box = {
        "type": "boolean",
        "title": title,
        "description": "Tick to agree; leave empty to refuse.",
        "default": False,
    }
    return {"type": "object", "properties": {ANSWER_FIELD: box}, "required": [ANSWER_FIELD]}


ANSWER_SCHEMA = _form("Yes, do this")
"""The form a person fills in: one box that is empty until they tick it."""

AGAIN_SCHEMA = _form("Yes, do this once more")
"""The same where it was done before."""


@dataclass(frozen=True)
class HostReply:
    """What came back from the host."""

    action: Literal["accept", "decline", "cancel", "unreadable"]
    ticked: bool = False

    @classmethod
    def of(cls, action: str, content: Mapping[str, Any] | None) -> HostReply:
        """Read an elicitation result; only a real `true` counts as a tick."""
        if action not in ("accept", "decline", "cancel"):
            return cls("unreadable")
        return cls(action, (content or {}).get(ANSWER_FIELD) is True)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Asked:
    """What is put before a person: a text, and the form for the answer."""

    text: str = field(repr=False)
    form: Mapping[str, Any] = field(repr=False)


Ask = Callable[[Asked], Awaitable[HostReply]]
"""Puts a question before a person while the call waits."""


@dataclass(frozen=True)
class Host:
    """How the other side of this call can be reached.

    `ask` is there where a request can be sent during the call. `repeats` is true where the host asks
    between two tries of the call; `state` and `reply` are then what a second try brought.
    """

    ask: Ask | None = None
    repeats: bool = False
    state: str | None = field(default=None, repr=False)
    reply: HostReply | None = None

    @property
    def can_ask(self) -> bool:
        """Whether a person can be reached through the host."""
        return self.ask is not None or self.repeats
