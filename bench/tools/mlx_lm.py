"""mlx-lm's linear_to_lora_layers on a small Llama: what is replaced, and with which scale."""

from __future__ import annotations

from typing import Any

from .answers import ToolRefusalError

PACKAGE = "mlx-lm"
FILE = {
    "model": "a/b",
    "train": True,
    "num_layers": 1,
    "lora_parameters": {"rank": 8, "dropout": 0.0, "scale": 20.0},
}
POOLS: dict[str, list[Any]] = {
    "rank": [1, 16, 0, "8"],
    "scale": [2.0, 20],
    "dropout": [0.0, 0.1, 1.5],
    "keys": [
        ["self_attn.q_proj"],
        ["q_proj"],
        ["self_attn.q_proj", "v_proj"],
        ["lm_head"],
        ["model.embed_tokens"],
    ],
}
FILES: list[dict[str, Any]] = [
    {"model": "a/b", "num_layers": 1, "lora_parameters": found}
    for found in (
        {"rank": 8, "dropout": 0.0, "alpha": 16},
        {"rank": 8, "scale": 20.0},
        {"rank": 8, "dropout": 0.0},
        {"dropout": 0.0, "scale": 20.0},
        {"rank": 8, "dropout": 0.0, "scale": 20.0, "alpha": 16},
    )
]


def answer(file: dict[str, Any]) -> dict[str, Any]:
    """Rank and dropout, and the names of the layers that were replaced."""
    from mlx_lm.lora import CONFIG_DEFAULTS
    from mlx_lm.models import llama
    from mlx_lm.tuner.utils import linear_to_lora_layers

    arguments = llama.ModelArgs(
        model_type="llama",
        hidden_size=64,
        num_hidden_layers=2,
        intermediate_size=128,
        num_attention_heads=4,
        num_key_value_heads=2,
        rms_norm_eps=1e-5,
        vocab_size=128,
        tie_word_embeddings=False,
    )
    model = llama.Model(arguments)
    parameters = file.get("lora_parameters") or CONFIG_DEFAULTS["lora_parameters"]
    try:
        linear_to_lora_layers(model, file["num_layers"], parameters)
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise ToolRefusalError(f"{type(error).__name__}: {error}") from error
    made = [name for name, module in model.named_modules() if "LoRA" in type(module).__name__]
    if not made:
        raise ToolRefusalError("no layer is replaced")
    return {
        "r": parameters["rank"],
        "lora_dropout": parameters["dropout"],
        "replaced": len(made),
    }
