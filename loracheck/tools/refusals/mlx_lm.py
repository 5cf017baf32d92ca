"""Keys of other tools that mlx-lm 0.32.2 ignores (mlx_lm/lora.py)."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    PROGRAM,
    Refusal,
    differs,
    equals,
    has,
    is_absent,
    is_given,
    is_turned_on,
    matches,
    saved_as,
    unless,
)

REFUSALS = (
    Refusal(
        (
            is_turned_on("use_dora|lora_parameters.use_dora"),
            differs("fine_tune_type", "dora", default="lora"),
        ),
        "plain LoRA is trained",
        "write fine_tune_type: dora at the top of the file",
        "mlx_lm/lora.py:251 (train_model)",
        effect="drops",
    ),
    Refusal(
        (matches("fine_tune_type", r"^(?!(?:lora|dora|full)$)."),),
        "Received unknown fine-tune-type",
        "write lora, dora or full; a quantised model is trained by LoRA without a word of its own",
        "mlx_lm/lora.py:254 (train_model)",
    ),
    Refusal(
        (
            equals("fine_tune_type", "dora"),
            has(
                "lora_parameters.keys",
                *(f"mlp.switch_mlp.{name}_proj" for name in ("gate", "up", "down")),
                *(f"block_sparse_moe.switch_mlp.{name}_proj" for name in ("gate", "up", "down")),
            ),
        ),
        "SwitchLinear doesn't support DoRA yet.",
        "write fine_tune_type: lora, or take the experts out of keys",
        "mlx_lm/tuner/utils.py:79 (linear_to_lora_layers)",
    ),
    Refusal(
        (equals("num_layers", 0), differs("fine_tune_type", "full", default="lora")),
        "the last 0 layers are a slice of all of them: every layer gets LoRA",
        "write num_layers: -1 for every layer, or the number of last layers",
        "mlx_lm/tuner/utils.py:113 (linear_to_lora_layers)",
        effect="drops",
    ),
    Refusal(
        # As an option of the command it is refused, which LC704 tells.
        (is_given("lora_layers"), is_absent("num_layers"), unless(PROGRAM)),
        "the key is read over, and the last 16 layers get LoRA",
        "write num_layers in its place",
        "mlx_lm/lora.py:59 (CONFIG_DEFAULTS)",
        effect="drops",
        note="mlx-lm before 0.19 has the key",
    ),
    Refusal(
        (
            is_given("lora_parameters"),
            is_absent("num_layers"),
            differs("fine_tune_type", "full", default="lora"),
            saved_as("adapter_config.json"),
        ),
        "'types.SimpleNamespace' object has no attribute 'num_layers'",
        "write num_layers, the number of last layers that the run trained (before mlx-lm 0.19 it "
        "was called lora_layers)",
        "mlx_lm/tuner/utils.py:134 (load_adapters)",
    ),
    Refusal(
        # A text without a dot behind its last slash: the name of a folder.
        (matches("resume_adapter_file", r"^(?:[^\n]*/)?[^./\n]+/?$"),),
        "[load] Could not infer file format from extension",
        "give the file, such as adapters/adapters.safetensors, in the place of its folder",
        "mlx_lm/lora.py:258 (train_model)",
    ),
)
