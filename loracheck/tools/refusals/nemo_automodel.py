"""What NeMo Automodel 0.7.0 refuses (nemo_automodel/components/_peft)."""

from __future__ import annotations

from loracheck.tools.core.refusal import Refusal, on

REFUSALS = (
    Refusal(
        (on("peft.use_dora"), on("quantization.load_in_4bit")),
        "DoRA is not supported for quantized linear layers (e.g., BitsAndBytes).",
        "take use_dora or the quantization block out",
        "nemo_automodel/components/_peft/lora.py:496 (patch_linear_module)",
    ),
)
