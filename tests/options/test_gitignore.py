"""A search leaves out what git ignores: git itself is the judge."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from loracheck.cli import cli
from loracheck.options.find_files import find_files
from tests.examples import examples

FILES = (
    *("a.json", "b.yaml", "out/a.json", "out/keep.json", "sub/a.json", "sub/out/x.json"),
    *("sub/deep/a.json", "sub/deep/out/a.json", "#x.json", "!x.json", "a b.json"),
)
LINES = st.sampled_from(
    [
        *("*.json", "out", "out/", "/out", "out/*", "!out/keep.json", "sub/**/a.json", "!a.json"),
        *("**/out", "/a.json", "# no", "", "\\#x.json", "\\!x.json", "sub/deep", "a b.json  "),
        *("!sub/", "*", "!*/", "sub/*/a.json", "b.yaml/", "deep/a.json", "?.yaml"),
    ]
)
IGNORES = st.lists(LINES, max_size=5).map("\n".join)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    return tmp_path


def visible(repository: Path) -> set[str]:
    """The files that git would track."""
    done = subprocess.run(
        ["git", "-c", "core.excludesFile=", "ls-files", "-z", "--others", "--exclude-standard"],
        cwd=repository, capture_output=True, check=True, text=True,
    )  # fmt: skip
    return set(filter(None, done.stdout.split("\0")))


@examples(allow=[HealthCheck.function_scoped_fixture])
@given(top=IGNORES, sub=IGNORES, own=IGNORES)
def test_as_git_says(repository: Path, top: str, sub: str, own: str) -> None:
    (repository / ".gitignore").write_text(top)
    (repository / "sub" / ".gitignore").write_text(sub)
    (repository / ".git" / "info" / "exclude").write_text(own)
    seen = {name for name in visible(repository) if name in FILES}
    found = {file.display_path for file in find_files((str(repository),))}
    assert found == (seen or set(FILES))
    assert {file.display_path for file in find_files((str(repository),), gitignore=False)} == set(
        FILES
    )


def test_an_ignored_folder_that_is_named_is_searched(repository: Path) -> None:
    for line in ("out/", "out/*", "*.json"):
        (repository / ".gitignore").write_text(line)
        shown = {file.display_path for file in find_files((str(repository / "out"),))}
        assert shown == {"a.json", "keep.json"}
        assert [f.display_path for f in find_files((str(repository / "out" / "a.json"),))]


def test_the_settings_can_ask_for_everything(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    (repository / ".gitignore").write_text("*.json")
    told = CliRunner().invoke(cli, ["check", "."]).stdout
    assert told.startswith("No findings in 1 file,")
    (repository / "loracheck.toml").write_text("respect-gitignore = false\n")
    told = CliRunner().invoke(cli, ["check", "."]).stdout
    assert told.startswith(f"No findings in {len(FILES)} files,")
