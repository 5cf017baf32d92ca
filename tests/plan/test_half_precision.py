"""What trains of a model in half precision, as PEFT has it."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("peft")
torch = pytest.importorskip("torch")

from peft import LoraConfig, get_peft_model  # noqa: E402 - after the skip
from transformers import AutoModelForCausalLM, LlamaConfig  # noqa: E402

from bench.oracle import plan_side  # noqa: E402

pytestmark = pytest.mark.oracle

ROWS: list[Any] = [[0, 1], {"embed_tokens": [0], "lm_head": [1]}, {"lm_head": [1]}]


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("rows", ROWS, ids=str)
@pytest.mark.parametrize("inference", [False, True])
def test_token_rows_train_as_peft_has_them(
    dtype: str, tied: bool, rows: Any, inference: bool
) -> None:
    settings = LlamaConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        vocab_size=64,
        tie_word_embeddings=tied,
        dtype=dtype,
    )
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(settings)
    tree = plan_side.build_tree(model)
    config = {
        "r": 1,
        "target_modules": ["q_proj"],
        "trainable_token_indices": rows,
        "inference_mode": inference,
    }
    found = plan_side.ask_plan(tree, config, low_cpu=True)
    wrapped = get_peft_model(model, LoraConfig(**config), low_cpu_mem_usage=True)
    assert found.counts == wrapped.get_nb_trainable_parameters()
