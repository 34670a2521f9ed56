from __future__ import annotations

import itertools
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.caller import Caller
from tests.fakes import ERAS, Wire, World
from tests.keepers import KEEPERS, Keeper, RedisServer
from tests.keepers import keeper as make_keeper
from tests.queues import Queue


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_env_file(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own .env takes no part."""
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def local(tmp_path: Path) -> World:
    """A server on the practice account."""
    return World(tmp_path)


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    """A program that has signed in to a local Selling Partner of its own."""
    caller = Caller()
    await caller.sign_in()
    yield caller
    await caller.http.aclose()


@pytest.fixture
def make_world(tmp_path: Path) -> Callable[..., World]:
    """Makes a server; `wire` is a scripted Amazon, keywords are settings."""

    def make(wire: Wire | None = None, **environ: str) -> World:
        return World(tmp_path, wire, **environ)

    return make


@pytest.fixture(scope="session")
def _one_redis() -> Iterator[Callable[[], RedisServer]]:
    """Starts a server for the tests that ask for it; short paths, because sockets' are limited."""
    servers: list[RedisServer] = []
    with tempfile.TemporaryDirectory() as folder:

        def get() -> RedisServer:
            if not servers:
                servers.append(RedisServer(Path(folder)))
            return servers[0]

        yield get
        for server in servers:
            server.stop()


@pytest.fixture
def redis_server(_one_redis: Callable[[], RedisServer]) -> RedisServer:
    """A running server that holds nothing."""
    server = _one_redis()
    server.flush()
    return server


@pytest.fixture(params=KEEPERS)
async def keeper(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Keeper]:
    """Each of the places where buckets are kept, in turn."""
    made = make_keeper(request.param, tmp_path, lambda: request.getfixturevalue("redis_server").url)
    yield made
    await made.aclose()


@pytest.fixture
def make_queue(keeper: Keeper) -> Callable[..., Queue]:
    """Makes a bucket nobody has used yet, with its callers."""
    numbers = itertools.count()
    return lambda *values, **options: Queue(keeper, *values, account=f"account {next(numbers)}", **options)


@pytest.fixture
def one_redis_of_its_own() -> Iterator[RedisServer]:
    """A server that a test may stop and start."""
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(Path(folder))
        yield server
        server.stop()
