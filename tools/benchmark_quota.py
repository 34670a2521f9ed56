"""Measures the shared quota: processes of this program against a strict token bucket on this machine.

`python tools/benchmark.py quota [--seconds N] [--only TEXT] [--check]`

The Selling Partner here (strict_bucket.py) answers 429 the moment its bucket is empty. Every client
process runs the program's real client with four calls at a time. Granted is the share of burst + rate x time; Jain
is the fairness between processes; stall is the longest that a step of an event loop took; CPU is a process's share
of one core, HTTP included. Redis is a server of this machine, started for the run. A turn that need not wait is
timed by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from sp_mcp.accounts.account import Account
from sp_mcp.amazon.rate_limit import RateLimiter
from sp_mcp.clock import Clock
from sp_mcp.endpoint import ApiRequest, Effect, Endpoint, Rate
from sp_mcp.settings import Settings

HERE = Path(__file__)
TASKS = 4
LOST = 2.5
"""Tokens a steady run may leave: those that fall due as it ends, and what is kept as slack."""

STARTUP = 3.0
"""Seconds given to the processes to start before they all begin at once."""


@dataclass(frozen=True)
class Case:
    """One run. `told` are changes of the server's rate, as (seconds into the run, rate)."""

    name: str
    store: str
    processes: int
    rate: Rate
    believed: Rate | None = None
    told: tuple[tuple[float, float], ...] = ()
    kill_after: float | None = None


def _get(name: str, path: str, rate: Rate) -> ApiRequest:
    return Endpoint(method="GET", path=path, rate=rate, effect=Effect.READS).request(name, {}, known=frozenset())


async def run_client(options: dict[str, Any]) -> None:
    """A client's process: four calls at a time from `start` for `seconds`; tells stall and CPU."""
    rate = Rate(*options["believed"])
    account = Account(_settings(options))
    client = account.client()
    request = _get("benchmark", f"/x/{options['process']}", rate)
    end = options["start"] + options["seconds"]
    longest = _time_callbacks()

    async def work() -> None:
        while time.monotonic() < end:
            await client.send(request)

    # Sign-in and connection come before the start, or the bucket's burst would go to whoever is done first.
    await client.send(_get("warm-up", "/warm-up", Rate(100, 100)))
    await asyncio.sleep(options["start"] - time.monotonic())
    spent, longest[0] = time.process_time(), 0.0
    tasks = [asyncio.create_task(work()) for _ in range(TASKS)]
    await asyncio.sleep(end - time.monotonic())
    cpu = (time.process_time() - spent) / options["seconds"]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await account.aclose()
    print(json.dumps({"stall": longest[0], "cpu": cpu}), flush=True)


def _time_callbacks() -> list[float]:
    """Time every callback of the event loop; answers where the longest is kept, in seconds."""
    longest = [0.0]
    handle: Any = asyncio.Handle
    run = handle._run

    def timed(self: asyncio.Handle) -> None:
        began = time.perf_counter()
        run(self)
        longest[0] = max(longest[0], time.perf_counter() - began)

    handle._run = timed
    return longest


def _settings(options: dict[str, Any]) -> Settings:
    return Settings(
        client_id="benchmark",
        client_secret=SecretStr("benchmark"),
        refresh_token=SecretStr("benchmark"),
        environment="production",
        endpoint=options["url"],
        token_endpoint=f"{options['url']}/token",
        state_dir=Path(options["folder"]),
        redis_url=SecretStr(options["redis"]) if options["redis"] else None,
        max_wait=3600.0,
    )


@contextmanager
def redis(folder: str) -> Iterator[str]:
    """A Redis of this machine on a socket in `folder`; answers its address."""
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("There is no redis-server on this machine; --only embedded measures without one.")
    path = f"{folder}/redis.sock"
    command = [program, "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            while not Path(path).exists():
                time.sleep(0.05)
            yield f"unix://{path}"
        finally:
            server.terminate()


def _spawn(program: Path, options: dict[str, Any]) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, program, json.dumps(options)], stdout=subprocess.PIPE, text=True)


