"""Suppression comments in the code cells of a notebook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents.notebook.code_lines import CodeLines
from loracheck.findings import Finding
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules

CODES = frozenset(rule.code for rule in list_all_rules())
CALL = "from peft import LoraConfig\nc = LoraConfig(\n    r=0,{r}\n    lora_dropout=1.5,{d}\n)\n"


def notebook(*cells: str, listed: bool = True) -> str:
    rows = []
    for cell in cells:
        source = cell.splitlines(keepends=True) if listed else cell
        rows.append({"cell_type": "code", "metadata": {}, "outputs": [], "source": source})
        rows.append({"cell_type": "markdown", "metadata": {}, "source": "# loracheck: ignore[x]"})
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": rows}, indent=1)


def findings(folder: Path, text: str) -> list[Finding]:
    path = folder / "a.ipynb"
    path.write_text(text, "utf-8")
    found = check_file(str(path), path.name, LintSettings(CODES)).findings
    return [one for one in found if one.severity != "note"]


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    ("cells", "left"),
    [
        ([CALL.format(r="", d="")], ["`r` is 0", "`lora_dropout` is 1.5"]),
        (["x = 1\n", CALL.format(r="  # loracheck: ignore[LC104] so", d="")], ["`lora_dropout`"]),
        ([CALL.format(r="\n    # loracheck: ignore[LC104]", d="")], ["`r` is 0"]),
        (["# loracheck: ignore-file[LC104] so\n", CALL.format(r="", d="")], []),
        (["c = (\n", "# loracheck: ignore-file[LC104] so\n" + CALL.format(r="", d="")], []),
        ([CALL.format(r="", d="").replace("(\n", "(  # loracheck: ignore[LC1] so\n", 1)], []),
    ],
)
def test_comments_speak_of_lines_of_code(
    tmp_path: Path, cells: list[str], left: list[str], listed: bool
) -> None:
    found = findings(tmp_path, notebook(*cells, listed=listed))
    assert len(found) == len(left)
    assert all(one.message.startswith(words) for one, words in zip(found, left, strict=True))


def test_an_unused_one_is_told_at_its_place(tmp_path: Path) -> None:
    text = notebook(
        "y = 'ü\\n'\n", "x = 1  # loracheck: ignore[LC104] so\n" + CALL.format(r="", d="")
    )
    told = next(one for one in findings(tmp_path, text) if one.code == "LC004")
    line = text.splitlines()[told.span.line - 1]
    assert line[told.span.column - 1 : told.span.end_column - 1] == "LC104"


@given(st.lists(st.text("ab\n\"\\ü😀#' \t", max_size=12), max_size=4), st.booleans())
def test_every_character_of_the_code_is_found_again(cells: list[str], listed: bool) -> None:
    view = CodeLines(notebook(*cells, listed=listed))
    for at, char in enumerate(view.text):
        if char != "\n":
            span = view.span(at, at + 1)
            assert view.line(span) == view.lines.span(at, at).line
