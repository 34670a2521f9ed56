"""The settings: what they are (model.py), how they are read (sources.py), what their URLs must be (url_checks.py)."""

from sp_mcp.settings.model import Confirm, LogLevel, Settings, SettingsError, variable_names
from sp_mcp.settings.sources import load

__all__ = ["Confirm", "LogLevel", "Settings", "SettingsError", "load", "variable_names"]
