"""LLaMA-Factory's FinetuningArguments from a file, and _setup_lora_tuning on a small Llama."""

from __future__ import annotations

import os
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

from .answers import ToolRefusalError, build_tiny_llama

PACKAGE = "llamafactory"
FILE = {"model_name_or_path": "a/b", "stage": "sft", "finetuning_type": "lora"}
POOLS: dict[str, list[Any]] = {
    "lora_rank": [1, 8, 64],
    "lora_alpha": [1, 16, 0, None],
    "lora_dropout": [0, 0.0, 0.1],
    "lora_target": ["all", "q_proj", "q_proj, v_proj", "all,lm_head", ["q_proj"]],
    "additional_target": ["lm_head", "embed_tokens, lm_head"],
    "use_rslora": [True, False],
    "use_dora": [True, False],
    "pissa_init": [True],
    "pissa_iter": [-1, 4],
}
MORE: list[dict[str, Any]] = [{"finetuning_type": "full"}, {"lora_r": 8}, {"lora_rnak": 8}]


class _ConfigMade(Exception):  # noqa: N818
    """Carries the LoraConfig out of the tool."""


def answer(file: dict[str, Any]) -> Any:
    """The LoraConfig that LLaMA-Factory makes of a file."""
    os.environ["DISABLE_VERSION_CHECK"] = "1"
    import trl

    trl.AutoModelForCausalLMWithValueHead = object  # not used here, and gone from newer releases
    from llamafactory.hparams import FinetuningArguments, ModelArguments
    from llamafactory.model import adapter
    from transformers import HfArgumentParser

    model_keys = {one.name for one in fields(ModelArguments)}
    keys = {key: value for key, value in file.items() if key not in model_keys}
    try:
        (found,) = HfArgumentParser(FinetuningArguments).parse_dict(keys)
    except (ValueError, TypeError, AssertionError) as error:
        raise ToolRefusalError(str(error)) from error
    if found.finetuning_type != "lora":
        return None
    arguments = SimpleNamespace(
        adapter_name_or_path=None, resize_vocab=False, use_kt=False, use_unsloth=False
    )

    def stop(model: Any, config: Any) -> None:
        raise _ConfigMade(config)

    adapter.get_peft_model = stop
    model = build_tiny_llama()
    try:
        adapter._setup_lora_tuning(model.config, model, arguments, found, True, False)
    except _ConfigMade as made:
        return made.args[0]
    raise AssertionError("LLaMA-Factory made no LoraConfig")
