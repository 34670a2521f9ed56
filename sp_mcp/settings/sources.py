"""Reading the settings. The only module that reads the environment."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from sp_mcp.regions import MARKETPLACES, REGIONS, Environment, Region
from sp_mcp.settings.model import Confirm, LogLevel, Settings, SettingsError, variable_names
from sp_mcp.settings.url_checks import folder, redis_url, url_problems

_LOGIN_FIELDS = ("client_id", "client_secret", "refresh_token")

_NOT_FOR_A_STRANGERS_FILE = (
    "SP_API_ENDPOINT",
    "SP_API_TOKEN_ENDPOINT",
    "SP_MCP_REDIS_URL",
    "SP_MCP_STATE_DIR",
    "SP_MCP_FILE_ROOTS",
    "SP_MCP_DOWNLOAD_DIR",
    "SP_MCP_REPEAT_WINDOW",
    "SP_MCP_LEDGER_DAYS",
    "SP_MCP_ACCOUNT_LABEL",
)


def load(
    env_file: str | None = None, environ: Mapping[str, str] | None = None, *, api_names: Collection[str]
) -> Settings:
    """Read the settings: the environment over `.env` in the working folder, or over `env_file`.

    `env_file` may be absolute or relative to the home folder, because desktop hosts start servers in
    folders nobody chose. `api_names` are what SP_MCP_APIS may name. Raises SettingsError with every problem at once.
    """
    environ = os.environ if environ is None else environ
    outside = {key: value.strip() for key, value in environ.items() if value.strip()}
    file = _from_file(env_file)
    given = {**file, **outside}
    problems = _misspelt(given)
    if env_file is None:
        problems += _not_from_any_folder(file, outside)
    if problems:
        raise SettingsError("\n".join(problems))
    known = {alias: given[alias] for alias in variable_names().values() if alias in given}
    return _completed(_convert(known, api_names))


def _misspelt(given: Mapping[str, str]) -> list[str]:
    """Names that are meant for this program and mean nothing to it: a safety that is not on would go unseen."""
    known = list(variable_names().values())
    problems = []
    for name in given:
        # Other programs have SP_API_ variables too, mostly ours with something added, so there only near misses
        # are taken for mistakes.
        ours = name.startswith("SP_MCP_")
        if name in known or not (ours or name.startswith("SP_API_")):
            continue
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.75 if ours else 0.9)
        if ours or (near and not name.startswith(near[0])):
            problems.append(f"{name}: there is no such setting{f'; did you mean {near[0]}?' if near else '.'}")
    return problems


def _not_from_any_folder(file: Mapping[str, str], outside: Mapping[str, str]) -> list[str]:
    """What the `.env` of the working folder may not say of an account that it does not bring itself.

    Hosts start servers in folders of other people's making, where such a file could weaken consent, have the
    account's secrets sent elsewhere, name a Redis that takes every consent for a good one, make the ledger forget, or
    call the account something else.
    """
    names = variable_names()
    if not any(names[field] in outside for field in _LOGIN_FIELDS):
        return []
    risky = [name for name in _NOT_FOR_A_STRANGERS_FILE if name in file]
    if file.get("SP_MCP_CONFIRM", "person").lower() != "person":
        risky.append("SP_MCP_CONFIRM")
    return [
        f"{name}: the .env of the working folder may not set this for an account whose credentials come from the "
        "environment. Set it in the environment too, or name the file with --env-file."
        for name in risky
        if name not in outside
    ]


def _from_file(env_file: str | None) -> dict[str, str]:
    if env_file is None:
        path = Path(".env")
        if not path.is_file():
            return {}
    else:
        path = Path.home() / Path(env_file).expanduser()
        if not path.is_file():
            raise SettingsError(
                f"--env-file: there is no file {path}. Give an absolute path, or one relative to the home folder."
            )
    from dotenv import dotenv_values

    try:
        # ${…} is not replaced: it could be another secret, and secrets may hold such signs.
        values = dotenv_values(path, interpolate=False)
        return {key: value.strip() for key, value in values.items() if value and value.strip()}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {type(error).__name__}.") from None


def _convert(given: dict[str, str], api_names: Collection[str]) -> Settings:
    raw: dict[str, Any] = dict(given)
    problems: list[str] = []
    if "SP_MCP_APIS" in raw:
        names = tuple(dict.fromkeys(part.strip() for part in given["SP_MCP_APIS"].split(",") if part.strip()))
        unknown = [name for name in names if name not in api_names]
        if unknown or not names:
            problems.append(
                f"SP_MCP_APIS: {', '.join(unknown) or 'names nothing'}; the known APIs are {', '.join(api_names)}."
            )
        raw["SP_MCP_APIS"] = names
    for alias in ("SP_API_REGION", "SP_API_ENVIRONMENT", "SP_MCP_CONFIRM", "SP_MCP_LOG_LEVEL"):
        if alias in raw:
            raw[alias] = given[alias].lower()
    if "SP_MCP_STATE_DIR" in raw:
        raw["SP_MCP_STATE_DIR"] = Path(given["SP_MCP_STATE_DIR"]).expanduser()
    if "SP_MCP_DOWNLOAD_DIR" in raw:
        raw["SP_MCP_DOWNLOAD_DIR"], problem = folder("SP_MCP_DOWNLOAD_DIR", given["SP_MCP_DOWNLOAD_DIR"])
        problems += problem
    if "SP_MCP_FILE_ROOTS" in raw:
        roots = [part for part in given["SP_MCP_FILE_ROOTS"].split(os.pathsep) if part.strip()]
        folders = [folder("SP_MCP_FILE_ROOTS", part.strip()) for part in roots]
        raw["SP_MCP_FILE_ROOTS"] = tuple(path for path, _ in folders)
        problems += [problem for _, wrong in folders for problem in wrong]
    if "SP_API_ENVIRONMENT" not in raw:
        raw["SP_API_ENVIRONMENT"] = "production" if "SP_API_REFRESH_TOKEN" in raw else "local"
    for alias in ("SP_API_ENDPOINT", "SP_API_TOKEN_ENDPOINT"):
        if alias in raw:
            raw[alias] = given[alias].rstrip("/")
            problems += url_problems(alias, raw[alias], local=raw["SP_API_ENVIRONMENT"] == "local")
    if "SP_MCP_REDIS_URL" in raw:
        raw["SP_MCP_REDIS_URL"], problem = redis_url(given["SP_MCP_REDIS_URL"])
        problems += problem
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        problems += [_describe(entry) for entry in error.errors(include_input=False, include_url=False)]
        raise SettingsError("\n".join(problems)) from None
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _describe(entry: Any) -> str:
    alias = str(entry["loc"][0])
    field = next(field for field in Settings.model_fields.values() if field.alias == alias)
    choices = {"SP_API_REGION": Region, "SP_API_ENVIRONMENT": Environment}.get(alias) or {
        "SP_MCP_CONFIRM": Confirm,
        "SP_MCP_LOG_LEVEL": LogLevel,
    }.get(alias)
    if choices is not None:
        return f"{alias}: must be one of {', '.join(get_args(choices))}."
    if entry["type"] == "string_pattern_mismatch":
        like = {"SP_API_MARKETPLACE_ID": "marketplace id such as A21TJRUUN4KGV"}.get(alias, "merchant token")
        return f"{alias}: is no {like}. {field.description}"
    return f"{alias}: {str(entry['msg']).lower()}. {field.description}"


def _completed(settings: Settings) -> Settings:
    """Check what depends on more than one setting and fill in what follows from another."""
    problems: list[str] = []
    names = variable_names()
    missing = [names[field] for field in _LOGIN_FIELDS if getattr(settings, field) is None]
    if 0 < len(missing) < 3:
        problems.append(f"Login with Amazon needs all three values; missing: {', '.join(missing)}.")
    elif missing and settings.environment != "local":
        problems.append(f"SP_API_ENVIRONMENT={settings.environment} needs {', '.join(missing)}.")
    if settings.ledger_days * 24 < settings.repeat_window:
        problems.append("SP_MCP_LEDGER_DAYS: must cover SP_MCP_REPEAT_WINDOW; what is dropped cannot be remembered.")
    marketplace = MARKETPLACES.get(settings.marketplace_id or "")
    region = settings.region or (marketplace.region if marketplace else None)
    if marketplace and region != marketplace.region:
        problems.append(
            f"SP_API_REGION={region} contradicts SP_API_MARKETPLACE_ID: {marketplace.name} is in {marketplace.region}."
        )
    if region is None and settings.environment != "local" and settings.endpoint is None:
        problems.append(
            f"SP_API_REGION: required, one of {', '.join(REGIONS)} (or set SP_API_MARKETPLACE_ID, which gives it)."
        )
    if problems:
        raise SettingsError("\n".join(problems))
    return settings.model_copy(update={"region": region})
