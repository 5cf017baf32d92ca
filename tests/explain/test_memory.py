"""Memory and weights against published figures and their own formulas."""

from __future__ import annotations

from typing import Any

import pytest

from loracheck.documents import read
from loracheck.explain.file.assess_setting import assess_setting
from loracheck.explain.file.training_run import TrainingRun
from loracheck.explain.numbers.activations import (
    Activations,
    estimate_activations,
    get_sequence_length,
)
from loracheck.explain.numbers.base_weights import count_parameters, estimate_base_weights
from loracheck.explain.numbers.memory import Memory
from loracheck.pipeline import build_contexts
from loracheck.plan import plan
from loracheck.tools import find_settings
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import Request

from .build import JOB, impact_of

QLORA_BITS = {"nf4": 4.5, "nf4, double": 4.127}
"""Bits per parameter by QLoRA (arXiv:2305.14314, section 3): 0.5 of constants, 0.127 when these are
quantised too.
"""


def memory_of(text: str, name: str = "a.yaml") -> Memory:
    (case,) = build_contexts(read(name, text), JOB)
    found = assess_setting(case).memory
    assert found is not None
    return found


@pytest.mark.parametrize("name", QLORA_BITS)
def test_four_bits_are_qlora_s(name: str) -> None:
    tree = resolve(Request("Qwen/Qwen2.5-7B-Instruct")).tree
    assert tree is not None
    size = count_parameters(tree)
    found = next(one for one in estimate_base_weights(tree, name) if one.precision == name)
    bits = 8 * (found.bytes - 2 * found.kept) / size.linear
    assert bits == pytest.approx(QLORA_BITS[name], abs=0.001)
    assert found.quantised + found.kept == size.total


def test_what_stays_unquantised_is_embeddings_head_norms_and_biases() -> None:
    tree = resolve(Request("Qwen/Qwen2.5-7B-Instruct")).tree
    assert tree is not None
    size = count_parameters(tree)
    layer = 3584 * 2 + 3584 + 512 + 512
    assert size.total - size.linear == 2 * 152064 * 3584 + 28 * layer + 3584


def test_fused_experts_stay_in_sixteen_bits() -> None:
    tree = resolve(Request("Qwen/Qwen3-30B-A3B")).tree
    assert tree is not None
    assert count_parameters(tree).linear == 48 * (4096 * 2048 * 2 + 512 * 2048 * 2)


def test_the_parts_add_up() -> None:
    found = impact_of("Qwen/Qwen2.5-7B-Instruct", target_modules="all-linear", r=16)
    memory = found.memory
    assert memory is not None
    assert found.trainable is not None
    assert memory.adapter == memory.gradients == 4 * found.trainable
    assert {one.name: one.bytes for one in memory.optimisers}["AdamW"] == 8 * found.trainable
    base = next(one.bytes for one in memory.weights if one.chosen)
    assert memory.exact == base + 16 * found.trainable
    assert memory.activations is not None
    assert memory.total == memory.exact + memory.activations.bytes


def test_modules_in_full_count_in_the_model_s_precision() -> None:
    found = impact_of(
        "Qwen/Qwen2.5-7B-Instruct", target_modules=["q_proj"], modules_to_save=["lm_head"]
    )
    head = 152064 * 3584
    assert found.memory is not None
    assert found.trainable is not None
    assert found.memory.adapter == 4 * (found.trainable - head) + 2 * head


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        ("", "bfloat16"),
        ("load_in_8bit: true\n", "int8"),
        ("load_in_4bit: true\n", "nf4"),
        ("dtype: float32\n", "float32"),
    ],
)
def test_the_file_s_precision_is_chosen(keys: str, chosen: str) -> None:
    text = (
        "model_name_or_path: Qwen/Qwen2.5-0.5B\nuse_peft: true\nlora_target_modules: all-linear\n"
    )
    found = memory_of(text + keys)
    assert [one.precision for one in found.weights if one.chosen] == [chosen]


