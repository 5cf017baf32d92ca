"""The configuration of Unsloth's command line, and what it hands to its trainer."""

from __future__ import annotations

from typing import Any

from .answers import ToolRefusalError

PACKAGE = "unsloth"
FILE: dict[str, Any] = {"model": "a/b", "training": {"training_type": "lora"}, "data": {}}
POOLS: dict[str, list[Any]] = {
    "lora_r": [1, 64, "16", 8.5],
    "lora_alpha": [1, 64, "32", 12.5],
    "lora_dropout": [0, 0.1, "0.1"],
    "target_modules": ["q_proj", "q_proj, v_proj", "q_proj,,v_proj"],
    "use_loftq": [False],
    "finetune_audio_layers": [],
    "target_parameters": [],
    "init_lora_weights": [],
    "modules_to_save": [],
    "bias": [],
}
MORE: list[dict[str, Any]] = [{"lora_rank": 8}, {"lora-alpha": 8}, {"lora_aplha": 8}]


def answer(file: dict[str, Any]) -> Any:
    """The values that get_peft_model is given, as a LoraConfig."""
    from peft import LoraConfig
    from pydantic import ValidationError
    from unsloth_cli.config import Config

    try:
        found = Config(**file)
    except ValidationError as error:
        raise ToolRefusalError(error.errors()[0]["msg"]) from error
    given = found.model_kwargs(use_lora=True, is_vision=False)
    return LoraConfig(
        r=given["lora_r"],
        lora_alpha=given["lora_alpha"],
        lora_dropout=given["lora_dropout"],
        target_modules=given["target_modules"],
        use_rslora=given["use_rslora"],
        use_dora=given["use_dora"],
        task_type="CAUSAL_LM",
    )
