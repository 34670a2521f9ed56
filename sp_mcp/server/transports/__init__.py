"""How a client reaches the server."""
