"""The table of auto classes is what transformers' own mappings say."""

from __future__ import annotations

import pytest
import transformers
from transformers.models.auto import configuration_auto, modeling_auto

from loracheck.trees.auto_classes import (
    PREFIX,
    find_model_types,
    list_auto_classes,
    load_auto_classes,
    makes_class,
)

MAPPINGS = {
    name.lstrip("_").removeprefix(PREFIX): getattr(auto, "_model_mapping", None)
    for name, auto in vars(modeling_auto).items()
    if name.lstrip("_").startswith(PREFIX) and isinstance(auto, type)
}


@pytest.mark.parametrize("auto", sorted(MAPPINGS))
def test_every_model_type_that_an_auto_class_takes_is_in_the_table(auto: str) -> None:
    known = load_auto_classes().classes[auto]
    there = set(MAPPINGS[auto]._model_mapping)
    assert there and there <= set(known)


@pytest.mark.parametrize(
    ("kind", "autos"), [("t5", {"CausalLM"}), ("qwen2_vl", {"CausalLM"}), ("llama", {"Seq2SeqLM"})]
)
def test_transformers_raises_where_the_table_has_no_entry(kind: str, autos: set[str]) -> None:
    config = configuration_auto.CONFIG_MAPPING[kind]()
    assert autos.isdisjoint(list_auto_classes(frozenset({kind})))
    for auto in autos:
        with pytest.raises(ValueError, match="Unrecognized configuration class"):
            getattr(transformers, f"{PREFIX}{auto}").from_config(config)


def test_a_class_stands_for_all_model_types_that_are_made_of_it() -> None:
    assert find_model_types("LlamaForCausalLM") >= {"llama", "code_llama"}
    assert find_model_types("SomeonesForCausalLM") == frozenset()
    assert list_auto_classes(frozenset({"t5"}))[0] != "CausalLM"


def test_a_line_of_the_table_says_what_the_whole_does() -> None:
    classes = load_auto_classes().classes
    every = {one for kinds in classes.values() for names in kinds.values() for one in names}
    for auto, kinds in classes.items():
        own = {one for names in kinds.values() for one in names}
        for one in (*own, *sorted(every - own)[:3], "SomeonesForCausalLM"):
            assert makes_class(auto, one) is (one in own)
    assert not makes_class("Nothing", "LlamaForCausalLM")
