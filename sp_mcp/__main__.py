"""The program: `sp-mcp`, and `python -m sp_mcp`."""

import gc
import sys


def main() -> int:
    """Run one command; returns the exit code."""
    # What an import makes stays. Searching it for garbage costs an eighth of the start, so `cli` turns that on later.
    gc.disable()
    from sp_mcp.cli.main import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
