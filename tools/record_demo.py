"""Draws README.md's picture of a session from a real run of the demo.

Usage: python tools/record_demo.py [--check]

Runs `sp-mcp demo --yes` and writes what it printed of the first job as demo.svg, a still picture of a terminal.
With --check the demo is run too, and exit code 1 says that the picture shows something else. Only what differs from day
to day is left out of the comparison: dates, times, and how lines were wrapped because of them.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape, unescape

PICTURE = Path(__file__).parent.parent / "demo.svg"
COLUMNS = 80
_LINE = 17
_CHARACTER = 8.4
_MARGIN = 18

_COLOURS = (
    (re.compile(r"^={10,}$"), "#5c6370"),
    (re.compile(r"^(\d\. |sp-mcp: )"), "#e5c07b"),
    (re.compile(r"^> "), "#61afef"),
    (re.compile(r"^< ok"), "#98c379"),
    (re.compile(r"^< failed"), "#e06c75"),
    (re.compile(r"^  (\||A person|Do this)"), "#c678dd"),
)
_PLAIN = "#abb2bf"


def run_demo() -> list[str]:
    """The lines the demo prints about the first job."""
    done = subprocess.run(
        [sys.executable, "-m", "sp_mcp", "demo", "--yes"], capture_output=True, text=True, encoding="utf-8", check=True
    )
    lines = done.stdout.splitlines()
    if wide := [line for line in lines if len(line) > COLUMNS and not line.lstrip().startswith('"command"')]:
        raise SystemExit(f"the demo is wider than {COLUMNS} columns: {wide[0]!r}")
    end = next(number for number, line in enumerate(lines) if line.startswith("2. "))
    return ["$ sp-mcp demo --yes", *lines[: end - 2]]


def drawn(lines: list[str]) -> str:
    """The lines as an SVG."""
    width = int(COLUMNS * _CHARACTER + 2 * _MARGIN)
    height = len(lines) * _LINE + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        "<title>A session of sp-mcp demo</title>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#1e2127"/>',
        '<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">',
    ]
    for number, line in enumerate(lines):
        colour = next((colour for pattern, colour in _COLOURS if pattern.search(line)), _PLAIN)
        y = _MARGIN + (number + 1) * _LINE - 4
        # A fixed length keeps columns aligned whatever font the reader has.
        length = f' textLength="{len(line) * _CHARACTER:.0f}"' if line else ""
        parts.append(f'<text x="{_MARGIN}" y="{y}" fill="{colour}"{length}>{escape(line)}</text>')
    return "\n".join([*parts, "</g>", "</svg>", ""])


def shown(picture: str) -> list[str]:
    """The lines of a picture."""
    return [unescape(line) for line in re.findall(r"<text [^>]*>([^<]*)</text>", picture)]


_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.+Z-]*)?")
_DAY = re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}\b")


def lasting(lines: list[str]) -> str:
    """What stays the same on every day: all words, with a sign in place of each instant and day."""
    # A question's lines begin with a bar, which stands wherever a line was broken.
    words = " ".join(line.removeprefix("  | ") for line in lines).split()
    return _DAY.sub("<day>", _INSTANT.sub("<instant>", " ".join(words)))


def main() -> int:
    """Draw, or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    lines = run_demo()
    if not check:
        PICTURE.write_text(drawn(lines), encoding="utf-8")
        print(f"wrote {PICTURE.name}, {len(lines)} lines")
        return 0
    if not PICTURE.exists() or lasting(shown(PICTURE.read_text(encoding="utf-8"))) != lasting(lines):
        print(f"{PICTURE.name} is out of date; run python tools/record_demo.py")
        return 1
    print(f"{PICTURE.name} shows what the demo prints")
    return 0


if __name__ == "__main__":
    sys.exit(main())
