"""`python -m sp_mcp` is the same program as `sp-mcp`."""

import sys

from sp_mcp.cli import main

if __name__ == "__main__":
    sys.exit(main())
