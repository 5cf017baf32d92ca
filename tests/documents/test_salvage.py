"""Python around a statement that does not parse."""

from __future__ import annotations

import ast
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.documents.python.recovery import find_syntax_error, salvage

CONFIG = "from peft import LoraConfig\nc = LoraConfig(\n    r=8,\n    lora_alpha=16,\n)\n"
BROKEN = (
    "trainer = Trainer(model=model, ...)\n",
    "if x:\nprint(1)\n",
    "for i in range(3)\n    print(i)\n",
    "x = 'open\n",
    "def f(a, a=1, b):\n    return (a\n",
    "x = {1: 2, 3}\n",
)
GOOD = ("x = 1\n", "def f():\n    return 2\n", "if x:\n    y = 1\nelse:\n    y = 2\n", "\n# note\n")


def notebook(*cells: str) -> str:
    rows = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": c} for c in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": rows})


@given(st.lists(st.sampled_from([*BROKEN, *GOOD, CONFIG]), min_size=1, max_size=5))
def test_what_is_left_parses_and_keeps_its_place(parts: list[str]) -> None:
    code = "".join(parts)
    error = find_syntax_error(code)
    if error is None:
        return
    found = salvage(code, error, lambda _: True)
    if found is not None:
        ast.parse(found.code)
        assert len(found.code) == len(code)
        assert all(new in (old, " ") for old, new in zip(code, found.code, strict=True))
        assert all(part.strip() and part.strip() in code for part in found.left_out)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_cell_is_read_around_a_broken_statement(broken: str) -> None:
    document = read("a.ipynb", notebook(CONFIG + broken + "y = 1\n"))
    assert document.roots == [{"r": 8, "lora_alpha": 16}]
    assert document.problems == []


def test_a_broken_statement_about_lora_is_told() -> None:
    broken = "d = LoraConfig(r=4 lora_alpha=8)\n"
    document = read("a.ipynb", notebook(CONFIG + broken, "x = 1\n"))
    assert document.roots == [{"r": 8, "lora_alpha": 16}]
    assert [problem.kind for problem in document.problems] == ["broken-cell"]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads them")
def test_f_strings_of_a_newer_python() -> None:
    text = CONFIG + "def f(x):\n    return f'{x['a']}'\n\n\nd = LoraConfig(r=4)\n"
    assert read("a.py", text).roots == [{"r": 8, "lora_alpha": 16}, {"r": 4}]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads them")
@pytest.mark.parametrize(
    "statement",
    [
        "type Given = dict[str, object] | object\n",
        "type Pair[T] = tuple[T, T]\n",
        "def first[T](rows: list[T]) -> T:\n    return rows[0]\n",
        "class Box[T]:\n    value: T\n",
        "class A:\n    async def get[T](self, x: T) -> T:\n        return x\n",
    ],
)
def test_type_parameters_of_a_newer_python(statement: str) -> None:
    text = CONFIG + statement + "\n\nd = LoraConfig(r=4)\n"
    assert read("a.py", text).roots == [{"r": 8, "lora_alpha": 16}, {"r": 4}]


def test_a_keyword_given_twice() -> None:
    document = read("a.ipynb", notebook("x = 1\n", "c = LoraConfig(r=8, lora_alpha=16, r=4)\n"))
    (problem,) = document.problems
    lines = document.text.splitlines()
    span = problem.span
    assert problem.kind == "doubled-keyword"
    assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == "r=4"
    ((first, _),) = problem.related
    assert lines[first.line - 1][first.column - 1 : first.end_column - 1] == "r=8"
