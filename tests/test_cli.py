"""The commands, run as a person runs them: as processes."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sp_mcp.__main__ import main as program
from sp_mcp.apis import operations
from sp_mcp.cli.main import main
from sp_mcp.settings import Settings
from sp_mcp.workflows import catalogue
from tests.calls import DEFAULT_APIS
from tests.fakes import CREDENTIALS

if os.name == "posix":
    import pty


@pytest.fixture
def run(tmp_path: Path):
    """Runs the program in an empty folder with only the given settings."""

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("SP_")}
        settings = {"SP_MCP_STATE_DIR": str(tmp_path / "state"), **environ}
        return subprocess.run(
            [sys.executable, "-m", "sp_mcp", *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**clean, **settings, "PYTHONIOENCODING": "utf-8"},
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )

    return run


def test_the_demo_does_the_three_jobs_in_80_columns(run):
    done = run("demo", "--yes")
    assert done.returncode == 0, done.stderr
    assert max(len(line) for line in done.stdout.splitlines() if "command" not in line) <= 80
    assert done.stdout.count("A person is asked:") == 3
    assert done.stdout.count("< ok") == 9
    assert "< failed" not in done.stdout
    assert done.stdout.count("nothing reached Amazon") >= 3
    assert "practice account accepted" in done.stdout
    assert "Amazon accepted" not in done.stdout
    assert '"mcpServers"' in done.stdout
    assert done.stderr == ""


def test_the_demo_asks_nobody_where_nobody_is(run):
    done = run("demo")
    assert done.returncode == 1
    assert "--yes" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
@pytest.mark.parametrize("command", ["tools", "demo --yes", "tools --json"])
def test_whoever_reads_only_the_beginning_sees_no_traceback(tmp_path, command):
    line = f"'{sys.executable}' -m sp_mcp {command} | head -1"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, cwd=tmp_path, timeout=60)  # noqa: S602
    assert done.stderr == ""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_the_demo_can_be_read_on_a_console_that_lacks_characters(run, encoding):
    done = run("demo", "--yes", PYTHONIOENCODING=encoding)
    assert done.returncode == 0
    assert done.stderr == ""


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such terminals")
@pytest.mark.parametrize("command", [["demo"], ["call", "messaging_create_confirm_delivery_details"]])
@pytest.mark.parametrize("answer", ["ctrl-c", "yes"])
def test_a_person_at_a_terminal_is_asked_there_and_can_leave(tmp_path, command, answer):
    from sp_mcp.sandbox.practice import ORDER_TO_MESSAGE

    message = {"amazonOrderId": ORDER_TO_MESSAGE, "marketplaceIds": ["A21TJRUUN4KGV"], "text": "On Thursday."}
    arguments = [json.dumps(message)] if command[0] == "call" else []
    person, terminal = pty.openpty()
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SP_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "sp_mcp", *command, *arguments],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        cwd=tmp_path,
        env={**clean, "SP_MCP_STATE_DIR": str(tmp_path)},
        # A test run that was started in the background ignores Ctrl-C, and hands that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    os.close(terminal)
    seen = b""
    try:
        while b"[y/N]" not in seen:
            seen += os.read(person, 1000)
        if answer == "ctrl-c":
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
        else:
            os.write(person, b"y\n" * 3)
            # The terminal is read to its end, which Linux tells with an error.
            with contextlib.suppress(OSError):
                while chunk := os.read(person, 1000):
                    seen += chunk
            assert process.wait(60) == 0
            assert b"nothing reached Amazon" in seen
    finally:
        process.kill()
        process.wait()
        os.close(person)


def test_tools_lists_what_reads_and_what_changes(run):
    done = run("tools")
    assert done.returncode == 0
    rows = [line.split() for line in done.stdout.splitlines()]
    assert len(rows) == len(operations(DEFAULT_APIS)) + len(catalogue())
    assert {row[1] for row in rows} == {"reads", "changes"}
    listed = json.loads(run("tools", "--json").stdout)
    assert [tool["name"] for tool in listed] == [row[0] for row in rows]
    assert listed[0]["inputSchema"]["type"] == "object"


def test_call_prints_the_answer(run):
    done = run("call", "vendor_orders_get_purchase_orders", '{"limit": 1, "includeDetails": false}')
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["payload"]["orders"]


def test_call_prints_where_documents_were_saved(run, tmp_path):
    from sp_mcp.sandbox.practice import SCHEDULED_ORDER

    wanted = {"amazonOrderId": SCHEDULED_ORDER, "marketplaceId": "A21TJRUUN4KGV", "documentType": "Invoice"}
    done = run("call", "easy_ship_get_documents", json.dumps(wanted), SP_MCP_DOWNLOAD_DIR=str(tmp_path / "saved"))
    assert done.returncode == 0, done.stderr
    path = tmp_path / "saved" / f"{SCHEDULED_ORDER}-Invoice.pdf"
    assert path.as_uri() in done.stdout.splitlines()
    assert path.read_bytes().startswith(b"%PDF-")
    assert "asking Amazon for the documents" in done.stderr


def test_call_without_a_person_gives_a_code_that_the_next_call_can_use(run):
    from sp_mcp.sandbox.practice import ORDER_TO_MESSAGE

    message = {"amazonOrderId": ORDER_TO_MESSAGE, "marketplaceIds": ["A21TJRUUN4KGV"], "text": "On Thursday."}
    name = "messaging_create_confirm_delivery_details"
    preview = run("call", name, json.dumps(message))
    assert preview.returncode == 0
    assert "On Thursday." in preview.stdout
    code = preview.stdout.split('confirmationCode "')[1].split('"')[0]
    done = run("call", name, json.dumps({**message, "confirmationCode": code}))
    assert done.stdout.splitlines()[0] == "{}"
    assert run("call", name, json.dumps({**message, "confirmationCode": code})).returncode == 1


def test_a_failed_call_exits_with_1_and_tells_on_stderr(run):
    done = run("call", "vendor_orders_get_purchase_order", '{"purchaseOrderNumber": "NONE1234"}')
    assert done.returncode == 1
    assert done.stdout == ""
    assert "This vendor has no such purchase order" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["call", "no_such_tool", "{}"], "no tool of this name"),
        (["call", "vendor_orders_get_purchase_orders", "{"], "not JSON"),
        (["call", "vendor_orders_get_purchase_orders", "[]"], "must be a JSON object"),
        (["call", "a" * 300, "{}"], "no tool of this name"),
        (["call", "a" * 10_000, "{}"], "no tool of this name"),
        (["--env-file", "nowhere.env", "tools"], "there is no file"),
        (["--env-file", "", "tools"], "--env-file"),
        (["tools", "--env-file="], "--env-file"),
        (["--env-file", ""], "--env-file"),
        (["fly"], "No such command"),
        (["sandbox", "--port", "70000"], "Port 70000 cannot be had"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_wrong(run, arguments, words):
    done = run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_that_do_not_fit_exit_with_2_and_keep_secrets(run):
    done = run(**{**CREDENTIALS, "SP_API_REGION": "moon"})
    assert done.returncode == 2
    assert "SP_API_REGION: must be one of na, eu, fe" in done.stderr
    assert "marked" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("words", [(), ("tools",)])
def test_garbage_is_let_be_while_the_program_loads_and_collected_after(monkeypatch, words):
    seen: list[bool] = []

    async def served(*_: Any) -> None:
        seen.append(gc.isenabled())

    def loaded(_: Any) -> Settings:
        seen.append(gc.isenabled())
        return Settings()

    monkeypatch.setattr("sys.argv", ["sp-mcp", *words])
    monkeypatch.setattr("sp_mcp.server.transports.stdio.serve_stdio", served)
    monkeypatch.setattr("sp_mcp.cli.serving.load", loaded)
    monkeypatch.setattr("sp_mcp.cli.common.load", loaded)
    try:
        assert program() == 0
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.enable()
    assert seen == ([True] if words else [False, True])


def test_a_fault_of_the_program_tells_its_kind_and_not_what_somebody_wrote(monkeypatch, capsys):
    def broken(*_: Any) -> None:
        raise RuntimeError("marked words for a buyer")

    monkeypatch.setattr("sp_mcp.cli.common.load", broken)
    assert main(["tools"]) == 1
    assert capsys.readouterr().err == "sp-mcp has an internal fault (RuntimeError). --debug shows where.\n"
    assert main(["--debug", "tools"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("sp-mcp has an internal fault (RuntimeError).\n")
    assert "in broken" in error


@pytest.mark.parametrize("words", [["--env-file", "{}", "tools"], ["tools", "--env-file", "{}"]])
def test_the_settings_file_is_named_before_or_behind_a_command(run, tmp_path, words):
    file = tmp_path / "shop.env"
    file.write_text("SP_MCP_APIS=sellers\nSP_API_ENVIRONMENT=local\n")
    done = run(*(word.format(file) for word in words))
    assert done.returncode == 0, done.stderr
    assert "sellers_get_marketplace_participations" in done.stdout
    assert "orders_search_orders" not in done.stdout


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["call", "-h"], ["history", "--help"]])
def test_help_is_had_by_its_long_and_its_short_name(run, words):
    done = run(*words)
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: sp-mcp")


def test_an_end_of_input_that_nobody_expected_is_a_fault_and_no_interruption(monkeypatch, capsys):
    def ended(*_: Any) -> None:
        raise EOFError

    monkeypatch.setattr("sp_mcp.cli.common.load", ended)
    assert main(["tools"]) == 1
    assert "internal fault (EOFError)" in capsys.readouterr().err


def test_a_fault_in_a_call_is_named_and_is_no_wrong_usage(monkeypatch, capsys, tmp_path):
    def broken(*_: Any) -> None:
        raise RuntimeError("marked words for a buyer")

    monkeypatch.setenv("SP_MCP_STATE_DIR", str(tmp_path))
    monkeypatch.setattr("sp_mcp.operation.Operation.to_request", broken)
    assert main(["call", "vendor_orders_get_purchase_orders"]) == 1
    error = capsys.readouterr().err
    assert "sp-mcp has an internal fault (RuntimeError)" in error
    assert "marked" not in error
    monkeypatch.setattr("sp_mcp.server.registry.ToolRegistry.tool", broken)
    assert main(["call", "vendor_orders_get_purchase_orders"]) == 1
    assert "fault" in capsys.readouterr().err
