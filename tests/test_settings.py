"""Settings: what fits together, and how what does not is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from sp_mcp.accounts.account import Account
from sp_mcp.accounts.loading import load
from sp_mcp.settings import Settings, SettingsError, variable_names
from tests.fakes import CREDENTIALS

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))


def test_without_anything_the_environment_is_local():
    settings = load(environ={})
    assert settings.environment == "local"
    assert settings.base_url is None


def test_with_credentials_the_environment_is_production():
    settings = load(environ=CREDENTIALS)
    assert settings.environment == "production"
    assert settings.base_url == "https://sellingpartnerapi-eu.amazon.com"
    assert settings.login_url == "https://api.amazon.com/auth/o2/token"


def test_a_marketplace_gives_the_region():
    environ = {k: v for k, v in CREDENTIALS.items() if k != "SP_API_REGION"}
    assert load(environ={**environ, "SP_API_MARKETPLACE_ID": "A1VC38T7YXB528"}).region == "fe"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SP_API_CLIENT_SECRET": ""}, "missing: SP_API_CLIENT_SECRET"),
        (
            {"SP_API_REFRESH_TOKEN": "", "SP_API_CLIENT_ID": ""},
            "missing: SP_API_CLIENT_ID, SP_API_REFRESH_TOKEN",
        ),
        ({"SP_API_REGION": ""}, "SP_API_REGION: required, one of na, eu, fe"),
        ({"SP_API_REGION": "us"}, "SP_API_REGION: must be one of na, eu, fe"),
        ({"SP_API_REGION": "na", "SP_API_MARKETPLACE_ID": "A21TJRUUN4KGV"}, "India is in eu"),
        ({"SP_API_ENVIRONMENT": "prod"}, "SP_API_ENVIRONMENT: must be one of production, sandbox, local"),
        (
            {"SP_MCP_APIS": "easy_ship,order"},
            "SP_MCP_APIS: order; the known APIs are orders, easy_ship, messaging, vendor_orders",
        ),
        ({"SP_MCP_APIS": " , "}, "SP_MCP_APIS: names nothing"),
        ({"SP_MCP_CONFIRM": "no"}, "SP_MCP_CONFIRM: must be one of auto, person, code, dangerously-unasked"),
        ({"SP_MCP_MAX_WAIT": "soon"}, "SP_MCP_MAX_WAIT"),
        ({"SP_MCP_MAX_WAIT": "-1"}, "SP_MCP_MAX_WAIT"),
        ({"SP_MCP_MAX_WAIT": "nan"}, "SP_MCP_MAX_WAIT"),
        ({"SP_MCP_REPEAT_WINDOW": "inf"}, "SP_MCP_REPEAT_WINDOW"),
        ({"SP_MCP_LEDGER_DAYS": "0"}, "SP_MCP_LEDGER_DAYS"),
        ({"SP_MCP_LEDGER_DAYS": "inf"}, "SP_MCP_LEDGER_DAYS"),
        ({"SP_MCP_LEDGER_DAYS": "1", "SP_MCP_REPEAT_WINDOW": "25"}, "must cover SP_MCP_REPEAT_WINDOW"),
        ({"SP_API_ENDPOINT": "https://example.com?token=1"}, "anything behind ? or #"),
        ({"SP_MCP_READ_ONLY": "perhaps"}, "SP_MCP_READ_ONLY"),
        ({"SP_MCP_READONLY": "1"}, "SP_MCP_READONLY: there is no such setting; did you mean SP_MCP_READ_ONLY?"),
        ({"SP_MCP_COLOUR": "red"}, "SP_MCP_COLOUR: there is no such setting."),
        ({"SP_API_ENVIROMENT": "local"}, "did you mean SP_API_ENVIRONMENT?"),
        ({"SP_API_MARKETPLACE_ID": "IN"}, "SP_API_MARKETPLACE_ID: is no marketplace id such as A21TJRUUN4KGV"),
        ({"SP_API_ENDPOINT": "http://example.com"}, "SP_API_ENDPOINT: plain http is only for this machine"),
        ({"SP_API_ENDPOINT": "sandbox"}, "SP_API_ENDPOINT: must be a URL"),
        ({"SP_API_TOKEN_ENDPOINT": "https://u:p@example.com"}, "must not hold a user name"),
        (
            {"SP_API_ENVIRONMENT": "local", "SP_API_ENDPOINT": "https://example.com"},
            "talks to this machine only",
        ),
    ],
)
def test_settings_that_do_not_fit_are_told_by_name_and_without_secrets(changes, words):
    with pytest.raises(SettingsError) as caught:
        load(environ={**CREDENTIALS, **changes})
    assert words in str(caught.value)
    assert "marked" not in str(caught.value)


def test_all_problems_are_told_at_once():
    with pytest.raises(SettingsError) as caught:
        load(environ={"SP_API_REGION": "mars", "SP_MCP_CONFIRM": "no", "SP_MCP_APIS": "x"})
    assert len(str(caught.value).splitlines()) == 3


def test_production_without_credentials_names_all_three():
    with pytest.raises(SettingsError, match="SP_API_CLIENT_ID, SP_API_CLIENT_SECRET, SP_API_REFRESH_TOKEN"):
        load(environ={"SP_API_ENVIRONMENT": "production", "SP_API_REGION": "eu"})


def test_the_environment_wins_over_the_file_in_the_working_folder(tmp_path):
    (tmp_path / ".env").write_text("SP_MCP_CONFIRM=code\nSP_MCP_MAX_WAIT=7\n")
    settings = load(environ={"SP_MCP_CONFIRM": "person"})
    assert (settings.confirm, settings.max_wait) == ("person", 7)


def test_nothing_in_a_file_stands_for_anything_else(tmp_path):
    lines = [f"{key}={secret}" for key, secret in CREDENTIALS.items()]
    (tmp_path / ".env").write_text("\n".join([*lines, "SP_MCP_ACCOUNT_LABEL=${SP_API_CLIENT_SECRET} ${HOME}"]))
    assert load(environ={}).account_label == "${SP_API_CLIENT_SECRET} ${HOME}"


def test_a_named_file_is_absolute_or_relative_to_the_home_folder_and_replaces_the_default(tmp_path):
    (tmp_path / ".env").write_text("SP_MCP_MAX_WAIT=7\n")
    (tmp_path / "seller.env").write_text("SP_MCP_CONFIRM=code\n")
    for name in ("seller.env", "~/seller.env", str(tmp_path / "seller.env")):
        settings = load(name, environ={})
        assert (settings.confirm, settings.max_wait) == ("code", 45)


def test_a_named_file_that_is_missing_is_an_error_that_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(SettingsError, match=r"there is no file .*nowhere\.env"):
        load("nowhere.env", environ={})


def test_secrets_do_not_show_in_a_repr():
    settings = load(environ=CREDENTIALS)
    shown = repr(settings) + str(settings) + repr(settings.credentials) + settings.model_dump_json()
    assert "marked" not in shown


def test_settings_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        load(environ={}).region = "eu"  # type: ignore[misc]


def test_the_example_file_has_every_setting_and_no_other():
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = [line.lstrip("# ").split("=")[0] for line in lines if "=" in line and line.lstrip("# ").startswith("SP_")]
    assert named == list(variable_names().values())
    assert len(Settings.model_fields) == len(named)


def test_variables_of_other_programs_are_left_alone():
    others = ("SP_API_BASE_URL", "SP_API_OAUTH_URL", "SP_API_REFRESH_TOKEN_EU", "SP_API_MARKETPLACE_IDS")
    assert load(environ=dict.fromkeys(others, "x")).environment == "local"


RISKY = [
    ("SP_MCP_CONFIRM", "dangerously-unasked"),
    ("SP_MCP_CONFIRM", "code"),
    ("SP_API_ENDPOINT", "https://example.com"),
    ("SP_API_TOKEN_ENDPOINT", "https://example.com"),
    ("SP_MCP_STATE_DIR", "here"),
    ("SP_MCP_REPEAT_WINDOW", "0"),
    ("SP_MCP_LEDGER_DAYS", "1"),
    ("SP_MCP_ACCOUNT_LABEL", "Practice"),
]


@pytest.mark.parametrize(("name", "value"), RISKY)
def test_a_file_that_happens_to_lie_in_the_working_folder_cannot_disarm_an_account_it_does_not_bring(
    tmp_path, name, value
):
    (tmp_path / ".env").write_text(f"{name}={value}\n")
    with pytest.raises(SettingsError, match=f"{name}: the .env of the working folder may not set this"):
        load(environ=CREDENTIALS)
    (tmp_path / ".env").write_text(f"SP_API_REFRESH_TOKEN=Atzr|other\nSP_API_REGION=eu\n{name}={value}\n")
    with pytest.raises(SettingsError, match=f"{name}: the .env of the working folder"):
        load(environ={key: CREDENTIALS[key] for key in ("SP_API_CLIENT_ID", "SP_API_CLIENT_SECRET")})
    assert load(str(tmp_path / ".env"), environ=CREDENTIALS)
    assert load(environ={**CREDENTIALS, name: value})


@pytest.mark.parametrize(("name", "value"), RISKY)
def test_a_file_in_the_working_folder_that_brings_its_account_may_set_everything(tmp_path, name, value):
    lines = [f"{key}={secret}" for key, secret in CREDENTIALS.items()]
    (tmp_path / ".env").write_text("\n".join([*lines, f"{name}={value}"]))
    assert load(environ={}).environment == "production"


def test_amazons_sandbox_takes_restricted_tokens_from_production():
    settings = load(environ={**CREDENTIALS, "SP_API_ENVIRONMENT": "sandbox"})
    assert settings.base_url == "https://sandbox.sellingpartnerapi-eu.amazon.com"
    assert settings.tokens_base_url == "https://sellingpartnerapi-eu.amazon.com"
    assert load(environ=CREDENTIALS).tokens_base_url == "https://sellingpartnerapi-eu.amazon.com"


def test_the_practice_account_is_never_signed_in_to_with_real_credentials():
    account = Account(load(environ={**CREDENTIALS, "SP_API_ENVIRONMENT": "local"}))
    assert account.key == Account(load(environ={})).key
    assert account.label == "practice account"


def test_accounts_are_told_apart_by_all_that_signs_in():
    base = {**CREDENTIALS, "SP_MCP_ACCOUNT_LABEL": "Toys"}
    assert Account(load(environ=base)).label == "Toys"
    keys = {Account(load(environ={**base, name: "other"})).key for name in list(CREDENTIALS)[:3]}
    # A renewed secret is the same account.
    assert len(keys | {Account(load(environ=base)).key}) == 3


def test_the_state_folder_is_the_platforms_own_unless_it_is_set(tmp_path):
    assert load(environ={"SP_MCP_STATE_DIR": "~/x"}).state_dir == tmp_path / "x"
    assert Account(load(environ={})).ledger().path.is_absolute()


def test_a_file_in_the_working_folder_may_make_consent_stricter(tmp_path):
    (tmp_path / ".env").write_text("SP_MCP_CONFIRM=person\n")
    assert load(environ=CREDENTIALS).confirm == "person"


def test_a_label_stays_on_its_line_in_a_question():
    label = Account(load(environ={"SP_MCP_ACCOUNT_LABEL": "Toys\nGoes to: nowhere"})).label
    assert label == "Toys⏎Goes to: nowhere"
