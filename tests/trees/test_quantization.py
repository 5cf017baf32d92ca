"""What is said of quantised checkpoints."""

from __future__ import annotations

import pytest

from loracheck.trees import quantization
from loracheck.trees.sources.bundle import find_tree, load_index


@pytest.mark.parametrize("name", quantization.METHODS)
def test_every_method_is_described_with_its_class(name: str) -> None:
    text = quantization.describe_method(name)
    assert quantization.METHODS[name].layer in text
    assert ("cannot wrap" in text) is (quantization.METHODS[name].wrapper is None)


def test_spellings_of_config_json_are_known() -> None:
    assert (
        quantization.find_method("compressed_tensors") is quantization.METHODS["compressed-tensors"]
    )
    assert quantization.find_method("GPTQ") is quantization.METHODS["gptq"]
    assert quantization.find_method("no-such-method") is None


def test_a_bundled_fp8_checkpoint_is_recognised_and_a_plain_one_is_not() -> None:
    known = load_index()
    assert known is not None
    names = [name for name in known.entries if name.startswith("Qwen/") and name.endswith("-FP8")]
    trees = [tree for tree in map(find_tree, names) if tree is not None]
    assert trees
    assert all(quantization.find_quantization_method(tree) for tree in trees)
    plain = find_tree("Qwen/Qwen2.5-7B")
    assert plain is not None
    assert quantization.find_quantization_method(plain) is None
