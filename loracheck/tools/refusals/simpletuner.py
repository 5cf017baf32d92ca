"""Keys that SimpleTuner 4.10.1 ignores or refuses."""

from __future__ import annotations

from loracheck.tools.core.refusal import Refusal, differs, equals, is_given, is_turned_on

REFUSALS = (
    Refusal(
        (
            is_given("flux_lora_target|--flux_lora_target"),
            is_given("peft_lora_target_modules|--peft_lora_target_modules"),
        ),
        "the list of peft_lora_target_modules alone counts",
        "take one of the two out",
        "simpletuner/helpers/models/flux/model.py:1237 (get_lora_target_layers)",
        effect="drops",
    ),
    Refusal(
        (
            is_given("flux_lora_target"),
            is_given("model_family"),
            differs("model_family", "flux", "chroma"),
        ),
        "only the families flux and chroma look at it",
        "name the modules in peft_lora_target_modules",
        "simpletuner/helpers/models/common.py:977 (get_lora_target_layers)",
        effect="drops",
    ),
    Refusal(
        (
            is_given("peft_lora_target_modules|--peft_lora_target_modules"),
            equals("lora_type", "lycoris"),
        ),
        "LyCORIS chooses by its own file, lycoris_config",
        "write the targets into the file of lycoris_config, or use lora_type standard",
        "simpletuner/helpers/models/common.py:952 (_get_peft_lora_target_modules)",
        effect="drops",
    ),
    Refusal(
        (
            is_turned_on("train_text_encoder|--train_text_encoder"),
            equals("lora_type|--lora_type", "lycoris"),
        ),
        "LyCORIS training is not meant to be combined with --train_text_encoder",
        "take train_text_encoder out",
        "simpletuner/helpers/training/default_settings/safety_check.py:89 (safety_check)",
    ),
)
