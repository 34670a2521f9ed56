"""Writes what the documents say about tools and settings from the code: README.md's tables and .env.example.

Usage: python tools/generate_docs.py [--check]
With --check nothing is written; exit code 1 says that something is out of date.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path

from marked_text import replaced
from pydantic.fields import FieldInfo

from sp_mcp.apis import apis, operations
from sp_mcp.settings import Settings
from sp_mcp.workflows import catalogue

ROOT = Path(__file__).parent.parent
_ME = "tools/generate_docs.py"


def tool_table() -> str:
    """One row for each tool."""
    rows = ["| tool | what it does | effect | rate/s (burst) |", "|---|---|---|---|"]
    for operation in operations():
        effect = operation.endpoint.effect.value
        what = _first_sentence(operation.description)
        rate = operation.endpoint.rate
        rows.append(f"| `{operation.name}` | {what} | {effect} | {rate.per_second:g} ({rate.burst}) |")
    rows += [f"| `{workflow.name}` | {_first_sentence(workflow.description)} | reads | |" for workflow in catalogue()]
    return "\n".join(rows)


def _first_sentence(description: str) -> str:
    return description.split(". ")[0].split("; ")[0].split(": ")[0].rstrip(".")


def role_table() -> str:
    """One row for each API: what the application and the account must have."""
    rows = ["| API | needs |", "|---|---|"]
    for api in apis().values():
        roles = dict.fromkeys(operation.role for operation in operations((api.name,)))
        rows.append(f"| {api.title} | {'; '.join(roles)} |")
    return "\n".join(rows)


def settings_table() -> str:
    """One row for each setting."""
    rows = ["| setting | meaning |", "|---|---|"]
    rows += [f"| `{field.alias}` | {described(field)} |" for field in Settings.model_fields.values()]
    return "\n".join(rows)


def described(field: FieldInfo) -> str:
    """What a setting means; that of the APIs with the names there are."""
    if field.alias != "SP_MCP_APIS":
        return field.description or ""
    names = ", ".join(f"`{name}`" for name in apis())
    listed = ", ".join(f"`{api.name}`" for api in apis().values() if api.listed)
    others = "the others are listed only if this setting names them"
    return f"{field.description} There are {names}. Default: {listed}; {others}."


def env_example() -> str:
    """Every setting, commented out."""
    parts = [
        "# Copy to .env in the folder the server starts in, or name any file with --env-file.\n"
        "# The environment wins over this file. Without any of it the practice account is used.\n"
    ]
    for field in Settings.model_fields.values():
        words = described(field).replace("`", "")
        told = textwrap.fill(words, 100, initial_indent="# ", subsequent_indent="# ")
        parts.append(f"{told}\n# {field.alias}=\n")
    return "\n".join(parts)


def main() -> int:
    """Write the documents, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, table in (("roles", role_table()), ("tools", tool_table()), ("settings", settings_table())):
        readme = replaced(readme, name, table, by=_ME)
    wanted = {
        "README.md": readme,
        ".env.example": env_example(),
    }
    stale = [name for name, text in wanted.items() if _read(ROOT / name) != text]
    for name in stale:
        if check:
            print(f"{name} is out of date; run python tools/generate_docs.py")
        else:
            (ROOT / name).write_text(wanted[name], encoding="utf-8")
            print(f"wrote {name}")
    if not stale:
        print("README.md and .env.example are up to date")
    return 1 if check and stale else 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
