"""What clients are shown of every tool, read from tools.json, which tools/generate_tools.py makes from the code.

So a server that lists its tools loads no operation, and one that is called loads those of its API.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import mcp_types as types

FILE = "tools.json"


@dataclass(frozen=True)
class Record:
    """One tool. `operation_id` is None for a workflow, and `api` None where it belongs to no API."""

    name: str
    api: str | None
    title: str
    description: str
    operation_id: str | None
    hidden_when_read_only: bool
    hints: dict[str, bool]
    input: dict[str, Any]
    output: dict[str, Any]

    def definition(self, defaults: frozenset[str]) -> types.Tool:
        """The tool as `tools/list` shows it; `defaults` are arguments the settings fill in where a call has none."""
        arguments = dict(self.input)
        required = [name for name in arguments.pop("required", []) if name not in defaults]
        return types.Tool(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema={**arguments, **({"required": required} if required else {})},
            output_schema=self.output,
            annotations=types.ToolAnnotations.model_validate(self.hints),
        )


def records() -> Iterator[Record]:
    """All tools, in their order. Schemas are large and seldom wanted, so nobody keeps them."""
    for line in _lines():
        yield Record(**json.loads(line))


def record(name: str) -> Record | None:
    """One tool by its name."""
    begins = f'{{"name":{json.dumps(name)},'
    return next((Record(**json.loads(line)) for line in _lines() if line.startswith(begins)), None)


def _lines() -> Iterator[str]:
    with files("sp_mcp").joinpath(FILE).open(encoding="utf-8") as lines:
        yield from lines
