"""`--help` is printed from a file, and is the page that click writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from loracheck.cli.quick_help import FILE, build_help_page, try_quick_help

ROOT = Path(__file__).parents[2]


def ask_for_help(flag: str, **variables: str) -> tuple[int, str, str]:
    plain = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    done = subprocess.run(
        [sys.executable, "-m", "loracheck", flag],
        cwd=ROOT,
        env={**plain, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_kept_page_is_that_of_click() -> None:
    assert Path(FILE).read_text("ascii") == build_help_page(), "run: make generated"


@pytest.mark.parametrize(("flag", "columns"), [("--help", "80"), ("-h", "200"), ("--help", "50")])
def test_both_ways_print_the_same(flag: str, columns: str) -> None:
    printed = ask_for_help(flag, COLUMNS=columns)
    # any variable that may stand for an option leaves the line to click
    assert printed == ask_for_help(flag, COLUMNS=columns, LORACHECK_NOTHING="1")
    assert printed[0] == 0


@pytest.mark.parametrize("words", [["--help", "check"], ["check", "--help"], ["--hel"], []])
def test_other_lines_are_left_to_click(words: list[str]) -> None:
    try_quick_help(words)
