"""LC193's table against the transformers that is installed, read without importing it."""

from __future__ import annotations

import ast
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from loracheck.rules.support.trainer_arguments import TRANSFORMERS

FILES = {"Trainer": "trainer.py", "TrainingArguments": "training_args.py"}


def read_names(name: str) -> set[str]:
    """The arguments of a class of transformers: its fields, or what its constructor takes."""
    spec = find_spec("transformers")
    assert spec is not None and spec.origin is not None
    source = (Path(spec.origin).parent / FILES[name]).read_text(encoding="utf-8")
    body = next(
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == name
    )
    fields = {
        node.target.id
        for node in body.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    constructors = (n for n in body.body if isinstance(n, ast.FunctionDef) and n.name == "__init__")
    return fields | {one.arg for node in constructors for one in node.args.args}


@pytest.mark.parametrize("name", FILES)
def test_arguments_are_gone_and_their_new_names_are_there(name: str) -> None:
    taken = read_names(name)
    installed = tuple(map(int, version("transformers").split(".")[:3]))
    for argument, gone in TRANSFORMERS[name].items():
        if installed >= tuple(map(int, gone.since.split("."))):
            assert argument not in taken
        new = gone.mend.partition(" for ")[0].partition("=")[0].partition(",")[0]
        assert new in taken or not gone.mend.endswith(f" for {argument}")
