"""Counts what the tool list costs an assistant: names, descriptions and input schemas, in o200k tokens.

Usage: python tools/count_tokens.py [--check]
With --check: exit code 1 if the list costs more than the budget, or README.md names another number.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rs_bpe.bpe import openai

from sp_mcp.account import Account
from sp_mcp.server import Toolbox
from sp_mcp.settings import Settings

BUDGET = 12_000
README = Path(__file__).parent.parent / "README.md"


def main() -> int:
    """Print the count for each tool and for all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    encoding = openai.o200k_base()
    total = 0
    for tool in Toolbox(Account(Settings())).definitions:
        schema = json.dumps(tool.input_schema, ensure_ascii=False, separators=(",", ":"))
        parts = [encoding.count(part) for part in (tool.name, tool.description or "", schema)]
        total += sum(parts)
        print(f"{tool.name:<44}{parts[1]:>5} description {parts[2]:>6} schema")
    print(f"{total} tokens for the list; the budget is {BUDGET}")
    named = f"{total:,} tokens" in README.read_text(encoding="utf-8")
    if not named:
        print(f"README.md does not say {total:,} tokens")
    return 1 if check and (total > BUDGET or not named) else 0


if __name__ == "__main__":
    sys.exit(main())
