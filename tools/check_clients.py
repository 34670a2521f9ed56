"""Holds the server against the client packages that people use, each in its own environment and over stdio.

Usage: python tools/check_clients.py [--only NAME]... [--command PATH] [--work DIR]

Each client lists all tools of the practice account, converts them into its own kind of tool and makes two real calls
through its own call path, one of them with nested arguments. A client passes if nothing fails to convert, if a model
would still see every argument at every depth and every value of a list of values, and if both answers are right.
How many descriptions a client changes on the way is told, but fails nothing.

The packages are installed into DIR, by default a temporary folder, and found there the next time. Node is needed for
the TypeScript clients. Prints a line per client; exit code 1 says that one of them failed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters

from sp_mcp.apis import apis

sys.path.insert(0, str(Path(__file__).parent / "clients"))
from exchange import Call, Report, Task, wire

PROGRAMS = Path(__file__).parent / "clients"
LONGEST = 180.0
NAMED = 3


@dataclass(frozen=True)
class Package:
    """A client package: what is installed, which program uses it, and in which protocol era it speaks."""

    name: str
    program: str
    requirements: tuple[str, ...]
    mode: str = "auto"

    @property
    def is_node(self) -> bool:
        return self.program.endswith(".mjs")


_MCP_2 = ("mcp==2.3.0",)
_TYPESCRIPT_2 = ("@modelcontextprotocol/client@2.4.0",)
PACKAGES = (
    Package("mcp_2", "mcp_2.py", _MCP_2),
    Package("mcp_2_legacy", "mcp_2.py", _MCP_2, mode="legacy"),
    Package("mcp_1", "mcp_1.py", ("mcp==1.30.0",)),
    Package("fastmcp_4", "fastmcp_4.py", ("fastmcp==4.2.3",)),
    Package("typescript_1", "typescript_1.mjs", ("@modelcontextprotocol/sdk@1.32.2",)),
    Package("typescript_2", "typescript_2.mjs", _TYPESCRIPT_2),
    Package("typescript_2_legacy", "typescript_2.mjs", _TYPESCRIPT_2, mode="legacy"),
    Package("pydantic_ai", "pydantic_ai_2.py", ("pydantic-ai-slim[mcp]==2.68.0",)),
    Package("openai_agents", "openai_agents.py", ("openai-agents==0.24.0",)),
    Package("langchain", "langchain_mcp.py", ("langchain-mcp-adapters==0.3.2",)),
    Package("google_genai", "google_genai.py", ("google-genai==3.6.1", *_MCP_2)),
)


@dataclass(frozen=True)
class Expected:
    """A call, and what its answer must hold."""

    call: Call
    answer: dict[str, Any]


CALLS = (
    Expected(
        Call("vendor_orders_get_purchase_order", {"purchaseOrderNumber": "4Z32PABC"}),
        {
            "payload": {
                "purchaseOrderNumber": "4Z32PABC",
                "orderDetails": {"items": [{"orderedQuantity": {"amount": 12}}, {"netCost": {"amount": "3.20"}}]},
            }
        },
    ),
    Expected(
        Call(
            "easy_ship_list_handover_slots",
            {
                "marketplaceId": "A21TJRUUN4KGV",
                "amazonOrderId": "403-1000001-1000001",
                "packageDimensions": {"length": 30, "width": 20, "height": 10, "unit": "cm"},
                "packageWeight": {"value": 750, "unit": "g"},
            },
        ),
        {
            "amazonOrderId": "403-1000001-1000001",
            "timeSlots": [{"handoverMethod": method} for method in ("PICKUP", "DROPOFF", "PICKUP", "PICKUP")],
        },
    ),
)


def holds(answer: Any, wanted: Any) -> bool:
    """Whether an answer has all that is wanted of it; it may have more fields, but not more elements."""
    if isinstance(wanted, dict):
        return isinstance(answer, dict) and all(holds(answer.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(answer, list) and len(answer) == len(wanted) and all(map(holds, answer, wanted))
    return bool(answer == wanted)


def arguments(schema: dict[str, Any], root: dict[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    """What a model sees of a schema: every argument at every depth and every listed value, with its description."""
    if "$ref" in schema:
        found: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = {**found, **{keyword: value for keyword, value in schema.items() if keyword != "$ref"}}
    if place:
        yield place, schema.get("description", "")
    for value in [schema["const"]] if "const" in schema else schema.get("enum", ()):
        if value is not None:
            yield f"{place}={value}", ""
    for name, part in schema.get("properties", {}).items():
        yield from arguments(part, root, f"{place}.{name}" if place else name)
    if isinstance(schema.get("items"), dict):
        yield from arguments(schema["items"], root, f"{place}[]")
    for keyword in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(keyword, ()):
            # Said again at the same place, a description does not replace the one already told.
            yield from ((where, told) for where, told in arguments(part, root, place) if where != place)


def failures(report: Report, listed: dict[str, Any]) -> dict[str, str]:
    """Everything in which a client falls short, by tool or call."""
    found = dict(report.failures)
    if report.listed != len(listed):
        found["the list"] = f"{report.listed} tools instead of {len(listed)}"
    for name, shown in report.shown.items():
        lost = dict(arguments(listed[name], listed[name])).keys() - dict(arguments(shown, shown)).keys()
        if lost:
            found[name] = f"a model would not see {_few(sorted(lost))}"
    for expected in CALLS:
        what = f"the call of {expected.call.tool}"
        answer = report.answers.get(expected.call.tool)
        if not holds(answer, expected.answer):
            found.setdefault(what, f"answered {json.dumps(answer)[:200]}")
    return found


def changed_descriptions(report: Report, listed: dict[str, Any]) -> int:
    """How many descriptions of arguments a model would see otherwise than they were listed."""
    changed = 0
    for name, shown in report.shown.items():
        seen = dict(arguments(shown, shown))
        told = arguments(listed[name], listed[name])
        changed += sum(bool(text) and where in seen and seen[where] != text for where, text in told)
    return changed


def _few(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def installed(package: Package, work: Path) -> list[str]:
    """The command that runs a package's program, after installing what is not there yet."""
    folder = work / Path(package.program).stem
    note = folder / "installed.txt"
    wanted = "\n".join(package.requirements)
    if package.is_node:
        command = ["node", str(folder / package.program)]
        # Node looks for packages beside the program, not where it is started.
        folder.mkdir(parents=True, exist_ok=True)
        for program in (package.program, "exchange.mjs"):
            shutil.copy(PROGRAMS / program, folder)
        steps = [[shutil.which("npm") or "npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", "."]]
    else:
        python = str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
        command = [python, str(PROGRAMS / package.program)]
        steps = [
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"],
        ]
    if not note.exists() or note.read_text(encoding="utf-8") != wanted:
        steps[-1] += package.requirements
        for step in steps:
            subprocess.run(step, cwd=work if step[0] == sys.executable else folder, check=True, capture_output=True)
        note.write_text(wanted, encoding="utf-8")
    return command


