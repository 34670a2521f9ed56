"""Processes that are killed, and processes that race: real ones, against a local Selling Partner in another."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sp_mcp.sandbox.practice import ORDER_TO_MESSAGE
from tests.calls import IN
from tests.test_stdio import INITIALIZE, ask, ask_initialized, control, selling_partner, served

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

TELL = "messaging_create_confirm_delivery_details"
MESSAGE = {"amazonOrderId": ORDER_TO_MESSAGE, "marketplaceIds": [IN], "text": "On Thursday."}

# A server's process in small: it carries out one call, and at the named point kills itself with signal 9.
DOOMED = """
import json, os, signal, sys, anyio
from sp_mcp.accounts.account import Account
from sp_mcp.workflows.call_context import CallContext
from sp_mcp.ledger.ledger import Ledger
from sp_mcp.ledger.pending import PendingChange
from sp_mcp.amazon.client import SellingPartner
from sp_mcp.accounts.composition import registry_for
from sp_mcp.accounts.loading import load

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def before(owner, name):
    setattr(owner, name, die)

def after(owner, name):
    whole = getattr(owner, name)
    async def then(*arguments, **options):
        result = await whole(*arguments, **options)
        die()
        return result
    setattr(owner, name, then)

point, tool, arguments = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
{
    "before record": lambda: before(Ledger, "begin"),
    "after record": lambda: after(Ledger, "begin"),
    "about to leave": lambda: after(PendingChange, "sending"),
    "after send": lambda: None,
    "after answer": lambda: before(Ledger, "complete"),
    "after completion": lambda: after(Ledger, "complete"),
    "race": lambda: None,
}[point]()

async def main():
    account = Account(load())
    tools = registry_for(account)
    print("ready", flush=True)
    sys.stdin.readline()
    result = await tools.tool(tool).call(arguments, CallContext())
    print(json.dumps([result.is_error, result.content[0].text, "preview" in (result.structured_content or {})]))
    await account.finish_changes()
    await account.aclose()

anyio.run(main)
"""


def settings(port: int, folder: Path, confirm: str = "dangerously-unasked") -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SP_")}
    return {
        **clean,
        "SP_API_ENVIRONMENT": "local",
        "SP_API_ENDPOINT": f"http://127.0.0.1:{port}",
        "SP_MCP_STATE_DIR": str(folder),
        "SP_MCP_CONFIRM": confirm,
    }


def go(process: subprocess.Popen[str]) -> None:
    """Let it carry out its call, once it is ready to."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def start(environ: dict[str, str], point: str, arguments: dict[str, Any], folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", DOOMED, point, TELL, json.dumps(arguments)],
        env=environ,
        cwd=folder,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def recorded(environ: dict[str, str], folder: Path) -> list[dict[str, Any]]:
    """The ledger, as `sp-mcp history` exports it."""
    path = folder / f"export-{time.monotonic_ns()}.jsonl"
    command = [sys.executable, "-m", "sp_mcp", "history", "--export", str(path)]
    subprocess.run(command, env=environ, cwd=folder, check=True, capture_output=True)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("point", "effects", "outcomes", "repeats"),
    [
        ("before record", 0, [], False),
        ("after record", 0, ["waiting"], True),
        ("about to leave", 0, ["unknown"], True),
        ("after send", 1, ["unknown"], True),
        ("after answer", 1, ["unknown"], True),
        ("after completion", 1, ["sent"], True),
    ],
)
def test_a_killed_process_leaves_no_effect_without_a_row_and_no_row_that_claims_too_much(
    tmp_path, point, effects, outcomes, repeats
):
    with selling_partner() as partner:
        if point == "after send":
            control(
                partner,
                "POST",
                "faults",
                {"kind": "slow", "seconds": 20, "operation_id": "createConfirmDeliveryDetails"},
            )
        environ = settings(partner.port, tmp_path)
        doomed = start(environ, point, MESSAGE, tmp_path)
        go(doomed)
        give_up = time.monotonic() + 20
        while point == "after send" and not control(partner, "GET", "effects"):
            assert time.monotonic() < give_up
        if point == "after send":
            doomed.kill()
        assert doomed.wait(20) == -signal.SIGKILL
        doomed.communicate()
        assert len(control(partner, "GET", "effects")) == effects
        assert [row["outcome"] for row in recorded(environ, tmp_path)] == outcomes

        # Starting again sends nothing by itself, and what may have happened is not done again just so.
        before = len(control(partner, "GET", "received"))
        with served(tmp_path, **{k: v for k, v in environ.items() if k.startswith("SP_")}) as process:
            ask(process, 1, "initialize", INITIALIZE)
            process.stdout.readline()
            ask_initialized(process)
            ask(process, 2, "tools/call", {"name": "sp_mcp_list_changes", "arguments": {}})
            listed = json.loads(json.loads(process.stdout.readline())["result"]["content"][0]["text"])
            assert [change["outcome"] for change in listed["changes"]] == outcomes
            assert len(control(partner, "GET", "received")) == before
            ask(process, 3, "tools/call", {"name": TELL, "arguments": MESSAGE})
            result = json.loads(process.stdout.readline())["result"]
        assert ("Exactly this was" in result["content"][0]["text"]) is repeats
        assert len(control(partner, "GET", "effects")) == (effects if repeats else 1)


