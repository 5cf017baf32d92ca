"""Loops and branches of a Python text, and the names that it imports."""

from __future__ import annotations

from loracheck.documents.python.blocks import Blocks, read_blocks
from loracheck.documents.python.imports import read_imported_names
from loracheck.documents.python.parsed_module import parse_module

TEXT = """\
if a:
    first()
elif b:
    second()
else:
    third()
for x in y:
    while z:
        inner()
    outer()
try:
    tried()
except OSError:
    caught()
after()
"""


def at(name: str) -> int:
    return TEXT.index(name)


def test_branches_of_which_one_runs() -> None:
    blocks = read_blocks(parse_module(TEXT))
    assert blocks.exclude(at("first"), at("second"))
    assert blocks.exclude(at("second"), at("third"))
    assert blocks.exclude(at("caught"), at("tried"))
    assert not blocks.exclude(at("first"), at("after"))
    assert not blocks.exclude(at("inner"), at("outer"))
    assert not blocks.exclude(at("first"), at("first"))


def test_the_innermost_loop() -> None:
    blocks = read_blocks(parse_module(TEXT))
    inner, outer = blocks.find_loop(at("inner")), blocks.find_loop(at("outer"))
    assert inner is not None and TEXT[slice(*inner)].startswith("while z")
    assert outer is not None and TEXT[slice(*outer)].startswith("for x")
    assert blocks.find_loop(at("after")) is None


def test_a_text_that_cannot_be_read() -> None:
    assert read_blocks(None) == Blocks()
    assert read_imported_names(None, "peft") == ()


def test_imports_of_one_package() -> None:
    text = (
        "import peft\nfrom peft import A, B as b\nfrom .peft import C\nfrom peft.tuners import D\n"
        "def f():\n    from peft import (\n        E,\n    )\n"
        "try:\n    from peft import F\nexcept ImportError:\n    pass\n"
    )
    found = read_imported_names(parse_module(text), "peft")
    assert [one.name for one in found] == ["A", "B", "E"]
    assert [text[one.place.start : one.place.end] for one in found] == ["A", "B as b", "E"]
