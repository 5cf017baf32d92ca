"""A key added to a mapping: it parses to the old values with the new one, in the file's style."""

from __future__ import annotations

from functools import partial

import pytest

from loracheck.documents import read
from loracheck.documents.model import Path
from loracheck.fixes.apply import apply_edits
from loracheck.fixes.insert import insert_key
from loracheck.fixes.verify import find_fault

CALL = "from peft import LoraConfig\n"
L = "LoraConfig"
CASES: list[tuple[str, str, Path, str]] = [
    ("a.json", '{"a": 1, "b": 2}', (0, "a"), '{"a": 1, "z": true, "b": 2}'),
    ("a.json", '{"a":1}', (0, "a"), '{"a":1, "z":true}'),
    ("a.json", '{\n  "a": 1\n}\n', (0, "a"), '{\n  "a": 1,\n  "z": true\n}\n'),
    ("a.json", '{\r\n\t"a": [\r\n1]}', (0, "a"), '{\r\n\t"a": [\r\n1],\r\n\t"z": true}'),
    ("a.yaml", "a: 1 # one\nb: 2\n", (0, "a"), "a: 1 # one\nz: true\nb: 2\n"),
    ("a.yaml", "b:\n  - 1 # x\nc: 3", (0, "b"), "b:\n  - 1 # x\nz: true\nc: 3"),
    ("a.yaml", "- a: 1\n  b: 2\n", (0, 0, "a"), "- a: 1\n  z: true\n  b: 2\n"),
    ("a.yaml", "l: {a: 1, b: 2} # c", (0, "l", "b"), "l: {a: 1, b: 2, z: true} # c"),
    ("a.yaml", "a: |\n  x\n\nc: 2\n", (0, "a"), "a: |\n  x\nz: true\n\nc: 2\n"),
    ("a.toml", "[l]\na = 1 # x\n[m]\n", (0, "l", "a"), "[l]\na = 1 # x\nz = true\n[m]\n"),
    ("a.toml", "l = {a = 1}\n", (0, "l", "a"), "l = {a = 1, z = true}\n"),
    ("a.py", f"{CALL}{L}(r=8)\n", (0, "r"), f"{CALL}{L}(r=8, z=True)\n"),
    ("a.py", f"{CALL}{L}(\n r=8, # x\n)\n", (0, "r"), f"{CALL}{L}(\n r=8, # x\n z=True,\n)\n"),
    ("a.py", f"{CALL}{L}(**{{'r': 8}})", (0, "r"), f"{CALL}{L}(**{{'r': 8, 'z': True}})"),
]


@pytest.mark.parametrize(("path", "text", "after", "wanted"), CASES)
def test_in_the_style_of_the_neighbours(path: str, text: str, after: Path, wanted: str) -> None:
    document = read(path, text)
    step = insert_key(document, after, "z", True)
    assert step is not None
    new = apply_edits(text, list(step.edits))
    assert find_fault(document, new, step.changes, partial(read, path)) is None
    assert new == wanted


REFUSED: list[tuple[str, str, Path]] = [
    ("a.json", '{"a": 1, "z": 2}', (0, "a")),
    ("a.json", "[1]", (0, 0)),
    ("a.py", f"{CALL}LoraConfig(\n    r=8  # x\n)\n", (0, "r")),
    ("a.yaml", "a: &x {r: 1}\nb: *x\n", (0, "b", "r")),
]


@pytest.mark.parametrize(("path", "text", "after"), REFUSED)
def test_refused(path: str, text: str, after: Path) -> None:
    assert insert_key(read(path, text), after, "z", True) is None
