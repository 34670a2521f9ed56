"""Counts what the tool list costs an assistant: names, descriptions and input schemas, in o200k tokens.

Usage: python tools/count_tokens.py [--check]
Writes the figures into docs/costs.md. With --check nothing is written; exit code 1 says that the list costs more than
its budget, that an answer is underrated, or that docs/costs.md names other figures.
"""

from __future__ import annotations

import argparse
import json
import string
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from marked_text import replaced
from rs_bpe.bpe import openai

from sp_mcp.accounts.account import Account
from sp_mcp.accounts.composition import registry_for
from sp_mcp.results.truncation import compact, tokens
from sp_mcp.settings import Settings

BUDGET = 9_600
UNDERRATED = 1.0
"""How many times more tokens an answer may have than sp_mcp.results.truncation counts."""

COSTS = Path(__file__).parent.parent / "docs" / "costs.md"


def main() -> int:
    """Print the count for each tool and for all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    encoding = openai.o200k_base()
    total, tools = 0, registry_for(Account(Settings())).definitions
    for tool in tools:
        schema = json.dumps(tool.input_schema, ensure_ascii=False, separators=(",", ":"))
        parts = [encoding.count(part) for part in (tool.name, tool.description or "", schema)]
        total += sum(parts)
        print(f"{tool.name:<44}{parts[1]:>5} description {parts[2]:>6} schema")
    print(f"{total} tokens for the list; the budget is {BUDGET}")
    if total > BUDGET:
        print("Shorten descriptions, or write listed=False in the record of the API that does not fit.")
    worst = max(_ratios(encoding))
    print(f"answers have at most {worst:.2f} times as many tokens as the program counts; the limit is {UNDERRATED}")
    figures = (
        f"The {len(tools)} tools that are listed by default cost an assistant {total:,} tokens: names, descriptions "
        "and input schemas, as compact JSON in o200k."
    )
    before = COSTS.read_text(encoding="utf-8")
    after = replaced(before, "tools and tokens", figures, by="tools/count_tokens.py")
    if not check:
        COSTS.write_text(after, encoding="utf-8")
    elif before != after:
        print(f"{COSTS.name} is out of date; run python tools/count_tokens.py")
    return 1 if check and (total > BUDGET or before != after or worst > UNDERRATED) else 0


def _ratios(encoding: Any) -> Iterator[float]:
    """Real tokens of answers of several kinds over counted ones: ids, times, amounts, words in several scripts."""
    random = Random(1)  # noqa: S311 - samples
    signs = string.ascii_letters + string.digits + "+/-_"
    samples: list[Callable[[], object]] = [
        lambda: "".join(random.choices(signs, k=40)),
        lambda: "".join(random.choices(string.digits, k=17)),
        lambda: "".join(random.choices(string.ascii_uppercase + string.digits, k=10)),
        lambda: {"currencyCode": "USD", "amount": f"{random.random() * 99:.2f}"},
        lambda: f"2026-05-{random.randint(1, 28):02}T{random.randint(0, 23):02}:00:00+05:30",
        lambda: random.choice(
            ["आपका पार्सल गुरुवार को पहुँचेगा", "お荷物は木曜日に届きます", "Ihr Paket kommt am Donnerstag"]
        ),
        lambda: f"https://example.com/{random.randint(1, 999)}/{''.join(random.choices(signs, k=20))}",
    ]
    for sample in samples:
        text = compact([{"itemSequenceNumber": str(n), "value": sample()} for n in range(200)])
        yield encoding.count(text) / tokens(text)


if __name__ == "__main__":
    sys.exit(main())