def _read(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def run_case(case: Case, seconds: float, folder: str, redis_url: str | None) -> dict[str, Any]:
    """One run; answers its figures."""
    server = _spawn(
        HERE.with_name("strict_bucket.py"), {"rate": case.rate.per_second, "burst": case.rate.burst, "told": case.told}
    )
    url = f"http://127.0.0.1:{int(_read(server))}"
    believed = case.believed or case.rate
    clients = []
    start = time.monotonic() + STARTUP
    for number in range(case.processes):
        options = {
            "process": str(number),
            "url": url,
            "folder": folder,
            "redis": redis_url if case.store == "redis" else None,
            "believed": [believed.per_second, believed.burst],
            "start": start,
            "seconds": seconds,
        }
        clients.append(_spawn(HERE, options))
    if case.kill_after is not None:
        time.sleep(max(0.0, start + case.kill_after - time.monotonic()))
        clients.pop().send_signal(signal.SIGKILL)
    told = [json.loads(_read(client)) for client in clients]
    report = asyncio.run(_report(url))
    for process in (*clients, server):
        process.kill()
        process.wait()
    # Of those that lived: the one that is killed is the last.
    granted = [report["granted"].get(str(number), 0) for number in range(len(clients))]
    return {
        "granted": sum(when <= seconds for when in report["times"]) / _possible(case, seconds),
        "refused": report["refused"],
        "jain": sum(granted) ** 2 / (len(granted) * sum(n * n for n in granted)),
        "stall_ms": max(entry["stall"] for entry in told) * 1000,
        "cpu": max(entry["cpu"] for entry in told),
    }


def _possible(case: Case, seconds: float) -> float:
    """Tokens that a strict bucket can give in so many seconds."""
    tokens, at, rate = float(case.rate.burst), 0.0, case.rate.per_second
    for after, next_rate in case.told:
        tokens, at, rate = tokens + (min(after, seconds) - at) * rate, min(after, seconds), next_rate
    return tokens + (seconds - at) * rate


async def _report(url: str) -> Any:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
    writer.write(b"GET /report HTTP/1.1\r\n\r\n")
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    body = await reader.readexactly(int(head.rsplit("content-length: ", 1)[1]))
    writer.close()
    return json.loads(body)


async def turn_ms(folder: str, redis_url: str | None) -> float:
    """Median milliseconds of a turn that need not wait."""
    options = {"url": "http://127.0.0.1:1", "folder": folder, "redis": redis_url}
    account = Account(_settings(options))
    limiter = RateLimiter(account.quota(), Clock(), account="benchmark", process="benchmark")
    spent = []
    for number in range(1000):
        began = time.perf_counter()
        await limiter.turn(f"operation {number % 40}", Rate(1000, 1000), 1, longest=1)
        spent.append((time.perf_counter() - began) * 1000)
    await limiter.aclose()
    await account.aclose()
    return statistics.median(spent)


async def turns_cpu(folder: str, redis_url: str | None) -> float:
    """Share of a core that four tasks cost which take all turns of 10/s, without HTTP."""
    options = {"url": "http://127.0.0.1:1", "folder": folder, "redis": redis_url}
    account = Account(_settings(options))
    limiter = RateLimiter(account.quota(), Clock(), account="benchmark", process="benchmark")

    async def work() -> None:
        while True:
            await limiter.turn("cpu", Rate(10, 10), 60, longest=60)

    tasks = [asyncio.create_task(work()) for _ in range(TASKS)]
    await asyncio.sleep(1)
    began, spent = time.monotonic(), time.process_time()
    await asyncio.sleep(10)
    share = (time.process_time() - spent) / (time.monotonic() - began)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await limiter.aclose()
    await account.aclose()
    return share


def cases() -> list[Case]:
    """The table, and four processes under stress."""
    slow, fast = Rate(1, 5), Rate(10, 10)
    found = []
    for store in ("embedded", "redis"):
        for rate in (slow, fast):
            found += [Case("steady", store, processes, rate) for processes in (1, 4, 8)]
        found += [
            Case("rate told 1, 2, 0.5", store, 4, slow, told=((15, 2), (30, 0.5))),
            Case("believed 2/s burst 10", store, 4, slow, believed=Rate(2, 10)),
            Case("one killed after 10 s", store, 4, slow, kill_after=10),
        ]
    return found


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--only", default="", help="only runs whose row holds this text")
    parser.add_argument("--check", action="store_true", help="exit code 1 where a steady run drew a 429 or lost tokens")
    options = parser.parse_args(arguments)
    wanted = [case for case in cases() if options.only in f"{case.store} {case.name} {case.rate.per_second:g}/s"]
    broken = False
    print("| buckets | run | quota | processes | granted | 429s | Jain | stall ms | CPU |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for case in wanted:
            if case.store == "redis":
                with redis(folder) as url:
                    figures = run_case(case, options.seconds, folder, url)
            else:
                figures = run_case(case, options.seconds, f"{folder}/{id(case)}", None)
            lost = (1 - figures["granted"]) * _possible(case, options.seconds)
            broken |= case.name == "steady" and (figures["refused"] > 0 or lost > LOST)
            print(
                f"| {case.store} | {case.name} | {case.rate.per_second:g}/s, {case.rate.burst} | {case.processes} "
                f"| {figures['granted']:.3f} | {figures['refused']} | {figures['jain']:.3f} "
                f"| {figures['stall_ms']:.0f} | {figures['cpu']:.1%} |",
                flush=True,
            )
        stores = {case.store for case in wanted}
        if "embedded" in stores:
            _print_costs("embedded", f"{folder}/costs", None)
        if "redis" in stores:
            with redis(folder) as url:
                _print_costs("redis", folder, url)
    return 1 if options.check and broken else 0


def _print_costs(name: str, folder: str, redis_url: str | None) -> None:
    print(
        f"{name}: a turn that need not wait takes {asyncio.run(turn_ms(folder, redis_url)):.2f} ms; ten turns a second "
        f"cost {asyncio.run(turns_cpu(folder, redis_url)):.1%} CPU"
    )


if __name__ == "__main__":
    asyncio.run(run_client(json.loads(sys.argv[1])))
