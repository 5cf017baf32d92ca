"""Keys of other tools that mlx-lm 0.32.2 reads over (mlx_lm/lora.py)."""

from __future__ import annotations

from loracheck.tools.core.refusal import Refusal, differs, is_turned_on

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
)
