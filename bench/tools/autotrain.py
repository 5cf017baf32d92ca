"""AutoTrain's LLMTrainingParams and get_target_modules, handed on as its trainers do."""

from __future__ import annotations

from typing import Any

from .answers import ToolRefusalError

PACKAGE = "autotrain-advanced"
FILE = {"task": "llm-sft", "base_model": "a/b", "params": {"peft": True}}
POOLS: dict[str, list[Any]] = {
    "peft": [True, "true"],
    "target_modules": ["all-linear", " All-Linear ", "q_proj", "q_proj,v_proj", "q_proj, v_proj"],
    "lora_r": [1, 8, "16", 8.5],
    "lora_alpha": [1, 64, "32", 12.5],
    "lora_dropout": [0, 0.1, "0.1"],
    "quantization": ["int4", "int8", None],
}
MORE: list[dict[str, Any]] = [{"peft": False}]


def answer(file: dict[str, Any]) -> Any:
    """The LoraConfig that AutoTrain's trainers make (trainers/clm/train_clm_sft.py)."""
    from autotrain.trainers.clm.params import LLMTrainingParams
    from autotrain.trainers.clm.utils import get_target_modules
    from peft import LoraConfig
    from pydantic import ValidationError

    try:
        found = LLMTrainingParams(model=file["base_model"], **file["params"])
    except ValidationError as error:
        raise ToolRefusalError(error.errors()[0]["msg"]) from error
    if not found.peft:
        return None
    return LoraConfig(
        r=found.lora_r,
        lora_alpha=found.lora_alpha,
        lora_dropout=found.lora_dropout,
        bias="none",
        task_type="CAUSAL_LM",
        target_modules=get_target_modules(found),
    )
