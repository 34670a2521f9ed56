from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes import ERAS, Wire, World


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
def make_world(tmp_path: Path) -> Callable[..., World]:
    """Makes a server; `wire` is a scripted Amazon, keywords are settings."""

    def make(wire: Wire | None = None, **environ: str) -> World:
        return World(tmp_path, wire, **environ)

    return make


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/golden from what is listed now")
