"""NeMo Automodel's PeftConfig, and the modules that its ModuleMatcher chooses in a small Llama."""

from __future__ import annotations

from typing import Any

from .answers import ToolRefusalError, build_tiny_llama

PACKAGE = "nemo-automodel"
FILE = {
    "model": {
        "_target_": "nemo_automodel.NeMoAutoModelForCausalLM.from_pretrained",
        "pretrained_model_name_or_path": "a/b",
    },
    "peft": {"_target_": "nemo_automodel.components._peft.lora.PeftConfig"},
}
POOLS: dict[str, list[Any]] = {
    "dim": [1, 16],
    "alpha": [1, 64],
    "dropout": [0.0, 0.1],
    "use_dora": [True, False],
    "match_all_linear": [True, False],
    "target_modules": [
        "*_proj",
        ["*.q_proj", "v_proj"],
        ["q_proj"],
        ["model.layers.0.mlp.up_proj"],
        ["*.layers.1.*"],
        ["*.layers.1.*.q_proj", "*.layers.0.*.o_proj"],
        ["model.layers.*.mlp.*_proj"],
        [".*attn.*"],
        ["q_*"],
        [],
    ],
    "exclude_modules": [["*.lm_head"], ["lm_head"], ["*.q_proj", "lm_head"], "*mlp*", []],
    "dropout_position": ["pre"],
    "moe_rank_scaling": [True],
    "_target_": [],
}


def answer(file: dict[str, Any]) -> dict[str, Any]:
    """Rank, alpha, dropout, and the names of the layers that LoRA replaces."""
    from nemo_automodel.components._peft.lora import PeftConfig
    from nemo_automodel.components._peft.module_matcher import ModuleMatcher
    from torch.nn import Linear

    given = {key: value for key, value in file["peft"].items() if key != "_target_"}
    try:
        config = PeftConfig(**given)
        matcher = ModuleMatcher(
            target_modules=config.target_modules,
            exclude_modules=config.exclude_modules,
            match_all_linear=config.match_all_linear,
        )
        # As apply_lora_to_linear_modules goes through a model.
        names = [
            name
            for name, module in build_tiny_llama().named_modules()
            if isinstance(module, Linear) and matcher.match(module, name)
        ]
    except (TypeError, ValueError) as error:
        raise ToolRefusalError(str(error)) from error
    return {
        "r": config.dim,
        "lora_alpha": config.alpha,
        "lora_dropout": config.dropout,
        "modules": names,
    }
