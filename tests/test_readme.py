"""What the README claims, where a test can hold it."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sp_mcp.settings import variable_names

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_two_commands_are_one_line_each_and_need_only_python_and_pip():
    commands = re.findall(r"```sh\n(python3 -m venv [^\n]+)\n```", README)
    assert len(commands) == 2
    assert commands[0].endswith("sp-mcp demo")
    assert commands[1].endswith("-m pytest")
    assert not re.search(r"\b(uv|make|poetry)\b", " ".join(commands))


def test_what_it_may_change_is_said_on_the_first_screen():
    assert README.index("What it may change") < 1200


def test_its_json_examples_are_json_and_start_the_command():
    for block in re.findall(r"```json\n(.*?)```", README, re.DOTALL):
        servers = json.loads(block)
        entry = (servers.get("mcpServers") or servers["servers"])["sp-mcp"]
        assert entry["command"].endswith("/sp-mcp")


def test_every_setting_and_command_it_names_exists():
    assert set(re.findall(r"\bSP_(?:API|MCP)_[A-Z_]+\b", README)) == set(variable_names().values())
    shown = subprocess.run(
        [sys.executable, "-m", "sp_mcp", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for command in re.findall(r"`sp-mcp ([a-z]+)", README):
        assert command in shown


@pytest.mark.parametrize("generator", ["generate_docs.py", "generate_tools.py"])
def test_what_is_generated_is_up_to_date(generator):
    done = subprocess.run([sys.executable, str(ROOT / "tools" / generator), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_picture_exists_and_shows_a_question_to_a_person():
    picture = (ROOT / "demo.svg").read_text(encoding="utf-8")
    assert "A person is asked:" in picture
    assert "](demo.svg)" in README


def test_the_picture_is_out_of_date_when_a_word_differs_and_not_when_a_day_does():
    spec = importlib.util.spec_from_file_location("record_demo", ROOT / "tools" / "record_demo.py")
    assert spec is not None
    assert spec.loader is not None
    record_demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(record_demo)
    lines = ["36 tools are listed", "  | Pick-up on Wed 6 May 2026, 09:00", "  | (2026-05-06T09:00:00+05:30)"]
    another_day = ["36 tools are listed", "  | Pick-up on Fri 11", "  | Dec 2026, 09:00 (2026-12-11T09:00:00Z)"]
    assert record_demo.lasting(lines) == record_demo.lasting(another_day)
    assert record_demo.lasting(lines) != record_demo.lasting(["35 tools are listed", *lines[1:]])
    assert record_demo.lasting(lines) != record_demo.lasting(
        [*lines[:1], "  | Drop-off on Wed 6 May 2026, 09:00", lines[2]]
    )


def test_the_console_script_and_the_dependencies_are_the_documented_ones():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"sp-mcp": "sp_mcp.__main__:main"}
    assert project["requires-python"] == ">=3.11"
    assert {"mcp>=2.3,<3", "httpx>=0.28.1,<1", "pydantic>=2.12"} <= set(project["dependencies"])
