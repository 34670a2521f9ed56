"""Every setting of the program, typed. The only module that reads the environment."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from sp_mcp.amazon.credentials import Credentials
from sp_mcp.amazon.regions import MARKETPLACES, REGIONS, TOKEN_ENDPOINT, Environment, Region, endpoint
from sp_mcp.locations import LOOPBACK, folder, redis_url, url_problems

Confirm = Literal["auto", "person", "code", "dangerously-unasked"]
LogLevel = Literal["debug", "info", "warning", "error"]

DEFAULT_APIS = (
    "orders",
    "easy_ship",
    "messaging",
    "vendor_orders",
    "solicitations",
    "sellers",
    "vendor_transactions",
)
API_NAMES = (*DEFAULT_APIS, "uploads", "feeds", "reports")
"""What SP_MCP_APIS may name; a test holds it equal to the catalogue. The last three are for doing by hand what the
workflow tools do."""

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


class SettingsError(Exception):
    """The settings do not fit together. The text lists every problem and never a value of a secret."""


class Settings(BaseModel):
    """All settings, checked and frozen. Field aliases are the names in the environment.

    Descriptions are what README and `.env.example` show.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="ignore")

    client_id: str | None = Field(
        None, alias="SP_API_CLIENT_ID", description="Login with Amazon client id of your application."
    )
    client_secret: SecretStr | None = Field(
        None,
        alias="SP_API_CLIENT_SECRET",
        description="Its client secret. Amazon asks for a new one every 180 days.",
    )
    refresh_token: SecretStr | None = Field(
        None,
        alias="SP_API_REFRESH_TOKEN",
        description="Refresh token of the selling partner. Set all three or none.",
    )
    region: Region | None = Field(
        None, alias="SP_API_REGION", description="`na`, `eu` or `fe`: the region the refresh token is for."
    )
    marketplace_id: str | None = Field(
        None,
        alias="SP_API_MARKETPLACE_ID",
        pattern=r"^[A-Z0-9]{8,20}$",
        description="Used where a call leaves out `marketplaceId` or `marketplaceIds`. Gives the region too.",
    )
    merchant_id: str | None = Field(
        None,
        alias="SP_API_MERCHANT_ID",
        pattern=r"^[A-Z0-9]{5,20}$",
        description="Your merchant token (Seller Central, account info); written into the feed that asks for Easy Ship "
        "documents.",
    )
    environment: Environment = Field(
        "local",
        alias="SP_API_ENVIRONMENT",
        description="`production`, `sandbox` (Amazon's) or `local` (a Selling Partner on this machine). "
        "Default: `production` with credentials, `local` without.",
    )
    endpoint: str | None = Field(
        None, alias="SP_API_ENDPOINT", description="Another base URL for SP-API, for example a test server."
    )
    token_endpoint: str | None = Field(
        None, alias="SP_API_TOKEN_ENDPOINT", description="Another URL for Login with Amazon."
    )
    read_only: bool = Field(
        False, alias="SP_MCP_READ_ONLY", description="`1`: tools that change something are not listed."
    )
    apis: tuple[str, ...] = Field(
        DEFAULT_APIS,
        alias="SP_MCP_APIS",
        description=f"Which APIs to list, comma separated: {', '.join(f'`{name}`' for name in API_NAMES)}. Default: "
        "all but the last three, whose work the workflow tools do.",
    )
    confirm: Confirm = Field(
        "auto",
        alias="SP_MCP_CONFIRM",
        description="How a change gets its consent. `auto`: the host asks a person, or where it cannot, a "
        "single-use code. `person`: refuse where the host cannot ask. `code`: always the code. "
        "`dangerously-unasked`: changes run without consent.",
    )
    max_wait: Annotated[float, Field(ge=0, le=3600)] = Field(
        45.0,
        alias="SP_MCP_MAX_WAIT",
        description="Longest wait for a turn in Amazon's quota, in seconds. Default 45: hosts give up at 60.",
    )
    result_tokens: Annotated[int, Field(ge=500, le=1_000_000)] = Field(
        6000,
        alias="SP_MCP_RESULT_TOKENS",
        description="Longest result an assistant is handed at once, in tokens, default 6000; the rest is there on "
        "request for an hour.",
    )
    state_dir: Path | None = Field(
        None,
        alias="SP_MCP_STATE_DIR",
        description="Folder for the ledger and other state shared by processes; on a local disk. Default: the "
        "platform's state folder.",
    )
    file_roots: tuple[Path, ...] = Field(
        (),
        alias="SP_MCP_FILE_ROOTS",
        description="Folders whose files may be attached to messages, separated by `:` (on Windows `;`). Besides, "
        "those the host opens (MCP roots). Default: none.",
    )
    download_dir: Path | None = Field(
        None,
        alias="SP_MCP_DOWNLOAD_DIR",
        description="Folder in which labels and other documents are saved. Default: `sp-mcp` in your downloads folder.",
    )
    repeat_window: Annotated[float, Field(ge=0, le=8760)] = Field(
        24.0,
        alias="SP_MCP_REPEAT_WINDOW",
        description="Hours in which exactly the same change, done already or of unknown outcome, is asked about as a "
        "repetition. Default 24; 0: never.",
    )
    ledger_days: Annotated[float, Field(ge=1, allow_inf_nan=False)] = Field(
        400.0, alias="SP_MCP_LEDGER_DAYS", description="Days for which changes stay in the ledger, default 400."
    )
    redis_url: SecretStr | None = Field(
        None,
        alias="SP_MCP_REDIS_URL",
        description="Redis or Valkey shared by several machines, such as `rediss://:password@host:6379/0`; quota, "
        "consents and what was done of late are then kept there. Needs `sp-mcp[redis]`.",
    )
    log_level: LogLevel = Field(
        "warning",
        alias="SP_MCP_LOG_LEVEL",
        description="`debug`, `info`, `warning` or `error`; goes to stderr.",
    )
    account_label: str | None = Field(
        None,
        alias="SP_MCP_ACCOUNT_LABEL",
        max_length=60,
        description="What you call this account; a person who is asked for consent reads it.",
    )

    @property
    def credentials(self) -> Credentials | None:
        """The three Login with Amazon values, or None where they are not set."""
        if self.client_id is None or self.client_secret is None or self.refresh_token is None:
            return None
        return Credentials(self.client_id, self.client_secret, self.refresh_token)

    @property
    def base_url(self) -> str | None:
        """Base URL of SP-API; None means the Selling Partner inside this process."""
        if self.endpoint is not None:
            return self.endpoint
        if self.environment == "local" or self.region is None:
            return None
        return endpoint(self.region, self.environment)

    @property
    def on_this_machine(self) -> bool:
        """Whether requests stay on this machine."""
        return self.base_url is None or urlsplit(self.base_url).hostname in LOOPBACK

    @property
    def tokens_base_url(self) -> str | None:
        """Where Restricted Data Tokens come from: production, also for Amazon's sandbox (sp-api-facts 3.6)."""
        if self.environment == "sandbox" and self.endpoint is None and self.region is not None:
            return endpoint(self.region, "production")
        return self.base_url

    @property
    def login_url(self) -> str:
        """URL of Login with Amazon."""
        if self.token_endpoint is not None:
            return self.token_endpoint
        if self.environment == "local":
            return f"{self.endpoint or ''}/auth/o2/token"
        return TOKEN_ENDPOINT


