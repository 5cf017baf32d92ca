"""Patterns stand for the paths that git says they stand for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.options.globs import matches

PATHS = [
    "a.json", "ab.json", "configs/a.json", "configs/deep/a.json", "x/configs/a.json",
    "configs.json", "x/a.yaml", "x/b.yaml", "x/y/z/b.yaml", "[odd].json",
]  # fmt: skip
PATTERNS = [
    "a.json", "*.json", "?.json", "configs", "configs/", "configs/*", "configs/**", "/a.json",
    "**/a.json", "x/**/b.yaml", "x/*/b.yaml", "**", "*", "x/[ab].yaml", "x/[!a].yaml", "[z-a].json",
    "./configs/a.json", "con*/a.json", "x/**", "*/a.json", "x/?.json",
    "\\[odd].json", "\\a.json", "a\\*json", "x/**/z/*", "**/y", "x**yaml", "**.json",
]  # fmt: skip


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("git")
    subprocess.run(["git", "init", "-q", root], check=True)
    return root


@pytest.mark.parametrize("pattern", PATTERNS)
def test_as_git_ignores(pattern: str, repository: Path) -> None:
    plain = pattern.removeprefix("./")  # git knows no ./
    (repository / ".gitignore").write_text(plain + "\n", encoding="utf-8")
    listing = "\0".join(PATHS)
    done = subprocess.run(
        ["git", "check-ignore", "-z", "--stdin", "--no-index"],
        cwd=repository, input=listing.encode(), capture_output=True, check=False,
    )  # fmt: skip
    ignored = [name for name in done.stdout.decode().split("\0") if name]
    assert [path for path in PATHS if matches(path, pattern)] == ignored


def test_many_stars_are_tried_in_one_pass() -> None:
    assert not matches("a" * 20_000 + ".yaml", "*a" * 200 + "b")
    assert matches("a/" * 2_000 + "b", "**/a/" * 50 + "b")


@given(st.text("ab*?[]!/.-\\^", max_size=12), st.text("ab/.-", max_size=12))
def test_any_pattern_has_an_answer(pattern: str, path: str) -> None:
    assert matches(path, pattern) in (True, False)


@given(st.lists(st.text("abc.", min_size=1, max_size=4), min_size=1, max_size=4))
def test_a_plain_path_matches_itself_and_what_is_in_it(parts: list[str]) -> None:
    path = "/".join(parts)
    if parts[0] != ".":
        assert matches(path, path)
        assert matches(path + "/x.json", path)
        assert not matches(path + "x", "/" + path)
