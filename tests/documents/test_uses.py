"""The calls of a Python text: what they are called on, given, and what becomes of the result."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.documents.python.document import parse
from loracheck.documents.python.uses import Use

TEXT = """
from peft import get_peft_model
import torch as t
a = make(1, [2, 3], key="x", **more)
b, c = get_peft_model(a, other)
t.save(b)
if a:
    a = make()
final = run(a)
run(make()).go()
"""


def use(name: str, text: str = TEXT) -> Use:
    return next(one for one in parse("a.py", text).script.uses if one.name == name)


def test_what_a_call_is() -> None:
    made = use("make")
    assert (made.variables, made.complete, made.last) == (("a",), False, "make")
    assert made.arguments[0].value == 1
    assert made.arguments[1].value == [2, 3]
    assert made.arguments["key"].value == "x"
    wrapped = use("peft.get_peft_model")
    assert wrapped.variables == ("b", "c")
    assert (wrapped.arguments[0].name, wrapped.arguments[0].call_number) == ("a", 0)
    assert (wrapped.arguments[1].name, wrapped.arguments[1].call_number) == ("other", -1)
    saved = use("torch.save")
    assert saved.variables is None
    assert saved.arguments[0].call_number == 1


UNPACKED = """
from transformers import AutoModelForCausalLM, Mxfp4Config
wide = Mxfp4Config(dequantize=False)
options = dict(quantization_config=wide, use_cache=False)
AutoModelForCausalLM.from_pretrained("a/b", **options)
load(**{"a": 1, "b": wide})
changed = {"a": 1}
changed["b"] = 2
run(**changed)
def make(**given):
    go(c=3, **given)
"""


def test_a_mapping_that_is_written_out_gives_its_arguments() -> None:
    loaded = use("transformers.AutoModelForCausalLM.from_pretrained", UNPACKED)
    assert loaded.complete
    assert loaded.arguments["quantization_config"].call_number == 0
    assert loaded.arguments["use_cache"].value is False
    direct = use("load", UNPACKED)
    assert (direct.complete, direct.arguments["a"].value) == (True, 1)
    assert direct.arguments["b"].call_number == 0


def test_a_mapping_that_is_changed_or_given_is_not_known() -> None:
    assert not use("run", UNPACKED).complete
    assert not use("run", UNPACKED).arguments
    given = use("go", UNPACKED)
    assert (given.complete, given.arguments["c"].value) == (False, 3)


def test_of_two_values_none_is_certain() -> None:
    script = parse("a.py", TEXT).script
    ran = [one for one in script.uses if one.name == "run"]
    assert ran[0].arguments[0].call_number == -1
    assert ran[1].arguments[0].call_number == script.uses.index([*script.uses][-1])
    assert ran[1].variables == ()


def test_names_that_are_read() -> None:
    script = parse("a.py", "__all__ = ['kept']\nkept = 1\nidle = 2\nused = 3\nprint(used)\n").script
    assert script.names_read == {"kept", "used", "print"}


@pytest.mark.parametrize("text", ["def f(:", "x = " + "(" * 500, "\0"])
def test_what_cannot_be_read_has_no_calls(text: str) -> None:
    assert parse("a.py", text).script.uses == ()


@given(st.text(alphabet="ab=().,[]\n :\"'", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    for one in parse("a.py", text).script.uses:
        assert 0 <= one.place.start <= one.place.end <= len(text)


def test_a_notebook_gives_places_in_the_file() -> None:
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "source": ["# LoRA"]},
        {"cell_type": "code", "source": ["from peft import LoraConfig\n", "c = LoraConfig(r=8)\n"]},
        {"cell_type": "code", "source": "model.save_pretrained('ä')\nrun(c)"},
    ]
    text = json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}, ensure_ascii=False, indent=1)
    script = read("a.ipynb", text).script  # type: ignore[attr-defined]
    names = [text[one.place.start : one.place.end] for one in script.uses]
    assert names == ["LoraConfig", "model.save_pretrained", "run"]
    assert script.uses[2].arguments[0].call_number == 0
