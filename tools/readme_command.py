"""Prints one of README.md's two commands, so that it can be run as it is written there.

Usage: python tools/readme_command.py demo|tests
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def commands() -> dict[str, str]:
    """The two commands by name."""
    blocks = re.findall(r"```sh\n(python3 -m venv [^\n]+)\n```", README.read_text(encoding="utf-8"))
    return {"tests" if "pytest" in block else "demo": block for block in blocks}


def main() -> int:
    """Print the command that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=("demo", "tests"))
    print(commands()[parser.parse_args().which])
    return 0


if __name__ == "__main__":
    sys.exit(main())
