"""Proves that the layers of pyproject.toml hold: imports that break them make lint-imports fail.

Usage: python tools/check_layers.py

Each import below is written into a copy of the package, where lint-imports must then name the contract that it breaks.
Exit code 1 says that one went unnoticed: a rule that cannot fail holds nothing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent

BREAKS = (
    ("apis/sellers/operations.py", "import sp_mcp.amazon.http", "An API's package is data"),
    ("apis/messaging/requests.py", "import sp_mcp.settings", "An API's package is data"),
    ("consent/confirmation.py", "import sp_mcp.amazon.client", "Consent sends nothing"),
    ("ledger/ledger.py", "import sp_mcp.results.failures", "Imports point down"),
    ("workflows/workflow.py", "import mcp_types", "Below the server nothing knows MCP"),
    ("server/resources.py", "import sp_mcp.accounts.account", "Only commands use the composition root"),
    ("sandbox/state.py", "import sp_mcp.regions", "The local Selling Partner shares nothing"),
    ("cli/serving.py", "import click", "Only commands know the command line"),
    ("stray.py", '"""A module that chose no layer."""', "Imports point down"),
)
"""Module, what is added to it, and how the contract that it breaks begins."""


def broken_contracts(module: str, line: str) -> list[str]:
    """The contracts that are broken once `line` stands in `module`."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "sp_mcp", Path(folder) / "sp_mcp", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", folder)
        path = Path(folder) / "sp_mcp" / module
        path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + f"\n{line}\n", encoding="utf-8")
        program = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as run; run()"
        done = subprocess.run([sys.executable, "-c", program, "--no-cache"], cwd=folder, capture_output=True, text=True)
    return [text.removesuffix(" BROKEN") for text in done.stdout.splitlines() if text.endswith(" BROKEN")]


def main() -> int:
    """Try each import, and answer the exit code."""
    unnoticed = 0
    for module, line, contract in BREAKS:
        broken = broken_contracts(module, line)
        seen = any(name.startswith(contract) for name in broken)
        unnoticed += not seen
        print(f"{'refused' if seen else 'NOT NOTICED'}: {line} in {module}")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
