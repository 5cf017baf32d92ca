"""The fields that LoraConfig inherits: PEFT 0.21.2 `config.py` (PeftConfigMixin, PeftConfig)."""

from __future__ import annotations

from typing import Any, Literal

from .base import Flag, Model, Text, describe_field

SOURCE = "PEFT 0.21.2, config.py"

TaskType = Literal[
    "SEQ_CLS", "SEQ_2_SEQ_LM", "CAUSAL_LM", "TOKEN_CLS", "QUESTION_ANS", "FEATURE_EXTRACTION"
]


class PeftConfig(Model):
    """What every adapter config of PEFT has."""

    task_type: TaskType | None = describe_field(
        None,
        "What the model is trained for. It decides the PeftModel class, and for SEQ_CLS, TOKEN_CLS "
        "and QUESTION_ANS which head is trained and saved besides LoRA. Leave it out for anything "
        "else: there is no OTHER.",
        since="0.0.1",
        peft="Optional[Union[str, TaskType]]",
        effect="raises",
        outcome="LoraConfig raises ValueError",
        examples=("CAUSAL_LM", "SEQ_CLS"),
        choices_since={"QUESTION_ANS": "0.4.0", "FEATURE_EXTRACTION": "0.4.0"},
        source=SOURCE + " (PeftConfigMixin.__post_init__), utils/peft_types.py (TaskType)",
    )
    peft_type: Literal["LORA"] | None = describe_field(
        None,
        "The adapter method. LoraConfig always sets it to LORA; an adapter_config.json must carry "
        "it so that PEFT knows which config class to read it with.",
        since="0.0.1",
        peft="Optional[Union[str, PeftType]]",
        outcome="LoraConfig overwrites it with LORA",
        examples=("LORA",),
        source=SOURCE + " (from_peft_type)",
    )
    auto_mapping: dict[str, Any] | None = describe_field(
        None,
        "Where the base model's class lives, written by PEFT when it saves an adapter without a "
        "task_type. Not meant to be set by hand.",
        since="0.4.0",
        peft="Optional[dict]",
        outcome="PEFT does not check it, and loading the adapter by its saved class fails",
        source=SOURCE,
    )
    peft_version: Text | None = describe_field(
        None,
        "The PEFT release that wrote the file. PEFT fills it in.",
        since="0.18.0",
        peft="Optional[str]",
        outcome="PEFT does not check it",
        examples=("0.21.2",),
        source=SOURCE,
    )
    base_model_name_or_path: Text | None = describe_field(
        None,
        "Hub id or path of the model that the adapter belongs to. PEFT overwrites it with the name "
        "of the model that is wrapped, and reads it when an adapter is loaded on its own.",
        since="0.1.0",
        peft="Optional[str]",
        outcome="PEFT does not check it, and loading the base model by it fails",
        examples=("meta-llama/Llama-3.1-8B",),
        source=SOURCE,
    )
    revision: Text | None = describe_field(
        None,
        "Branch, tag or commit of the base model.",
        since="0.4.0",
        peft="Optional[str]",
        outcome="PEFT does not check it, and loading the base model with it fails",
        examples=("main",),
        source=SOURCE,
    )
    inference_mode: Flag = describe_field(
        False,
        "True freezes the adapter. PEFT writes true into every config that it saves, so a saved "
        "config that is reused for training has to set it back to false.",
        since="0.0.1",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
        source=SOURCE + ", peft_model.py (save_pretrained)",
    )
