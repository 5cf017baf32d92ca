"""Plain command lines are read as click reads them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.cli.check import command
from loracheck.cli.check_table import CHECK_OPTIONS
from loracheck.cli.plain_line import is_plain_environment, parse_plain_line

WORDS = [flag for o in CHECK_OPTIONS for each in o.flags for flag in each.split("/")]
VALUES = ["", "-", "--", "a.json", "3", "0", "-1", "x=y", "concise", "json=o.json", "error", "4.57"]
VALUES += ["no such format", "all", "--no-such", "-h", "--help", "-qv", "-j2", "1 ", "é", "-x"]
WITH_VALUE = st.builds("{}={}".format, st.sampled_from(WORDS), st.sampled_from(VALUES))
LINES = st.lists(st.one_of(st.sampled_from(WORDS), st.sampled_from(VALUES), WITH_VALUE), max_size=6)


def read_by_click(words: list[str]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Raises click's exceptions."""
    values = dict(command.make_context("check", list(words)).params)
    return tuple(values.pop("paths")), values


@given(LINES)
def test_what_is_read_is_what_click_reads(words: list[str]) -> None:
    found = parse_plain_line(words, CHECK_OPTIONS)
    if found is not None:
        assert found == read_by_click(words)


@pytest.mark.parametrize(
    "words",
    [
        ["a.json"],
        ["-q", "a", "b", "-"],
        ["--isolated", "--format", "concise", "--format=json=o.json", "x"],
        ["-j", "3", "--fail-on", "error", "--online", "--offline", "--no-color"],
        ["--serve", "vllm", "--serve=sglang", "--transformers", "v4.57", "--add-ignore", "why"],
        [word for option in CHECK_OPTIONS if not option.takes_value for word in option.flags[:1]
         if "/" not in word],
    ],
)  # fmt: skip
def test_usual_lines_are_read(words: list[str]) -> None:
    found = parse_plain_line(words, CHECK_OPTIONS)
    assert found is not None and found == read_by_click(words)


@pytest.mark.parametrize(
    "words",
    [["--help"], ["-h"], ["--nope"], ["-qv"], ["-j4"], ["-j", "0"], ["--model"], ["--quiet=1"],
     ["--fail-on", "worst"], ["--model", "-q"], ["--", "-q"], ["--add-ignore", " "]],
)  # fmt: skip
def test_what_click_has_to_judge_is_left_to_it(words: list[str]) -> None:
    assert parse_plain_line(words, CHECK_OPTIONS) is None


def test_variables_that_stand_for_options_are_left_to_click() -> None:
    assert is_plain_environment(["PATH", "LORACHECK_CACHE"])
    assert not is_plain_environment(["LORACHECK_MODEL"])
    assert not is_plain_environment(["_LORACHECK_COMPLETE"])


SAME = [
    ["check", "--fix", "--diff", "."],
    ["check", "--isolated", "--config", "x.toml", "."],
    ["check", "--select", "LC999", "."],
    ["check", "--files-from", "none.txt"],
    ["check", "--statistics", "--format", "sarif", "."],
    ["check", "no-such-file.json"],
]


@pytest.mark.parametrize("words", SAME, ids=" ".join)
def test_what_a_run_raises_is_told_as_click_tells_it(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    begin = "import sys; sys.argv[0] = 'loracheck'; "
    plain = f"{begin}from loracheck.__main__ import main; main()"
    by_click = f"{begin}from loracheck.cli import cli; cli(prog_name='loracheck')"
    told = [
        subprocess.run(
            [sys.executable, "-c", script, *words], cwd=tmp_path, capture_output=True, text=True,
            check=False, env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": ""},
        )
        for script in (plain, by_click)
    ]  # fmt: skip
    assert told[0].returncode == told[1].returncode != 0
    assert (told[0].stdout, told[0].stderr) == (told[1].stdout, told[1].stderr)


def test_every_option_of_the_table_is_one_of_click() -> None:
    known = {p.name for p in command.params if isinstance(p, click.Option)}
    assert known == {option.name for option in CHECK_OPTIONS}
