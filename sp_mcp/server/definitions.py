"""What clients are shown of every tool, read from tool_definitions/, which tools/generate_tools.py makes from the code.

So a server that lists its tools loads no operation, and one that is called loads those of its API.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import mcp_types as types

FOLDER = "tool_definitions"

_NAME = re.compile(r"[a-z0-9_]{1,64}")


@dataclass(frozen=True)
class ToolDefinition:
    """One tool. `operation` is Amazon's name of it, or None for a workflow; `api` is None where it belongs to no API.

    `position` orders the tools. `hints` are the protocol's annotations.
    """

    name: str
    position: int
    api: str | None
    operation: str | None
    hidden_when_read_only: bool
    title: str
    description: str
    hints: dict[str, bool]
    input: dict[str, Any]
    output: dict[str, Any]

    def for_client(self, defaults: frozenset[str]) -> types.Tool:
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


def definitions() -> Iterator[ToolDefinition]:
    """All tools, in no particular order. Schemas are large and seldom wanted, so nobody keeps them."""
    for file in files("sp_mcp.server").joinpath(FOLDER).iterdir():
        if file.name.endswith(".json"):
            yield ToolDefinition(**json.loads(file.read_text(encoding="utf-8")))


def definition(name: str) -> ToolDefinition | None:
    """One tool by its name."""
    # The name comes from a caller: only what could be a tool's name is looked for among files.
    if not _NAME.fullmatch(name):
        return None
    file = files("sp_mcp.server").joinpath(FOLDER, f"{name}.json")
    return ToolDefinition(**json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None
