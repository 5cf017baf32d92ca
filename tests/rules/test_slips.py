"""Slips of form: no name of a module is one, and the mend gives back what was meant."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.rules.support import name_typos
from loracheck.trees.groups import Splitter, group_modules
from loracheck.trees.sources import bundle

PART = st.text(string.ascii_lowercase + "_", min_size=2, max_size=12)
RESERVED = ("weight", "bias", "base_layer", "lora_", "base_model")
NAME = st.lists(PART, min_size=1, max_size=4).map(".".join)
PLAIN = NAME.filter(
    lambda n: n not in name_typos.KEYWORDS and not any(word in n for word in RESERVED)
)


@given(PLAIN)
def test_a_plain_name_is_no_slip(name: str) -> None:
    assert name_typos.find_typo_in_entry(name) is None
    assert name_typos.find_typo_in_string(name) is None


@given(st.lists(PLAIN, min_size=2, max_size=5, unique=True), st.sampled_from([",", ", ", " "]))
def test_names_in_one_string_are_given_back_as_a_list(names: list[str], between: str) -> None:
    found = name_typos.find_typo_in_string(between.join(names))
    assert found is not None
    assert all(f'"{name}"' in found.help for name in names)


@given(PLAIN, st.sampled_from(["'{}'", '"{}"', " {}", "{} ", "base_model.model.{}", "{}.weight"]))
def test_what_stands_around_a_name_is_taken_off(name: str, frame: str) -> None:
    found = name_typos.find_typo_in_entry(frame.format(name))
    assert found is not None
    assert found.help.endswith(name)


@given(st.text(max_size=40))
def test_any_text_is_answered(text: str) -> None:
    name_typos.find_typo_in_entry(text)
    name_typos.find_typo_in_string(text)


@pytest.mark.parametrize("model", ["Qwen/Qwen2.5-7B", "google-bert/bert-base-uncased"])
def test_no_module_of_a_real_model_is_a_slip(model: str) -> None:
    tree = bundle.find_tree(model)
    assert tree is not None
    assert [
        g.name for g in group_modules(tree, Splitter()) if name_typos.find_typo_in_entry(g.name)
    ] == []
