"""What the id of a checkpoint tells: how it is stored, and of which model it is a conversion."""

from __future__ import annotations

import pytest

from loracheck.trees.quantization import find_method_in_id, find_quantization_method
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import Request


@pytest.mark.parametrize(
    ("model", "method"),
    [
        ("Qwen/Qwen3-8B-AWQ", "awq"),
        ("Qwen/Qwen2.5-7B-Instruct-GPTQ-Int4", "gptq"),
        ("unsloth/Llama-3.2-1B-Instruct-unsloth-bnb-4bit", "bitsandbytes-4bit"),
        ("cyankiwi/granite-4.1-3b-AWQ-INT4", None),
        ("catalystsec/GLM-5.1-4bit", None),
        ("Qwen/Qwen3-8B-FP8", "fp8"),
        ("zai-org/GLM-4.5-Air-FP8", None),
        ("Qwen/Qwen3-8B", None),
    ],
)
def test_the_end_of_an_id_tells_the_method_only_where_there_is_one(
    model: str, method: str | None
) -> None:
    assert find_method_in_id(model) == method


def test_the_tree_of_a_copy_says_how_its_id_says_it_is_stored() -> None:
    tree = resolve(Request("Qwen/Qwen3-8B-AWQ")).tree
    assert tree is not None
    assert find_quantization_method(tree) == "awq"
    original = resolve(Request("Qwen/Qwen3-8B")).tree
    assert original is not None
    assert find_quantization_method(original) is None


def test_a_conversion_for_mlx_is_the_model_that_its_id_names() -> None:
    found = resolve(Request("mlx-community/Phi-4-mini-instruct-8bit"))
    assert found.tree is not None
    assert found.tree.cls == "Phi3ForCausalLM"
    assert resolve(Request("mlx-community/No-Such-Model-8bit")).tree is None
    assert resolve(Request("mlx-community/Phi-4-mini-instruct-something")).tree is None


@pytest.mark.parametrize(
    ("model", "original"),
    [
        ("unsloth/Qwen3.5-9B", "Qwen/Qwen3.5-9B"),
        ("unsloth/Llama-4-Scout-17B-16E-Instruct", "meta-llama/Llama-4-Scout-17B-16E-Instruct"),
    ],
)
def test_a_copy_of_unsloth_s_is_the_model_of_its_name(model: str, original: str) -> None:
    copy, first = resolve(Request(model)).tree, resolve(Request(original)).tree
    assert copy is not None
    assert first is not None
    assert (copy.cls, copy.root) == (first.cls, first.root)
    for end in ("-bnb-4bit", "-unsloth-bnb-4bit"):
        small = resolve(Request(model + end)).tree
        assert small is not None
        assert find_quantization_method(small) == "bitsandbytes-4bit"
    assert resolve(Request(model + "-GGUF")).tree is None


def test_a_rewritten_copy_is_not_taken_for_its_original() -> None:
    found = resolve(Request("unsloth/phi-4-reasoning-plus"))
    assert found.tree is None or found.tree.cls != "Phi3ForCausalLM"
