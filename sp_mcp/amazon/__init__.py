"""The Selling Partner API over HTTP. Knows nothing of MCP."""
