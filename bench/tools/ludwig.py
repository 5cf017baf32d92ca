"""Ludwig's schema of a LoRA adapter, and to_config."""

from __future__ import annotations

from typing import Any

from .answers import ToolRefusalError

FILE = {"model_type": "llm", "base_model": "a/b", "adapter": {"type": "lora"}}
POOLS: dict[str, list[Any]] = {
    "r": [1, 64, 0, 8.5],
    "alpha": [1, 64, None, 12.5],
    "dropout": [0, 0.1, 0.0],
    "bias_type": ["none", "all", "lora_only", "some"],
    "target_modules": [["q_proj"], ["q_proj", "v_proj"], "q_proj", None],
    "init_lora_weights": ["default", "gaussian", "pissa", "olora", "orthogonal"],
    "use_rslora": [True, False],
    "use_dora": [True, False],
    "rank_pattern": [{"q_proj": 4}, None],
    "alpha_pattern": [{"q_proj": 4}],
    "layer_replication": [[[0, 1]]],
}
MORE: list[dict[str, Any]] = [
    {"init_lora_weights": "loftq"},
    {"init_lora_weights": "loftq", "loftq_config": {"loftq_bits": 4}},
    {"init_lora_weights": "eva", "eva_config": {"rho": 2.0}},
    {"lora_r": 8},
    {"rnak": 8},
]


def release() -> str:
    """The version of Ludwig."""
    from ludwig.globals import LUDWIG_VERSION

    return str(LUDWIG_VERSION)


def answer(file: dict[str, Any]) -> Any:
    """The LoraConfig that Ludwig makes of a file."""
    from ludwig.error import ConfigValidationError
    from ludwig.schema.llms.peft import LoraConfig

    try:
        found = LoraConfig.from_dict(file["adapter"])
    except (ConfigValidationError, ValueError, TypeError) as error:
        raise ToolRefusalError(str(error)) from error
    return found.to_config(task_type="CAUSAL_LM")
