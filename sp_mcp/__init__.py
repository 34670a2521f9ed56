"""Amazon seller and vendor accounts as typed MCP tools."""

__version__ = "0.1.0"
