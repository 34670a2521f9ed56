"""What only one module may do, beyond the layers that import-linter holds (pyproject.toml, [tool.importlinter])."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "sp_mcp"


@cache
def sources() -> dict[str, str]:
    """Every module of the package, by its path in it."""
    return {str(path.relative_to(PACKAGE)): path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def imports(path: str) -> frozenset[str]:
    """Modules that one imports, at any depth of its code."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(sources()[path])):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module}
    return frozenset(found)


def importers(prefix: str) -> set[str]:
    """Modules that import another one or anything below it."""
    return {
        path for path in sources() if any(name == prefix or name.startswith(f"{prefix}.") for name in imports(path))
    }


def test_one_module_imports_httpx_and_one_redis():
    assert importers("httpx") == {"amazon/http.py"}
    assert importers("redis") == {"storage/redis.py"}


def test_only_what_keeps_something_speaks_to_sqlite():
    assert importers("sqlite3") == {
        "ledger/ledger.py",
        "ledger/problems.py",
        "ledger/redis_ledger.py",
        "ledger/table.py",
        "quota/embedded.py",
        "storage/database.py",
        "workflows/job_progress.py",
    }


def test_only_the_settings_read_the_environment():
    readers = {path for path, text in sources().items() if re.search(r"os\.environ|getenv|dotenv", text)}
    assert readers == {"settings/sources.py"}


def test_time_is_read_and_spent_through_the_clock():
    assert importers("time") == {"clock.py"}


def test_only_commands_write_to_stdout():
    # print is refused by the linter (T20).
    writers = {path for path, text in sources().items() if "sys.stdout" in text}
    assert writers == {"cli/serving.py", "cli/terminal.py"}


def test_the_files_that_everybody_reads_are_in_the_packages_and_typed():
    assert (PACKAGE / "py.typed").exists()
    for folder in {path.parent for path in PACKAGE.rglob("*.py")}:
        assert (folder / "__init__.py").read_text(encoding="utf-8").startswith('"""'), folder


def test_modules_are_short_enough_to_be_read_at_once_and_no_two_share_a_name_by_chance():
    long = {path: text.count("\n") for path, text in sources().items() if text.count("\n") > 300}
    assert not long
    # The modules of an API are named by their role, and a part of the local Selling Partner by its API.
    names = [
        Path(path).name
        for path in sources()
        if not path.startswith(("apis/", "sandbox/")) and not path.endswith("__init__.py")
    ]
    commands = {"quota.py", "sandbox.py", "tools.py"}
    assert not {name for name in names if names.count(name) > 1} - commands
    assert "utils.py" not in names


def test_every_pointer_to_a_document_leads_to_a_heading():
    broken = []
    folders = [PACKAGE, ROOT / "tools", ROOT / "tests"]
    files = [path for folder in folders for path in folder.rglob("*.py")]
    files += [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), ROOT / "pyproject.toml"]
    for path in files:
        text = path.read_text(encoding="utf-8")
        found = re.findall(r"\b(docs/[\w/.-]+\.md)(?:#([\w-]+))?", text)
        targets = [(ROOT / name, anchor) for name, anchor in found]
        if path.suffix == ".md":
            local = re.findall(r"\]\((?!https?:|docs/)([\w/.-]+\.md)?(?:#([\w-]+))?\)", text)
            targets += [((path.parent / name if name else path), anchor) for name, anchor in local if name or anchor]
        for target, anchor in targets:
            if not target.exists() or (anchor and anchor not in _anchors(target)):
                broken.append(f"{path.relative_to(ROOT)}: {target.name}#{anchor}")
    assert not broken


@cache
def _anchors(document: Path) -> frozenset[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings)


def test_nothing_points_to_a_document_that_is_not_in_the_repository():
    strays = re.compile(r"sp-api-facts|rate-limit-notes|catalogue-notes|consent-notes|mcp-notes|DESIGN section")
    folders = [PACKAGE, ROOT / "tools", ROOT / "docs"]
    found = {path for folder in folders for path in folder.rglob("*.*") if path.suffix in (".py", ".md", ".lua")}
    assert not {str(path) for path in found if strays.search(path.read_text(encoding="utf-8"))}
