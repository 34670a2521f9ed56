"""One real server process under a real MCP client, and what ends it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from sp_mcp.apis import operations
from sp_mcp.sandbox.practice import ORDER_TO_MESSAGE, ORDER_TO_SCHEDULE
from sp_mcp.workflows import catalogue
from tests.calls import DEFAULT_APIS, IN
from tests.fakes import Person, data_of, text_of

INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


def parameters(folder: Path, **environ: str) -> StdioServerParameters:
    settings = {"SP_API_ENVIRONMENT": "local", "SP_MCP_STATE_DIR": str(folder), **environ}
    return StdioServerParameters(command=sys.executable, args=["-m", "sp_mcp"], env=settings, cwd=folder)


@pytest.mark.anyio
async def test_a_client_over_stdio_does_a_job_from_reading_to_consent_to_reading_back(tmp_path, era):
    order = {"amazonOrderId": ORDER_TO_SCHEDULE, "marketplaceId": IN}
    person = Person()
    async with Client(parameters(tmp_path), mode=era, elicitation_callback=person) as client:
        assert client.server_info is not None
        assert client.server_info.name == "sp-mcp"
        assert "nothing reaches Amazon" in (client.instructions or "")
        assert len((await client.list_tools()).tools) == len(operations(DEFAULT_APIS)) + len(catalogue())
        missing = await client.call_tool("easy_ship_get_scheduled_package", order)
        assert "ResourceNotFound" in text_of(missing)
        slots = data_of(
            await client.call_tool(
                "easy_ship_list_handover_slots",
                {
                    **order,
                    "packageDimensions": {"length": 20, "width": 10, "height": 5, "unit": "cm"},
                    "packageWeight": {"value": 400, "unit": "g"},
                },
            )
        )
        booked = await client.call_tool(
            "easy_ship_create_scheduled_package",
            {**order, "packageDetails": {"packageTimeSlot": slots["timeSlots"][0]}},
        )
        assert "nothing reached Amazon" in text_of(booked)
        assert data_of(await client.call_tool("easy_ship_get_scheduled_package", order)) == data_of(booked)
    assert len(person.asked) == 1


class Process(subprocess.Popen[bytes]):
    """A program with a pipe to each of its streams."""

    stdin: IO[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]

    def __init__(self, command: list[str], folder: Path, environ: dict[str, str]) -> None:
        pipe = subprocess.PIPE
        super().__init__(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=folder, env=environ)


@contextmanager
def served(folder: Path, **environ: str) -> Iterator[Process]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SP_")}
    settings = {**clean, "SP_API_ENVIRONMENT": "local", "SP_MCP_STATE_DIR": str(folder), **environ}
    process = Process([sys.executable, "-m", "sp_mcp"], folder, settings)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()


def ask_initialized(process: Process) -> None:
    process.stdin.write(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')
    process.stdin.flush()


def ask(process: Process, number: int, method: str, params: dict[str, Any]) -> None:
    message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    process.stdin.write(json.dumps(message).encode() + b"\n")
    process.stdin.flush()


def test_end_of_input_ends_the_server_promptly_and_cleanly(tmp_path):
    with served(tmp_path) as process:
        ask(process, 1, "initialize", INITIALIZE)
        assert json.loads(process.stdout.readline())["id"] == 1
        out, err = process.communicate(timeout=5)
        assert process.returncode == 0
        assert out == b""
        assert err == b""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_although_its_input_stays_open(tmp_path, number):
    with served(tmp_path) as process:
        ask(process, 1, "initialize", INITIALIZE)
        process.stdout.readline()
        process.send_signal(number)
        assert process.wait(5) == 128 + number
        assert b"Traceback" not in process.stderr.read()


@pytest.mark.parametrize(
    ("elicitation", "is_asked"),
    [({}, True), ({"form": {}}, True), ({"form": {}, "url": {}}, True), ({"url": {}}, False)],
)
def test_only_a_host_that_can_show_a_form_is_asked(tmp_path, elicitation, is_asked):
    message = {"amazonOrderId": ORDER_TO_MESSAGE, "marketplaceIds": [IN], "text": "On Thursday."}
    with served(tmp_path) as process:
        ask(process, 1, "initialize", {**INITIALIZE, "capabilities": {"elicitation": elicitation}})
        process.stdout.readline()
        ask_initialized(process)
        ask(process, 2, "tools/call", {"name": "messaging_create_confirm_delivery_details", "arguments": message})
        answer = json.loads(process.stdout.readline())
    if is_asked:
        assert answer["method"] == "elicitation/create"
        assert answer["params"]["requestedSchema"]["required"] == ["confirm"]
        assert "On Thursday." in answer["params"]["message"]
    else:
        assert answer["result"]["structuredContent"]["preview"]["sent"] is False


def test_nonsense_on_stdin_does_not_end_the_server(tmp_path):
    with served(tmp_path) as process:
        process.stdin.write(b"hello\n{}\n[1,2]\n\xff\xfe\n")
        ask(process, 1, "initialize", INITIALIZE)
        assert json.loads(process.stdout.readline())["id"] == 1
        ask(process, 2, "tools/call", {"name": "vendor_orders_get_purchase_orders", "arguments": "x"})
        assert "error" in json.loads(process.stdout.readline())
        ask(process, 3, "no/such/method", {})
        assert json.loads(process.stdout.readline())["error"]["code"] == -32601
        ask(process, 4, "tools/call", {"name": "vendor_orders_get_purchase_orders"})
        assert json.loads(process.stdout.readline())["result"]["isError"] is False


@contextmanager
def selling_partner() -> Iterator[http.client.HTTPConnection]:
    """A local Selling Partner in a process of its own; answers a connection to its control door."""
    command = [sys.executable, "-m", "sp_mcp", "sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().decode().split("127.0.0.1:")[1].split()[0])
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
                yield connection
        finally:
            process.kill()


def control(connection: http.client.HTTPConnection, method: str, what: str, content: Any = None) -> Any:
    connection.request(method, f"/_sandbox/{what}", json.dumps(content) if content else None)
    return json.loads(connection.getresponse().read())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("ending", ["signal", "end of input"])
def test_a_change_that_has_left_is_seen_through_before_the_server_ends(tmp_path, ending):
    operation = "createConfirmDeliveryDetails"
    with selling_partner() as partner:
        control(partner, "POST", "faults", {"kind": "slow", "operation_id": operation, "seconds": 1})
        settings = {
            "SP_API_ENDPOINT": f"http://127.0.0.1:{partner.port}",
            "SP_MCP_CONFIRM": "dangerously-unasked",
            "SP_MCP_LOG_LEVEL": "info",
            "HTTP_PROXY": "http://127.0.0.1:9",  # what is on this machine is not looked for behind a proxy
        }
        with served(tmp_path, **settings) as process:
            ask(process, 1, "initialize", INITIALIZE)
            process.stdout.readline()
            ask_initialized(process)
            message = {"amazonOrderId": ORDER_TO_MESSAGE, "marketplaceIds": [IN], "text": "marked words"}
            ask(process, 2, "tools/call", {"name": "messaging_create_confirm_delivery_details", "arguments": message})
            give_up = time.monotonic() + 20
            while not control(partner, "GET", "effects"):  # it comes before the answer, which is a second late
                assert time.monotonic() < give_up
            if ending == "signal":
                process.send_signal(signal.SIGTERM)
            else:
                process.stdin.close()
            process.wait(10)
            log = process.stderr.read().decode()
            answers = process.stdout.read()
    assert "messaging_create_confirm_delivery_details: 201" in log
    assert "marked words" not in log
    if ending == "signal":
        assert b"nothing reached Amazon" in answers
    else:
        assert "the caller stopped waiting, but the change had left and took effect" in log
