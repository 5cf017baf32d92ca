"""Patterns of a .gitignore mean what git says they mean, and cost what their bounds say."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from loracheck.options.gitignore import MAX_WILD, GitIgnore, Pattern, PatternFile
from tests.examples import examples

PARTS = (
    *("a", "b", "ab", "a b", "#a", "!a", "a]", "-", "a-b", " a", "a ", "ba", "^", "\\"),
    *("[a", "*", "é", "aé"),
)
PATHS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map("/".join)
PIECES = st.sampled_from(
    [
        *("a", "b", "*", "**", "?", "/", "**/", "/**", "[ab]", "[!a]", "[^b]", "[a-b]", "[]]"),
        *("[!]]", "\\a", "\\*", "\\ ", " ", "\\#", "\\!", "#", "!", "-", "]", "[", "\\", "^"),
        *(
            "[]-a]",
            "[\\]]",
            "[[:alpha:]]",
            "[b-a]",
            "[a-]",
            "\r",
            "[![:alpha:]]",
            "é",
            "[/a]",
            "\\/",
        ),
    ]
)
LINES = st.lists(st.lists(PIECES, max_size=6).map("".join), min_size=1, max_size=4).map("\n".join)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", folder], check=True)
    return folder


def ignored_by_git(repository: Path, path: str) -> bool:
    done = subprocess.run(
        ["git", "-c", "core.excludesFile=", "check-ignore", "-q", "--no-index", "-z", "--stdin"],
        cwd=repository, input=path.encode(), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 0


def ignored_here(repository: Path, path: str) -> bool:
    """As a search goes: what is in an ignored folder is not looked at."""
    ignores = GitIgnore(str(repository), str(repository))
    parts = path.split("/")
    above = ["/".join(parts[:end]) for end in range(1, len(parts))]
    return any(ignores(str(repository / folder), True) for folder in above) or ignores(
        str(repository / path), False
    )


@examples(200, allow=[HealthCheck.function_scoped_fixture])
@given(LINES, PATHS)
@example("a\\ \n", "a ")
@example("a\\\\ ", "a\\")
@example("\\#a", "#a")
@example("\\!a", "!a")
@example("[!a]", "b")
@example("a/**", "a/b/ab")
@example("**/b", "a/ab/b")
@example("a/**/b", "a/b")
@example("a**/b", "a/a/b")
def test_as_git_says(repository: Path, lines: str, path: str) -> None:
    (repository / ".gitignore").write_bytes(lines.encode())
    assert ignored_here(repository, path) == ignored_by_git(repository, path)


def test_plain_patterns_are_looked_up_and_wild_ones_bounded() -> None:
    plain = [Pattern(f"name{number}", False, False) for number in range(20_000)]
    endings = [Pattern(f"*.end{number}", False, False) for number in range(20_000)]
    wild = [Pattern(f"a?{number}x", False, False) for number in range(20_000)]
    patterns = PatternFile(plain + endings + wild)
    assert patterns.find_last("deep/b.end19999", False) == endings[-1]
    assert patterns.find_last("deep/name19999", False) == plain[-1]
    assert patterns.find_last("a.0x", False) == wild[0]
    assert patterns.find_last(f"a.{MAX_WILD - 1}x", False) == wild[MAX_WILD - 1]
    assert patterns.find_last(f"a.{MAX_WILD}x", False) is None
