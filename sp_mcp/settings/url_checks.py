"""URLs and folders in settings: what is wrong with one, without showing a secret."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = {"127.0.0.1", "localhost", "::1"}

_REDIS_SCHEMES = {name: name for name in ("redis", "rediss", "unix")} | {"valkey": "redis", "valkeys": "rediss"}


def folder(alias: str, text: str) -> tuple[Path, list[str]]:
    """A folder, and what is wrong with it."""
    path = Path(text).expanduser()
    if path.is_absolute():
        return path, []
    return path, [f"{alias}: must be absolute; hosts start servers in folders nobody chose."]


def url_problems(alias: str, url: str, *, local: bool) -> list[str]:
    """What is wrong with a URL of Amazon's; `local` is whether only this machine may be meant."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if host is None or parts.scheme not in ("http", "https"):
        return [f"{alias}: must be a URL such as https://host or http://127.0.0.1:8080."]
    if parts.username or parts.password or parts.query or parts.fragment:
        return [f"{alias}: must not hold a user name, a password or anything behind ? or #; people are shown it."]
    if host not in LOOPBACK and parts.scheme == "http":
        return [f"{alias}: plain http is only for this machine (127.0.0.1); tokens would travel in the clear."]
    if host not in LOOPBACK and local:
        return [f"{alias}: the local environment talks to this machine only; use 127.0.0.1."]
    return []


def redis_url(url: str) -> tuple[str, list[str]]:
    """The URL as the client library knows it, and what is wrong with it; that never shows it, for its password."""
    scheme, _, rest = url.partition("://")
    scheme = _REDIS_SCHEMES.get(scheme.lower(), "")
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        fits = scheme and parts.port != 0 and (parts.hostname or (scheme == "unix" and parts.path))
    except ValueError:
        fits = False
    if not fits:
        return url, ["SP_MCP_REDIS_URL: must look like redis://host:6379/0 or rediss://:password@host:6379/0."]
    if importlib.util.find_spec("redis") is None:
        return url, ["SP_MCP_REDIS_URL: needs the redis client; install sp-mcp[redis]."]
    return f"{scheme}://{rest}", []