def test_an_eight_bit_optimiser_is_taken_from_the_file() -> None:
    text = (
        "model_name_or_path: Qwen/Qwen2.5-0.5B\nuse_peft: true\nlora_target_modules: all-linear\n"
    )
    plain, small = memory_of(text), memory_of(text + "optim: paged_adamw_8bit\n")
    assert small.exact < plain.exact
    assert next(one for one in small.optimisers if one.chosen).name == "8-bit AdamW"


def activations_of(**run: Any) -> Activations | str:
    tree = resolve(Request("Qwen/Qwen2.5-7B-Instruct")).tree
    assert tree is not None
    planned = plan({"r": 8, "target_modules": ["q_proj", "v_proj"]}, tree)
    return estimate_activations(tree, TrainingRun(batch=2, sequence=1024, **run), planned, 0.0)


def test_activations_follow_the_layer_s_parts() -> None:
    kept, again = activations_of(checkpointing=False), activations_of(checkpointing=True)
    assert isinstance(kept, Activations)
    assert isinstance(again, Activations)
    norm, head = 4 * (3584 + 1), 4 * 3584 / 64
    core = 2 * (3584 + 2 * 512 + 3584) + head
    layer = 2 * norm + core + 2 * 3 * 18944 + 2 * 4 * (3584 + 8)
    end, logits = 4 * 3584 + 2 * 2 * 64, 12 * 152064
    assert kept.bytes == 2048 * (28 * layer - norm + end + logits)
    assert again.bytes == 2048 * (28 * 2 * 3584 + end + logits)
    assert kept.bytes - kept.kept == 2048 * 8 * 152064
    assert kept.least == kept.bytes


def test_what_was_not_measured_is_not_told() -> None:
    assert "heads" in str(activations_of(eager=True))
    for model in ("google-t5/t5-base", "mistralai/Mixtral-8x7B-v0.1"):
        found = impact_of(model, target_modules="all-linear").memory
        assert found is not None
        assert found.activations is None
        assert found.total == found.exact
        assert any(one.startswith("activations are not known") for one in found.assumptions)
    dora = impact_of("Qwen/Qwen2.5-0.5B", target_modules=["q_proj"], use_dora=True).memory
    assert dora is not None
    assert dora.activations is None


def test_a_quantised_model_s_activations_are_a_range() -> None:
    text = "model_name_or_path: Qwen/Qwen2.5-0.5B\nuse_peft: true\nload_in_4bit: true\n"
    found = memory_of(text).activations
    assert found is not None
    assert found.least < found.bytes < 2.1 * found.least


@pytest.mark.parametrize(
    ("model", "length"),
    [
        ("google-bert/bert-base-uncased", 512),
        ("openai-community/gpt2", 1024),
        ("Qwen/Qwen2.5-0.5B", 2048),  # rotary embeddings: no table of positions
        ("google-t5/t5-base", 2048),  # relative biases: none either
        ("llava-hf/llava-1.5-7b-hf", 2048),  # the tower's table is not the text's
    ],
)
def test_no_more_tokens_are_assumed_than_a_model_has_positions(model: str, length: int) -> None:
    tree = resolve(Request(model)).tree
    assert tree is not None
    assert get_sequence_length(tree, TrainingRun()) == length


def test_there_is_no_estimate_where_counts_are_unknown() -> None:
    text = "from peft import LoraConfig\nc = LoraConfig(r=RANK, target_modules=['q_proj'],\n"
    text += "    base_model_name_or_path='Qwen/Qwen2.5-0.5B')\n"
    (setting,) = find_settings(read("a.py", text))
    (case,) = build_contexts(read("a.py", text), JOB)
    assert setting.model == "Qwen/Qwen2.5-0.5B"
    found = assess_setting(case)
    assert found.unknown == ("r",)
    assert found.trainable is None
    assert found.memory is None
