"""Measures what an assistant and its machine feel: start, memory, and what a call costs.

Usage: python tools/benchmark.py [--check] [--rounds N] [--python PATH]
       python tools/benchmark.py quota [--seconds N] [--only TEXT]   (see benchmark_quota.py)

Start is from spawning the process to its answer to `initialize`, beside a bare low-level mcp server in turns;
the ratio is the median of the pairs' ratios, because neighbours share a machine's mood, of three times as many pairs
where the first ones are over the limit. Both run from bytecode, as pip installs them. --python names the interpreter
that runs them, of an environment in which sp-mcp is installed without tools for developers: some of those make httpx
load more.

Memory is the peak resident size after a list and a read of each API of the practice account, which then lives in the
process too. A call is measured in memory with the quota out of the way, from the client's request to its result. The
ledger's part of a change is all it does from the question to the recorded outcome, in a folder of its own on this
machine's disk; a disk can be busy with what was installed just before, so it is measured up to three times where it is
over the limit. The queue is twenty reads at once of an operation with 1 request per second and a burst of 5, in real
time. With --check: exit code 1 where a limit is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import anyio
import benchmark_quota
from mcp import Client

from sp_mcp.accounts.account import Account
from sp_mcp.accounts.composition import server_for
from sp_mcp.amazon.http import Http
from sp_mcp.clock import Clock
from sp_mcp.ledger.entry import ConsentBy, Intent, Result
from sp_mcp.ledger.pending import PendingChange
from sp_mcp.outcome import Outcome
from sp_mcp.sandbox import LOCAL_MARKETPLACE
from sp_mcp.sandbox.app import Sandbox
from sp_mcp.sandbox.practice import ORDER_TO_MESSAGE
from sp_mcp.settings import Settings

START_RATIO = 1.15
MEMORY_MIB = 80
LEDGER_MS = 10
QUEUED = 20

LOCAL = {"SP_API_ENVIRONMENT": "local"}
"""Whatever a developer's own .env says, nothing here leaves this machine."""

NOT_HANDED_ON = ("SP_", "PYTHONDONTWRITEBYTECODE")

BARE = """
import anyio, mcp_types as types
from mcp.server import Server
from mcp.server.stdio import stdio_server
async def list_tools(context, params): return types.ListToolsResult(tools=[])
async def call_tool(context, params): return types.CallToolResult(content=[])
async def main():
    server = Server("bare", on_list_tools=list_tools, on_call_tool=call_tool)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())
anyio.run(main)
"""


class Served:
    """A server process spoken to by hand. `python` is the interpreter that runs it."""

    python = sys.executable

    def __init__(self, *command: str) -> None:
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            [self.python, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**{k: v for k, v in os.environ.items() if not k.startswith(NOT_HANDED_ON)}, **LOCAL},
            cwd=tempfile.gettempdir(),
        )
        self._next = 0

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a request and wait for its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._next += 1
        request = {"jsonrpc": "2.0", "id": self._next, "method": method, "params": params}
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def initialize(self) -> float:
        """Shake hands; answers the seconds since the process was spawned."""
        self.ask(
            "initialize",
            protocolVersion="2025-06-18",
            capabilities={},
            clientInfo={"name": "benchmark", "version": "1"},
        )
        return time.perf_counter() - self.started

    def peak_mib(self) -> float | None:
        """Peak resident size, where the system tells (Linux)."""
        status = Path(f"/proc/{self._process.pid}/status")
        if not status.exists():
            return None
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def end(self) -> None:
        """Close its input and wait."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def start(rounds: int) -> tuple[float, float, float]:
    """Median ratio of a pair, and median seconds to `initialize`: ours, and the bare server's."""
    ours: list[float] = []
    bare: list[float] = []

    def pair() -> None:
        for times, command in ((bare, ("-c", BARE)), (ours, ("-m", "sp_mcp"))):
            served = Served(*command)
            times.append(served.initialize())
            served.end()

    def ratio() -> float:
        return statistics.median(mine / other for mine, other in zip(ours, bare, strict=True))

    pair()  # warms the disk
    ours.clear()
    bare.clear()
    for _ in range(rounds):
        pair()
    if ratio() > START_RATIO:
        for _ in range(2 * rounds):
            pair()
    return ratio(), statistics.median(ours), statistics.median(bare)


def memory() -> float | None:
    """Peak MiB of a server that has listed its tools and done a read of each of three APIs."""
    # The first one compiles what it loads, which takes memory too and which pip does as it installs.
    _peak()
    return _peak()


