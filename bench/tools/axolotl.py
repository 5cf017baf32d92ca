"""axolotl's pydantic schema of the LoRA keys, and _build_peft_lora_config on a small Llama."""

from __future__ import annotations

from typing import Any

from .answers import ToolRefusalError, build_tiny_llama

PACKAGE = "axolotl"
FILE = {
    "base_model": "a/b",
    "adapter": "lora",
    "sequence_len": 512,
    "lora_r": 8,
    "lora_alpha": 16,
    "lora_target_modules": ["q_proj"],
}
POOLS: dict[str, list[Any]] = {
    "adapter": ["lora", "qlora"],
    "lora_target_modules": [["q_proj", "v_proj"], ".*\\.q_proj", "q_proj"],
    "lora_target_linear": [True, False],
    "lora_alpha": [1, 32, "16", 12.5],
    "lora_target_parameters": [["experts.gate_up_proj"]],
    "lora_fan_in_fan_out": [True],
    "peft": [
        {"loftq_config": {"loftq_bits": 8}},
        {"loftq_config": {}},
        {"loftq_config": {"loftq_bits": 4, "loftq_iter": 5}},
    ],
    "load_in_4bit": [True],
    "peft_trainable_token_indices": [[0, 1], {"embed_tokens": [3]}],
    "peft_init_lora_weights": [True, False, "gaussian"],
}
MORE: list[dict[str, Any]] = [
    {"adapter": None},
    {"adapter": "qlora", "load_in_4bit": True},
    {"peft": {"loftq_config": {"loftq_bits": 4}}, "peft_init_lora_weights": "pissa"},
    {"lora_target_linear": True, "lora_target_modules": None},
]


def answer(file: dict[str, Any]) -> Any:
    """The LoraConfig that axolotl makes of a file."""
    from axolotl.loaders import adapter
    from axolotl.utils.dict import DictDefault
    from axolotl.utils.schemas.peft import LoraConfig
    from pydantic import ValidationError

    try:
        found = LoraConfig(**file).model_dump(exclude_none=True)
    except ValidationError as error:
        raise ToolRefusalError(error.errors()[0]["msg"]) from error
    if "adapter" not in found:
        return None
    return adapter._build_peft_lora_config(build_tiny_llama(), DictDefault(found))
