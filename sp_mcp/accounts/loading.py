"""The settings of this program, with what they may name."""

from __future__ import annotations

from collections.abc import Mapping

from sp_mcp.apis import apis
from sp_mcp.settings import Settings
from sp_mcp.settings import load as load_settings


def load(env_file: str | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings, of which SP_MCP_APIS may name the APIs there are. See settings.load."""
    return load_settings(env_file, environ, api_names=tuple(apis()))