def variable_names() -> dict[str, str]:
    """Field name -> name in the environment, in the order of the class."""
    return {name: str(field.alias) for name, field in Settings.model_fields.items()}


def load(env_file: str | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings: the environment over `.env` in the working folder, or over `env_file`.

    `env_file` may be absolute or relative to the home folder, because desktop hosts start servers in
    folders nobody chose. Raises SettingsError with every problem at once.
    """
    environ = os.environ if environ is None else environ
    outside = {key: value.strip() for key, value in environ.items() if value.strip()}
    file = _from_file(env_file)
    given = {**file, **outside}
    problems = _misspelt(given)
    if env_file is None:
        problems += _not_from_just_anyfolder(file, outside)
    if problems:
        raise SettingsError("\n".join(problems))
    return _settle(_convert({alias: given[alias] for alias in variable_names().values() if alias in given}))


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


def _not_from_just_anyfolder(file: Mapping[str, str], outside: Mapping[str, str]) -> list[str]:
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
        # Nothing is put in the place of ${…}: it could be another secret, and secrets may hold such signs.
        values = dotenv_values(path, interpolate=False)
        return {key: value.strip() for key, value in values.items() if value and value.strip()}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {type(error).__name__}.") from None


def _convert(given: dict[str, str]) -> Settings:
    raw: dict[str, Any] = dict(given)
    problems: list[str] = []
    if "SP_MCP_APIS" in raw:
        names = tuple(dict.fromkeys(part.strip() for part in given["SP_MCP_APIS"].split(",") if part.strip()))
        unknown = [name for name in names if name not in API_NAMES]
        if unknown or not names:
            problems.append(
                f"SP_MCP_APIS: {', '.join(unknown) or 'names nothing'}; the known APIs are {', '.join(API_NAMES)}."
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
        problems += [problem for _, told in folders for problem in told]
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
        problems += [_told(entry) for entry in error.errors(include_input=False, include_url=False)]
        raise SettingsError("\n".join(problems)) from None
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _told(entry: Any) -> str:
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


def _settle(settings: Settings) -> Settings:
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
