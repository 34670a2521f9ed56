"""Changes of the ledger as files: JSON lines and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

from sp_mcp.ledger.entry import Entry, utc_text


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
        row[name] = None if row[name] is None else utc_text(row[name])
    return {**row, "subjects": list(entry.subjects), "codes": list(entry.codes)}


def _line(values: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(["" if value is None else _harmless(value) for value in values])
    return line.getvalue()


def _harmless(value: Any) -> Any:
    # A spreadsheet takes a cell that begins like this for a formula.
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value
