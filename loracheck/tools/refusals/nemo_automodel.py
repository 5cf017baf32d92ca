"""What NeMo Automodel 0.7.0 refuses (nemo_automodel/components/_peft)."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    differs,
    equals,
    is_given,
    is_turned_off,
    is_turned_on,
)

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
    Refusal(
        (is_turned_on("qat.enabled"), is_given("peft")),
        "QAT with PEFT is not currently supported",
        "take the peft block or the qat block out",
        "nemo_automodel/recipes/llm/train_ft.py:301 (build_model)",
    ),
    Refusal(
        (
            is_given(
                "quantization.bnb_4bit_quant_type|quantization.bnb_4bit_compute_dtype"
                "|quantization.bnb_4bit_use_double_quant"
            ),
            is_given("peft"),
            is_turned_off("quantization.load_in_4bit|quantization.load_in_8bit"),
        ),
        "the model is loaded as it is, not quantised",
        "write load_in_4bit: true in the quantization block",
        "nemo_automodel/components/quantization/qlora.py:22 (create_bnb_config)",
        effect="drops",
    ),
    Refusal(
        (
            is_given("peft"),
            equals(
                "recipe",
                *("TrainEagle1Recipe", "TrainEagle2Recipe", "TrainDFlashRecipe"),
                *("TrainDFlash2Recipe", "TrainDSparkRecipe", "TrainVispecRecipe"),
                *("TrainVispecStage1Recipe", "TrainDominoRecipe", "TrainJetSpecRecipe"),
            ),
        ),
        "LoRA draft training is only available in the EAGLE-3 recipe.",
        "take the peft block out, or write recipe: TrainEagle3Recipe",
        "nemo_automodel/recipes/llm/_spec_train_utils.py:118 (raise_if_peft_configured)",
    ),
)
