"""The three places where buckets are kept, as tests use them: on a clock that a test moves."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis
from pydantic import SecretStr

from sp_mcp.quota.bucket import Act, Plan, Turn
from sp_mcp.quota.embedded import EmbeddedStore
from sp_mcp.quota.redis_store import KEY, RedisStore
from sp_mcp.quota.store import BucketSnapshot, Key, MemoryStore, Store
from sp_mcp.storage.redis import Redis
from tests.fakes import FakeClock

KEEPERS = ("memory", "embedded", "redis")


@dataclass
class Watched(Store):
    """A store during whose work no time passes."""

    inner: Store
    clock: FakeClock

    async def run(self, key: Key, plan: Plan, act: Act, *values: str | float, strict: bool = False) -> Turn:
        self.clock.busy += 1
        try:
            return await self.inner.run(key, plan, act, *values, strict=strict)
        finally:
            self.clock.busy -= 1

    async def snapshots(self, account: str) -> Sequence[BucketSnapshot]:
        return await self.inner.snapshots(account)


@dataclass
class Keeper:
    """Opens stores that see the same buckets, each as a process of its own would."""

    open_on: Callable[[FakeClock], Store]
    opened: list[Store | Redis] = field(default_factory=list)

    def open(self, clock: FakeClock) -> Store:
        store = self.open_on(clock)
        self.opened.append(store)
        return Watched(store, clock)

    async def aclose(self) -> None:
        for store in self.opened:
            await store.aclose()


def keeper(kind: str, folder: Path, url: Callable[[], str]) -> Keeper:
    """A keeper with nothing in it yet. `url` is only asked for where it needs a Redis."""
    if kind == "embedded":
        return Keeper(lambda clock: EmbeddedStore(folder, clock))
    if kind == "redis":
        address = SecretStr(url())

        def connect(clock: FakeClock) -> Store:
            connection = Redis(address)
            made.opened.append(connection)
            return RedisStore(connection, clock)

        made = Keeper(connect)
        return made
    stores: dict[int, Store] = {}
    return Keeper(lambda clock: stores.setdefault(id(clock), MemoryStore(clock)))


class RedisServer:
    """A real server of this machine, without files, on a socket in `folder`."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        if program is None:
            pytest.skip("this machine has no redis-server")
        self._program = program
        self._socket = folder / "redis.sock"
        self.url = f"unix://{self._socket}"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        options = {"port": "0", "unixsocket": str(self._socket), "save": "", "appendonly": "no"}
        command = [self._program, *(word for name, value in options.items() for word in (f"--{name}", value))]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=self._socket.parent)
        with redis.Redis(unix_socket_path=str(self._socket), retry=_patient()) as client:
            client.ping()

    def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def flush(self) -> None:
        """Forget everything."""
        with redis.Redis(unix_socket_path=str(self._socket)) as client:
            client.flushall()

    def spoil(self, value: str | bytes) -> None:
        """Put `value` in the place of every bucket."""
        with redis.Redis(unix_socket_path=str(self._socket)) as client:
            for name in client.hkeys(KEY):
                if name != b"salt":
                    client.hset(KEY, name, value)

    def dump(self) -> dict[bytes, bytes]:
        """A snapshot, as a Redis makes one of itself now and then."""
        with redis.Redis(unix_socket_path=str(self._socket)) as client:
            return {key: client.dump(key) for key in client.keys("*")}

    def restore(self, snapshot: dict[bytes, bytes]) -> None:
        """Begin again from a snapshot."""
        with redis.Redis(unix_socket_path=str(self._socket)) as client:
            client.flushall()
            for key, value in snapshot.items():
                client.restore(key, 0, value)

    def everything(self) -> bytes:
        """All that it holds, as bytes."""
        with redis.Redis(unix_socket_path=str(self._socket)) as client:
            held = [
                [key, client.hgetall(key) if client.type(key) == b"hash" else client.get(key)]
                for key in client.keys("*")
            ]
        return repr(held).encode()


def _patient() -> redis.retry.Retry:
    errors = (redis.ConnectionError, FileNotFoundError)
    return redis.retry.Retry(redis.backoff.ConstantBackoff(0.02), 500, supported_errors=errors)
