"""torchtune's model builders, called with the arguments of the model block, on the meta device."""

from __future__ import annotations

from typing import Any

from .answers import ToolRefusalError

PACKAGE = "torchtune"
BUILDER = "torchtune.models.llama3_2.lora_llama3_2_1b"
FILE = {
    "model": {
        "_component_": BUILDER,
        "lora_attn_modules": ["q_proj", "v_proj"],
        "lora_rank": 8,
        "lora_alpha": 16,
    }
}
POOLS: dict[str, list[Any]] = {
    "_component_": [BUILDER, "torchtune.models.qwen2_5.lora_qwen2_5_0_5b"],
    "lora_rank": [1, 64, "16", 8.5],
    "lora_alpha": [1, 64, 12.5],
    "lora_dropout": [0, 0.1],
    "lora_attn_modules": [["q_proj"], ["q_proj", "output_proj"]],
    "apply_lora_to_mlp": [True, False],
    "apply_lora_to_output": [False],
    "use_dora": [True],
    "quantize_base": [False],
}
MORE: list[dict[str, Any]] = [{"lora_aplha": 8}, {"lora_r": 8}]


def answer(file: dict[str, Any]) -> dict[str, Any]:
    """Rank, alpha and dropout of the model that torchtune builds."""
    import torch
    from omegaconf import OmegaConf
    from torchtune import config
    from torchtune.config._errors import ConfigError
    from torchtune.modules.peft import DoRALinear, LoRALinear

    try:
        made = OmegaConf.create(file)
        config.validate(made)
        with torch.device("meta"):
            model = config.instantiate(made.model)
    except (TypeError, ValueError, RuntimeError, ConfigError) as error:
        raise ToolRefusalError(str(error)) from error
    layers = [m for m in model.modules() if isinstance(m, (LoRALinear, DoRALinear))]
    if not layers:
        raise ToolRefusalError("no layer has LoRA")
    first = layers[0]
    rank = first.lora_a.out_features
    alpha = getattr(first, "alpha", None)
    return {
        "r": rank,
        "lora_alpha": first.scaling * rank if alpha is None else alpha,
        "lora_dropout": getattr(first.dropout, "p", 0.0),
    }