def server_settings(state: str) -> dict[str, str]:
    """The practice account with all its tools."""
    return {"SP_API_ENVIRONMENT": "local", "SP_MCP_STATE_DIR": state, "SP_MCP_APIS": ",".join(apis())}


async def listed_by(command: str) -> dict[str, Any]:
    """The input schema of each tool as the server lists it."""
    with tempfile.TemporaryDirectory() as folder:
        server = StdioServerParameters(command=command, env=server_settings(folder), cwd=folder)
        async with asyncio.timeout(LONGEST), Client(server) as client:
            return {tool.name: wire(tool)["inputSchema"] for tool in (await client.list_tools()).tools}


def report_of(package: Package, command: str, work: Path) -> Report:
    """Run a client's program against a server of its own."""
    program = installed(package, work)
    quiet = {"OPENAI_AGENTS_DISABLE_TRACING": "1", "OPENAI_AGENTS_DONT_LOG_TOOL_DATA": "0"}
    with tempfile.TemporaryDirectory() as folder:
        calls = [expected.call for expected in CALLS]
        task = Task(command, server_settings(folder), folder, package.mode, calls)
        ended = subprocess.run(
            [*program, json.dumps(asdict(task))],
            cwd=work / Path(package.program).stem,
            env={**os.environ, **quiet},
            capture_output=True,
            encoding="utf-8",
            timeout=LONGEST,
            check=True,
        )
    return Report(**json.loads(ended.stdout.splitlines()[-1]))


def checked(package: Package, command: str, work: Path, listed: dict[str, Any]) -> bool:
    """Check one client and print its line; whether it passed."""
    began = time.monotonic()
    try:
        report = report_of(package, command, work)
    except (subprocess.SubprocessError, OSError, ValueError, IndexError) as error:
        said = getattr(error, "stderr", None) or str(error)
        text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        print(f"{package.name:20} failed: {' | '.join(text.strip().splitlines()[-3:])}", flush=True)
        return False
    found = failures(report, listed)
    right = sum(f"the call of {expected.call.tool}" not in found for expected in CALLS)
    counts = f"{report.listed} listed, {len(report.shown)} converted, {right} of {len(CALLS)} called"
    changed = changed_descriptions(report, listed)
    remark = f", {changed} descriptions changed" if changed else ""
    verdict = "ok" if not found else f"failed for {_few(list(found))}"
    seconds = time.monotonic() - began
    print(f"{package.name:20} {report.version:8} {counts}{remark}: {verdict} ({seconds:.0f} s)", flush=True)
    for what in list(found)[:NAMED]:
        print(f"    {what}: {' '.join(found[what].split())[:300]}", flush=True)
    return not found


def main() -> int:
    """Check the clients, and answer the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = shutil.which("sp-mcp", path=str(Path(sys.executable).parent))
    names = [package.name for package in PACKAGES]
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--command", default=beside, help="the sp-mcp to check, by default the one beside this Python")
    parser.add_argument("--work", type=Path, help="where the packages are installed, and found the next time")
    asked = parser.parse_args()
    if asked.command is None:
        parser.error("there is no sp-mcp beside this Python; name one with --command")
    command = os.path.abspath(asked.command)
    listed = asyncio.run(listed_by(command))
    with ExitStack() as stack:
        work = Path(asked.work or stack.enter_context(tempfile.TemporaryDirectory())).resolve()
        work.mkdir(parents=True, exist_ok=True)
        wanted = [package for package in PACKAGES if asked.only is None or package.name in asked.only]
        passed = [checked(package, command, work, listed) for package in wanted]
    print(f"{sum(passed)} of {len(passed)} clients pass")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
