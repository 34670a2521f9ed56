"""Changes as people and models read them, and their export."""

from __future__ import annotations

import csv
import difflib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

from sp_mcp.failures import see_outcome
from sp_mcp.ledger.entry import Entry, Outcome, moment
from sp_mcp.operation import Operation
from sp_mcp.wording import counted, shown

_LONGEST = 600
"""Characters of arguments that are worth an assistant's while; orders' numbers are told besides."""


class UnknownOperation(Exception):
    """No operation is called like that. The text names some that are."""


def meant_by(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names that hold a text, in whatever casing and with or without underscores. Raises UnknownOperation."""
    by_folded = {_folded(name): name for name in names}
    if found := tuple(name for folded, name in by_folded.items() if _folded(text) in folded):
        return found
    near = difflib.get_close_matches(_folded(text)[:80], by_folded, n=1, cutoff=0.5)
    meant = f" Did you mean {by_folded[near[0]]}?" if near else ""
    raise UnknownOperation(f"No tool that changes something is called like {shown(text, 60)}.{meant}")


def _folded(name: str) -> str:
    return name.strip().replace("_", "").casefold()


def told(entry: Entry, operation: Operation | None) -> dict[str, Any]:
    """A change for an assistant; for one that is unsettled also what was asked for, and what shows the outcome."""
    entries: dict[str, Any] = {
        "id": entry.id,
        "at": moment(entry.at),
        "operation": entry.operation,
        "orders": list(entry.subjects),
        "outcome": entry.outcome.value,
        "consent": entry.consent.value,
        "status": entry.status,
        "requestId": entry.request_id,
        "errorCodes": list(entry.codes),
        "done": entry.done,
        "notDone": entry.not_done,
        "verdict": entry.verdict and entry.verdict.value,
    }
    if entry.unsettled:
        if len(json.dumps(entry.arguments)) <= _LONGEST:
            entries["arguments"] = entry.arguments
        if operation is not None:
            entries["note"] = see_outcome(operation)
            if operation.settling is not None and not operation.outcome_note:
                entries["shownBy"] = operation.settling.tool
    if entry.outcome is Outcome.WAITING:
        entries["note"] = f"Recorded and not sent yet; not any more after {moment(entry.give_up_at)}."
    return {name: value for name, value in entries.items() if value not in (None, [], "")}


def lines(entry: Entry) -> Iterator[str]:
    """A change for a terminal."""
    outcome = f"{entry.outcome}, {entry.verdict}" if entry.verdict else str(entry.outcome)
    yield f"{moment(entry.at)}  {entry.id}  {entry.operation}: {outcome}"
    about = [shown(subject, 40) for subject in entry.subjects[:10]]
    if len(entry.subjects) > len(about):
        about.append(f"{len(entry.subjects) - len(about)} more")
    details = [f"for {', '.join(about)}"] if about else []
    details.append(f"consent: {entry.consent}")
    if entry.done is not None:
        details.append(f"{entry.done} done, {entry.not_done} not")
    if entry.codes:
        details.append(", ".join(entry.codes))
    if entry.request_id:
        details.append(f"request id {entry.request_id}")
    details.append(f"{shown(entry.label)} ({entry.environment})")
    yield f"    {'; '.join(details)}"


def summary(entries: Iterable[Entry]) -> str:
    """How many changes there are, and how many are unsettled."""
    listed = list(entries)
    unsettled = sum(entry.unsettled for entry in listed)
    return f"{counted(len(listed), 'change')}, {unsettled} unsettled"


def as_json_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """One JSON object for each change."""
    for entry in entries:
        yield json.dumps(_flat(entry), ensure_ascii=False) + "\n"


def as_csv(entries: Iterable[Entry]) -> Iterator[str]:
    """A table with a line of names; lists and arguments are JSON within it."""
    yield _line([column.name for column in fields(Entry)])
    for entry in entries:
        yield _line(
            json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
            for value in _flat(entry).values()
        )


FORMATS: Mapping[str, Callable[[Iterable[Entry]], Iterator[str]]] = {
    ".jsonl": as_json_lines,
    ".json": as_json_lines,
    ".csv": as_csv,
}
"""How a file is written, by the end of its name."""


def _flat(entry: Entry) -> dict[str, Any]:
    """Every column, with instants in words."""
    row = asdict(entry)
    for name in ("at", "asked_at", "consented_at", "give_up_at", "left_at", "completed_at", "settled_at"):
        row[name] = None if row[name] is None else moment(row[name])
    return {**row, "subjects": list(entry.subjects), "codes": list(entry.codes)}


def _line(values: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(["" if value is None else _harmless(value) for value in values])
    return line.getvalue()


def _harmless(value: Any) -> Any:
    # A spreadsheet takes a cell that begins like this for a formula.
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value
