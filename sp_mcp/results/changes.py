"""A change of the ledger as a model reads it, and finding the tools that a reader means."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from typing import Any

from sp_mcp.ledger.entry import Entry, utc_text
from sp_mcp.operation import Operation
from sp_mcp.outcome import Outcome
from sp_mcp.results.failures import how_to_check
from sp_mcp.text import folded_name, shown

_LONGEST = 600
"""Characters of arguments that are worth an assistant's while; the orders' numbers are given besides."""


class UnknownOperation(Exception):
    """No operation is called like that. The text names one that is."""


def matching_tools(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names that hold a text, in whatever casing and with or without underscores. Raises UnknownOperation."""
    meant_by_text = folded_name(text.strip())
    by_folded = {folded_name(name): name for name in names}
    if found := tuple(name for folded, name in by_folded.items() if meant_by_text in folded):
        return found
    near = difflib.get_close_matches(meant_by_text[:80], by_folded, n=1, cutoff=0.5)
    meant = f" Did you mean {by_folded[near[0]]}?" if near else ""
    raise UnknownOperation(f"No tool that changes something is called like {shown(text, 60)}.{meant}")


def change_for_model(entry: Entry, operation: Operation | None) -> dict[str, Any]:
    """A change for an assistant; for one that is unsettled also what was asked for, and what shows the outcome."""
    fields: dict[str, Any] = {
        "id": entry.id,
        "at": utc_text(entry.at),
        "operation": entry.operation,
        "orders": list(entry.subjects),
        "outcome": entry.outcome.value,
        "consent": entry.consent.value,
        "status": entry.status,
        "requestId": entry.request_id,
        "errorCodes": list(entry.codes),
        "done": entry.done,
        "notDone": entry.not_done,
        "resolution": entry.resolution and entry.resolution.value,
    }
    if entry.unsettled:
        if len(json.dumps(entry.arguments)) <= _LONGEST:
            fields["arguments"] = entry.arguments
        if operation is not None:
            fields["note"] = how_to_check(operation)
            if operation.reconciliation is not None and not operation.outcome_note:
                fields["shownBy"] = operation.reconciliation.tool
    if entry.outcome is Outcome.WAITING:
        fields["note"] = f"Recorded and not sent yet. It can be sent until {utc_text(entry.give_up_at)}, not later."
    return {name: value for name, value in fields.items() if value not in (None, [], "")}
