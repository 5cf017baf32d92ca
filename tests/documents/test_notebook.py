"""Notebooks: the cells' code is read as one Python text, and every place is one of the file."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.documents.model import DocumentError
from loracheck.documents.notebook.document import NotebookDocument
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules
from tests.documents.test_cases import excerpt

HEAD = "from peft import LoraConfig"
NAMES = st.text("aé\"\\\n\t𝄞'", max_size=6)
OTHER = st.sampled_from(
    [
        "",
        "!pip install x",
        "%env A=1",
        "x = !ls \\\n  -l",
        "if x:\n    %time y",
        "s = 'é𝄞'",
        "?x",
        "%%capture\n!pip install peft",
        "%%bash\nfor x in 1; do echo; done",
        "print(('",
        "a = 1\r\n",
    ]
)


@st.composite
def cells(draw: st.DrawFn) -> list[str]:
    """The sources of a notebook's cells, LoRA calls among them."""
    found = [HEAD]
    for _ in range(draw(st.integers(1, 4))):
        rank, names = draw(st.integers(1, 99)), draw(st.lists(NAMES, max_size=3))
        call = f"c = LoraConfig(r={rank},\n  target_modules={names!r}) # end"
        found += [draw(OTHER), draw(st.sampled_from(["", "y = 1\n", "!ls\n"])) + call]
    return found


def notebook(sources: list[Any], **dump: Any) -> str:
    """A notebook's text."""
    rows = [{"cell_type": "code", "source": s, "outputs": []} for s in sources]
    rows.insert(0, {"cell_type": "markdown", "source": ["LoraConfig(r=0)"]})
    return json.dumps({"cells": rows, "metadata": {}, "nbformat": 4}, **dump)


@given(
    sources=cells(), split=st.booleans(), ascii_=st.booleans(), indent=st.sampled_from([None, 1])
)
def test_places(sources: list[str], split: bool, ascii_: bool, indent: int | None) -> None:
    written = [s.splitlines(keepends=True) if split else s for s in sources]
    text = notebook(written, ensure_ascii=ascii_, indent=indent)
    document = read("a.ipynb", text)
    assert isinstance(document, NotebookDocument)
    wanted = [(n, s) for n, s in enumerate(sources, 2) if "LoraConfig(" in s]
    assert len(document.roots) == len(wanted)
    for number, (cell, source) in enumerate(wanted):
        root = document.roots[number]
        for name, value in root.items():
            span = document.span((number, name))
            code = json.loads('"' + "".join(excerpt(text, span)[0]) + '"') if not split else None
            if code is not None:
                assert ast.literal_eval(code) == value
            key = excerpt(text, document.span((number, name), key=True))[0]
            assert key == name
            line = next(i for i, row in enumerate(source.split("\n"), 1) if f"{name}=" in row)
            assert document.where(span) == f"cell {cell}, line {line}"


@given(text=st.text(max_size=50) | st.just("{}") | st.just('{"cells": 1}'))
def test_any_text(text: str) -> None:
    try:
        read("a.ipynb", f"{text} LoraConfig")
    except DocumentError as error:
        assert error.reason


def test_a_broken_cell_is_said() -> None:
    document = read("a.ipynb", notebook([HEAD, "LoraConfig(r=", "LoraConfig(r=8)"]))
    assert document.roots == [{"r": 8}]
    (problem,) = document.problems
    assert problem.kind == "broken-cell"
    assert "cell 3 is not valid Python" in problem.message


def test_a_broken_cell_is_reported_where_it_held_the_only_setting() -> None:
    text = notebook([HEAD, "config = LoraConfig(lora-alpha=32)"]).encode()
    job = LintSettings(frozenset(rule.code for rule in list_all_rules()))
    (finding,) = check_file("a.ipynb", "a.ipynb", job, text).findings
    assert (finding.code, finding.severity) == ("LC002", "warning")
    assert "cell 3 is not valid Python" in finding.message
    assert check_file("a.ipynb", "a.ipynb", job._replace(codes=frozenset()), text).findings == ()


def test_another_language_is_left_alone() -> None:
    value = json.loads(notebook(["LoraConfig(r = 8)"]))
    value["metadata"] = {"kernelspec": {"language": "R", "name": "ir"}}
    assert read("a.ipynb", json.dumps(value)).roots == []


@pytest.mark.parametrize("value", [[], {"cells": None}, {"cells": [1, {"cell_type": "code"}]}])
def test_odd_notebooks(value: Any) -> None:
    text = json.dumps({"x": "LoraConfig", **value} if isinstance(value, dict) else ["LoraConfig"])
    try:
        assert read("a.ipynb", text).roots == []
    except DocumentError as error:
        assert "cells" in error.reason


def test_a_comparison_that_begins_a_line_is_no_command() -> None:
    text = "c = LoraConfig(r=8)\nif (\n    a\n    != b\n):\n    d = LoraConfig(r=4)\n!pip list\n"
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": text}
    whole = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})
    document = read("a.ipynb", whole)
    assert document.roots == [{"r": 8}, {"r": 4}]
    assert document.problems == []
