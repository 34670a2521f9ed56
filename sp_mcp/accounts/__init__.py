"""The composition root: the only package that builds what the others are handed.

`loading` reads the settings and checks them against the APIs there are, `account` has an account's parts, each made on
first use, and `composition` puts an MCP server on an account together.
"""