def race(processes: list[subprocess.Popen[str]]) -> list[list[Any]]:
    """Let all go at once; what each of them answers."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in processes:
        go(process)
    ended = [process.communicate(timeout=60) for process in processes]
    assert all(process.returncode == 0 for process in processes), ended
    return [json.loads(out.splitlines()[-1]) for out, _ in ended]


@pytest.mark.parametrize("count", [2, 8])
def test_processes_that_race_with_one_consent_have_one_effect(tmp_path, count):
    with selling_partner() as partner:
        environ = settings(partner.port, tmp_path, "code")
        (preview,) = race([start(environ, "race", MESSAGE, tmp_path)])
        code = preview[1].split('confirmationCode "')[1].split('"')[0]
        call = {**MESSAGE, "confirmationCode": code}
        answers = race([start(environ, "race", call, tmp_path) for _ in range(count)])
        assert sorted(is_error for is_error, *_ in answers) == [False] + [True] * (count - 1)
        assert all("Nothing was sent" in text for is_error, text, _ in answers if is_error)
        assert len(control(partner, "GET", "effects")) == 1
        assert [row["outcome"] for row in recorded(environ, tmp_path)] == ["sent"]


@pytest.mark.parametrize("count", [2, 8])
def test_processes_that_race_with_the_same_call_and_a_consent_each_have_one_effect(tmp_path, count):
    with selling_partner() as partner:
        environ = settings(partner.port, tmp_path)
        answers = race([start(environ, "race", MESSAGE, tmp_path) for _ in range(count)])
        assert sorted(is_preview for *_, is_preview in answers) == [False] + [True] * (count - 1)
        assert len(control(partner, "GET", "effects")) == 1
        assert [row["outcome"] for row in recorded(environ, tmp_path)] == ["sent"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_call_from_the_terminal_that_has_left_is_seen_through_when_it_is_interrupted(tmp_path, number):
    with selling_partner() as partner:
        fault = {"kind": "slow", "seconds": 1, "operation_id": "createConfirmDeliveryDetails"}
        control(partner, "POST", "faults", fault)
        environ = settings(partner.port, tmp_path)
        process = subprocess.Popen(
            [sys.executable, "-m", "sp_mcp", "call", TELL, json.dumps(MESSAGE)],
            env=environ,
            cwd=tmp_path,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        give_up = time.monotonic() + 20
        while not control(partner, "GET", "effects"):
            assert time.monotonic() < give_up
        process.send_signal(number)
        out, _ = process.communicate(timeout=20)
        assert process.returncode == 128 + number
        assert out.splitlines()[0] == "{}"
        assert [row["outcome"] for row in recorded(environ, tmp_path)] == ["sent"]
