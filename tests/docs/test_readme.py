"""README and its neighbours: links lead somewhere, and the commands that others read are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_every_link_to_a_file_leads_to_one(name: str) -> None:
    text = re.sub(r"^```.*?^```", "", (ROOT / name).read_text("utf-8"), flags=re.M | re.S)
    assert [link for link in LINK.findall(text) if not (ROOT / link).exists()] == []


def test_the_two_commands_stand_in_one_line_each() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    first, marked = re.findall(r"```sh\n(python3 -m venv [^\n]+)\n```", text)
    assert first.endswith("loracheck check --exit-zero examples")
    assert f"<!-- test-command -->\n```sh\n{marked}\n```" in text
    assert "pytest" in marked


def test_every_module_that_the_makefile_runs_is_there() -> None:
    from importlib.util import find_spec

    named = set(re.findall(r"-m ((?:loracheck|dev|bench)[\w.]*)", (ROOT / "Makefile").read_text()))
    assert len(named) >= 6
    assert [name for name in named if find_spec(name) is None] == []


def test_paths_in_prose_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = set(re.findall(r"`((?:loracheck|tests|docs|bench|rules|dev)/[\w./-]+)`", text))
    known = [ROOT, ROOT / "loracheck"]
    planned = {name for name in named if "LC307" in name or "lc307" in name}
    lost = [n for n in named - planned if not any((base / n).exists() for base in known)]
    assert named
    assert lost == []