def _peak() -> float | None:
    order = {"amazonOrderId": ORDER_TO_MESSAGE}
    size = {"length": 30, "width": 20, "height": 10, "unit": "cm"}
    package = {"packageDimensions": size, "packageWeight": {"value": 750, "unit": "g"}}
    served = Served("-m", "sp_mcp")
    served.initialize()
    served.ask("tools/list")
    for name, arguments in (
        ("easy_ship_list_handover_slots", {**order, "marketplaceId": LOCAL_MARKETPLACE, **package}),
        ("messaging_get_attributes", {**order, "marketplaceIds": [LOCAL_MARKETPLACE]}),
        ("vendor_orders_get_purchase_orders", {"limit": 20}),
    ):
        answer = served.ask("tools/call", name=name, arguments=arguments)
        assert answer["result"]["isError"] is False, answer
    peak = served.peak_mib()
    served.end()
    return peak


def _served(sandbox: Sandbox) -> Client:
    account = Account(Settings(), sandbox.clock, Http(app=sandbox))
    return Client(server_for(account))


async def a_call(count: int) -> float:
    """Median milliseconds of a read, from the client's call to its result."""
    sandbox = Sandbox(Clock())
    # The client follows the rate it is told, up to ten times the documented one.
    sandbox.buckets.set_rate("getPurchaseOrder", 1e5, 10_000)
    spent = []
    async with _served(sandbox) as client:
        for _ in range(count):
            began = time.perf_counter()
            await client.call_tool("vendor_orders_get_purchase_order", {"purchaseOrderNumber": "4Z32PABC"})
            spent.append((time.perf_counter() - began) * 1000)
            await anyio.sleep(0.025)  # so that no call waits for its turn
    return statistics.median(spent)


async def ledger(count: int) -> float:
    """Median milliseconds that the ledger adds to a change: consent, record, departure and outcome."""
    spent = []
    with tempfile.TemporaryDirectory() as folder:
        account = Account(Settings(SP_MCP_STATE_DIR=Path(folder)))
        book = account.ledger()
        for number in range(count):
            call = {"amazonOrderId": f"403-0000000-{number:07}", "text": "x" * 200}
            intent = Intent("messaging_create_confirm_delivery_details", call, call, call, (call["amazonOrderId"],))
            began = time.perf_counter()
            change = await book.begin(intent, ConsentBy.HOST, (await book.issue(intent)).secret)
            assert isinstance(change, PendingChange)
            await change.sending()
            await change.close(Result(Outcome.SENT, 201))
            spent.append((time.perf_counter() - began) * 1000)
        await account.aclose()
    return statistics.median(spent)


async def queue() -> tuple[int, int, int, float]:
    """Twenty reads at once on 1 per second, burst 5: successes, requests sent, logins, seconds until the last."""
    sandbox = Sandbox(Clock())
    call = ("messaging_get_attributes", {"amazonOrderId": ORDER_TO_MESSAGE, "marketplaceIds": [LOCAL_MARKETPLACE]})
    succeeded = 0
    async with _served(sandbox) as client:

        async def read() -> None:
            nonlocal succeeded
            result = await client.call_tool(*call)
            succeeded += not result.is_error

        began = time.perf_counter()
        async with anyio.create_task_group() as tasks:
            for _ in range(QUEUED):
                tasks.start_soon(read)
        seconds = time.perf_counter() - began
    return succeeded, len(sandbox.received), sandbox.logins, seconds


def main() -> int:
    """Measure, print, and answer the exit code."""
    if sys.argv[1:2] == ["quota"]:
        return benchmark_quota.main(sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    Served.python = options.python
    ratio, ours, bare = start(options.rounds)
    peak = memory()
    print(f"start: {ratio:.2f} times a bare mcp server ({ours:.2f} s and {bare:.2f} s)")
    print(f"peak memory: {peak:.1f} MiB" if peak is not None else "peak memory: not told by this system")
    print(f"a read in memory, from the client's call to its result: {anyio.run(a_call, 200):.1f} ms")
    book = anyio.run(ledger, 200)
    for _ in range(2):
        if book > LEDGER_MS:
            book = min(book, anyio.run(ledger, 200))
    print(f"the ledger's part of a change: {book:.1f} ms")
    answered, sent, logins, seconds = anyio.run(queue)
    print(
        f"{QUEUED} reads at once at 1/s, burst 5: {answered} answers, {sent - answered} refused with 429, "
        f"{logins} login, {seconds:.1f} s (no order could take less than {QUEUED - 5} s)"
    )
    broken = (
        ratio > START_RATIO
        or (peak is not None and peak > MEMORY_MIB)
        or book > LEDGER_MS
        or (answered, sent, logins) != (QUEUED, QUEUED, 1)
    )
    return 1 if options.check and broken else 0


if __name__ == "__main__":
    sys.exit(main())
