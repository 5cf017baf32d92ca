"""Keys that SimpleTuner 4.10.1 ignores or refuses."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    differs,
    equals,
    exceeds,
    is_given,
    is_turned_on,
    matches,
)

from .simpletuner_training import TRAINING

REFUSALS = (
    *TRAINING,
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
    Refusal(
        (matches("peft_lora_target_modules|--peft_lora_target_modules", r"^(?!\s*[\[{])[^/\\]*,"),),
        "Could not find peft_lora_target_modules file",
        'write a JSON array of names: ["attn.to_q", "attn.to_k"]',
        "simpletuner/helpers/configuration/cmd_args.py:332 (_normalize_lora_target_modules)",
    ),
    Refusal(
        (
            is_turned_on("use_dora|--use_dora"),
            matches("base_model_precision|--base_model_precision", r"quanto"),
            differs("lora_type|--lora_type", "lycoris", default="standard"),
        ),
        "Quanto does not yet support DoRA training in PEFT: plain LoRA is trained",
        "take use_dora out, or another base_model_precision, such as int8-torchao",
        "simpletuner/helpers/configuration/cmd_args.py:1197 (parse_cmdline_args)",
        effect="drops",
    ),
    Refusal(
        (
            equals("lora_init_type|--lora_init_type", "loftq"),
            matches("base_model_precision|--base_model_precision", r"^(?!no_change$|bf16$|fp16$)."),
        ),
        "LoftQ initialisation is not supported with quantised models: the usual one is taken",
        "take lora_init_type out, or write base_model_precision no_change",
        "simpletuner/helpers/configuration/cmd_args.py:1192 (parse_cmdline_args)",
        effect="drops",
    ),
    Refusal(
        (
            is_turned_on("ramtorch|--ramtorch"),
            exceeds("musubi_blocks_to_swap|--musubi_blocks_to_swap", 0),
        ),
        "RamTorch is incompatible with Musubi block swap.",
        "keep one of the two",
        "simpletuner/helpers/training/default_settings/safety_check.py:85 (safety_check)",
    ),
)
