"""oumi's PeftParams through OmegaConf, and to_lora."""

from __future__ import annotations

from typing import Any

from .answers import ToolRefusalError

PACKAGE = "oumi"
FILE = {"model": {"model_name": "a/b"}, "training": {"use_peft": True}, "data": {}}
POOLS: dict[str, list[Any]] = {
    "lora_alpha": [1, 16, "32", 12.5],
    "lora_target_modules": [["q_proj"], ["q_proj", "v_proj"], ["all-linear"], "all-linear", []],
    "lora_exclude_modules": [[".*tower.*"], ["a", "b"], []],
    "lora_bias": ["none", "all", "lora_only"],
    "lora_init_weights": ["DEFAULT", "RANDOM", "GAUSSIAN", "PISA", "OLORA", "EVA", "pissa"],
    "lora_task_type": ["CAUSAL_LM", "SEQ_CLS"],
    "q_lora": [True, "true"],
}


def answer(file: dict[str, Any]) -> Any:
    """The LoraConfig that oumi makes of a recipe."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from oumi.core.configs.params.peft_params import PeftParams

    try:
        given = OmegaConf.create(file.get("peft") or {})
        merged = OmegaConf.merge(OmegaConf.structured(PeftParams), given)
        params: Any = OmegaConf.to_object(merged)
    except OmegaConfBaseException as error:
        raise ToolRefusalError(str(error)) from error
    return params.to_lora()
