"""Every setting of the program, typed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from sp_mcp.credentials import Credentials
from sp_mcp.regions import TOKEN_ENDPOINT, Environment, Region, endpoint
from sp_mcp.settings.url_checks import LOOPBACK

Confirm = Literal["auto", "person", "code", "dangerously-unasked"]
LogLevel = Literal["debug", "info", "warning", "error"]


class SettingsError(Exception):
    """The settings do not fit together. The text lists every problem and never a value of a secret."""


class Settings(BaseModel):
    """All settings, checked and frozen. Field aliases are the names in the environment.

    Descriptions are what README and `.env.example` show. Empty `apis` mean those that are listed by default.
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
        (),
        alias="SP_MCP_APIS",
        description="Which APIs' tools to list, comma separated.",
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
        description="Duplicate window in hours: repeating an identical change within it needs an explicit "
        "confirmation. Default 24; 0: never.",
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
        """Where Restricted Data Tokens come from: production, also for Amazon's sandbox
        (docs/facts/sp-api.md#restricted-data-tokens).
        """
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
