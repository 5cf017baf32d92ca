"""What NeMo Automodel 0.7.0 refuses (nemo_automodel/components/_peft)."""

from __future__ import annotations

from loracheck.tools.core.refusal import Refusal, differs, is_given, is_turned_on

REFUSALS = (
    Refusal(
        (is_turned_on("peft.use_dora"), is_turned_on("quantization.load_in_4bit")),
        "DoRA is not supported for quantized linear layers (e.g., BitsAndBytes).",
        "take use_dora or the quantization block out",
        "nemo_automodel/components/_peft/lora.py:496 (patch_linear_module)",
    ),
    Refusal(
        (
            is_given("peft.expert_weight_format"),
            differs("peft.expert_weight_format", "unquantized", "mxfp4", default="mxfp4"),
        ),
        "Unsupported expert_weight_format",
        "write unquantized or mxfp4: the dtype comes from the model's precision",
        "nemo_automodel/components/_peft/lora.py:563 (patch_moe_module)",
        note="it is looked at where the model has experts of Automodel's own",
    ),
)
