"""A Python text is parsed once, and the cells of a notebook as one text where each is Python."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.documents.notebook.cells import Cell, parse_cells
from loracheck.documents.python.document import parse
from loracheck.documents.python.recovery import find_syntax_error
from loracheck.documents.python.syntax import list_nodes

CODE = (
    *("x = 1\n", "import a, b\n", "if x:\n    y = 2\nelse:\n    y = 3\n", "\n", "# only words\n"),
    *("    y = 2\n", "else:\n    y = 3\n", "x = (\n", ")\n", "'''\n", "if x:\n", "x = \\\n", "1\n"),
    *(
        "@f\n",
        "def f(a):\n    return a\n",
        "@f\ndef g(): pass\n",
        "  # words\n",
        "pass;\n",
        "def (:\n",
    ),
)
HEAD = "from peft import LoraConfig\nconfig = LoraConfig(r=8)\n"


@given(st.lists(st.sampled_from(CODE), max_size=6))
def test_cells_are_parsed_as_one_only_where_each_is_python(codes: list[str]) -> None:
    module = parse_cells([Cell(number, code) for number, code in enumerate(codes, 1)])
    assert (module is not None) == all(find_syntax_error(code) is None for code in codes)
    if module is not None:
        assert ast.dump(module.tree) == ast.dump(ast.parse("".join(codes)))


def test_no_node_with_parts_is_lost() -> None:
    tree = ast.parse(
        "class A:\n    x: int = f(*a, b=[c for c in d if not c], **{'k': lambda y: -y})\n"
    )
    found = [node for nodes in list_nodes(tree).values() for node in nodes]
    expected = [node for node in ast.walk(tree) if node._fields]
    assert {id(node) for node in found} >= {id(node) for node in expected}
    assert len(found) == len({id(node) for node in found})


def test_all_read_the_same_tree() -> None:
    document = parse("a.py", f"import subprocess\n{HEAD}subprocess.run('ls')\n")
    syntax = document.syntax
    assert syntax is not None and document.script.uses and document.started
    assert document.syntax is syntax


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_places_in_a_notebook_are_those_of_the_file(ending: str) -> None:
    sources = ["# words\n", "%pip install peft", f'{HEAD}for x in y:\n    "é"; train(x)']
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources
    ]
    text = json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}, indent=1, ensure_ascii=False)
    document = read("a.ipynb", text.replace("\n", ending))
    syntax = document.syntax  # type: ignore[attr-defined]
    (loop,) = syntax.find_nodes(ast.For)
    place = syntax.find_place(loop)
    assert document.text[place.start : place.end] == 'for x in y:\\n    \\"é\\"; train(x)'
