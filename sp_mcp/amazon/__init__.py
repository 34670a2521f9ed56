"""The Selling Partner API over HTTP. Nothing in here imports MCP."""
