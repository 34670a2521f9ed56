"""The arrows of the design: who may import whom, and what only one place may do."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "sp_mcp"
FILES = sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Modules a file imports, at any depth of its code."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def importers(prefix: str) -> set[str]:
    """Files of the package that import a module or anything below it."""
    return {
        str(path.relative_to(PACKAGE))
        for path in FILES
        if any(name == prefix or name.startswith(f"{prefix}.") for name in imports(path))
    }


def test_one_place_imports_httpx():
    assert importers("httpx") == {"amazon/http.py"}


def test_only_one_place_speaks_to_redis_and_only_keepers_to_sqlite():
    assert importers("redis") == {"team.py"}
    assert importers("sqlite3") == {
        "database.py",
        "quota/embedded.py",
        "ledger/ledger.py",
        "ledger/table.py",
        "ledger/team.py",
        "bookmarks.py",
    }


def test_only_settings_read_the_environment():
    readers = {
        str(path.relative_to(PACKAGE))
        for path in FILES
        if "os.environ" in (text := path.read_text(encoding="utf-8")) or "getenv" in text or "dotenv" in text
    }
    assert readers == {"settings.py"}


def test_the_client_knows_nothing_of_mcp():
    mcp = importers("mcp") | importers("mcp_types")
    assert not any(name.startswith(("amazon/", "apis/", "sandbox/")) for name in mcp)
    assert mcp <= {
        "server.py",
        "caller.py",
        "listing.py",
        "toolbox.py",
        "library.py",
        "prompts.py",
        "resources.py",
        "tool.py",
        "operation_tool.py",
        "workflows/workflow.py",
        "workflows/documents.py",
        "terminal.py",
        "cli.py",
        "demo.py",
    }


LEVELS = ["quota", "amazon", "operation", "apis", "ledger", "tool", "workflows", "server", "cli"]


@pytest.mark.parametrize("lower", range(len(LEVELS) - 1))
def test_imports_point_one_way(lower):
    name = LEVELS[lower]
    for path in FILES:
        relative = str(path.relative_to(PACKAGE))
        if relative == f"{name}.py" or relative.startswith(f"{name}/"):
            for higher in LEVELS[lower + 1 :]:
                assert relative not in importers(f"sp_mcp.{higher}")


def test_confirmation_knows_nothing_of_http_and_the_apis_only_of_operations_and_fields():
    assert not {name for name in imports(PACKAGE / "confirmation.py") if "http" in name or "client" in name}
    allowed = {"sp_mcp.operation", "sp_mcp.fields", "sp_mcp.wording", "sp_mcp.amazon.rate_limit"}
    for path in (PACKAGE / "apis").glob("*.py"):
        ours = {name for name in imports(path) if name.startswith("sp_mcp.") and name.count(".") < 3}
        ours = {name for name in ours if not name.startswith("sp_mcp.apis")}
        assert {name for name in ours if not any(name.startswith(a) for a in allowed)} <= {"sp_mcp.amazon"}, path


def test_the_sandbox_is_independent_of_the_clients_models():
    for path in (PACKAGE / "sandbox").glob("*.py"):
        ours = {name for name in imports(path) if name.startswith("sp_mcp")}
        assert all(name.startswith(("sp_mcp.sandbox", "sp_mcp.clock", "sp_mcp")) for name in ours)
        assert not any(name.startswith(("sp_mcp.apis", "sp_mcp.operation", "sp_mcp.amazon")) for name in ours), path


def test_time_is_read_and_spent_through_the_clock():
    direct = {
        str(path.relative_to(PACKAGE))
        for path in FILES
        if any(name in imports(path) for name in ("time", "time.monotonic", "time.sleep"))
    }
    assert direct == {"clock.py"}


def test_only_commands_write_to_stdout():
    # print is refused by the linter (T20).
    writers = {str(path.relative_to(PACKAGE)) for path in FILES if "sys.stdout" in path.read_text(encoding="utf-8")}
    assert writers == {"cli.py", "terminal.py"}
