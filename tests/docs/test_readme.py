"""README and its neighbours: links lead somewhere, and the commands that others read are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md", "SUPPORT.md")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize(
    "name", ["README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md", "SUPPORT.md"]
)
def test_every_link_to_a_file_leads_to_one(name: str) -> None:
    text = re.sub(r"^```.*?^```", "", (ROOT / name).read_text("utf-8"), flags=re.M | re.S)
    assert [link for link in LINK.findall(text) if not (ROOT / link).exists()] == []


def test_the_two_commands_stand_in_one_line_each() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    first, marked = re.findall(r"```sh\n(python3 -m venv [^\n]+)\n```", text)
    assert "pip install -q . &&" in first, "plainly, without the models"
    assert first.endswith("loracheck check --exit-zero --format concise examples")
    assert f"<!-- test-command -->\n```sh\n{marked}\n```" in text
    assert "pytest" in marked


def test_the_chinese_readme_says_the_same() -> None:
    """Levels of headings, commands without their comments, exit statuses, pages that are linked."""
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md"))
    assert _levels(chinese) == _levels(english)
    assert len(_commands(english)) >= 9
    assert _commands(chinese) == _commands(english)
    for pattern in (r"^\| (\d) \|", r"^\| `(pip install .+?)` \|", r"^!\[.*\]\((.*)\)$"):
        assert re.findall(pattern, chinese, re.M) == re.findall(pattern, english, re.M)
    links = {link for link in LINK.findall(english) if link != "README.zh.md"}
    assert {link for link in LINK.findall(chinese) if link != "README.md"} == links


def _levels(text: str) -> list[int]:
    plain = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return [len(marks) for marks in re.findall(r"^(#+) ", plain, re.M)]


def _commands(text: str) -> list[str]:
    lines = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, flags=re.M | re.S)).splitlines()
    return [line.partition("  #")[0].rstrip() for line in lines]


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
