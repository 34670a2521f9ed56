"""The local Selling Partner over HTTP, on loopback only."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from sp_mcp.sandbox import LOCAL_CLIENT_ID, LOCAL_CLIENT_SECRET, LOCAL_REFRESH_TOKEN
from sp_mcp.sandbox.app import LOGIN, Sandbox


def serve(port: int, say: Callable[[str], None]) -> None:
    """Serve on 127.0.0.1 until a signal comes. Port 0 takes a free one; `say` hears which and how to use it.

    Raises OSError where the port cannot be had, OverflowError where it is no port.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()  # before the address is written, so that nobody who reads it is refused
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    say(f"A Selling Partner listens on {address} - its login is {address}{LOGIN}")
    say(f"client id {LOCAL_CLIENT_ID}, client secret {LOCAL_CLIENT_SECRET}, refresh token {LOCAL_REFRESH_TOKEN}")
    say(f"sp-mcp uses it with SP_API_ENVIRONMENT=local SP_API_ENDPOINT={address}. Ctrl-C ends it.")
    # Dropped connections are made by raising; uvicorn's account of them would be noise.
    config = uvicorn.Config(Sandbox(), log_level="critical", lifespan="off", timeout_graceful_shutdown=2)
    uvicorn.Server(config).run([listener])
