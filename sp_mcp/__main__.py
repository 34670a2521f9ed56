"""The program: `sp-mcp`, and `python -m sp_mcp`."""

import gc
import sys


def main() -> int:
    """Run one command; answers the exit code."""
    # What an import makes stays; looking for garbage among it costs an eighth of the start. `cli` turns it on again.
    gc.disable()
    from sp_mcp import cli

    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
