"""Unsloth Studio's YAML (`unsloth train --config`). Unsloth in Python stands in python_tools.py.

The pydantic models of the command refuse keys that they do not know (those of August 2026 still
passed them over). The files of defaults that come with Studio have the same form, with a list for
the targets and a few keys more. A vision-language model gets
its targets from the finetune_* switches, whatever `target_modules` says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loracheck.documents.model import Unknown

from .core.conversion import split_names
from .core.lookup import get_block, top_mappings
from .core.make_setting import add_model, make_setting, set_field
from .core.switches import get_loaded_bits
from .core.tool import Key, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Value

    from .core.setting import Setting

SEVEN = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""Unsloth's default targets (unsloth/models/llama.py, get_peft_model)."""

TOOL = Tool(
    name="unsloth",
    title="Unsloth Studio (lora block)",
    source="Unsloth 2026.10.9, unsloth_cli/config.py (LoraConfig, model_kwargs)",
    keys=(
        Key("lora_r", "r", 64),
        Key("lora_alpha", "lora_alpha", 16, type="int"),
        Key("lora_dropout", "lora_dropout", 0.0),
        Key(
            "target_modules",
            "target_modules",
            ",".join(SEVEN),
            type="str|list[str]",
            help="Names of modules with commas between them; a list in Studio's own defaults.",
        ),
        Key("vision_all_linear", type="bool", help="Vision-language models: every linear layer."),
        Key("use_rslora", "use_rslora", False),
        Key("use_loftq", type="bool", help="Start from LoftQ."),
        Key("use_dora", "use_dora", False),
        Key("finetune_vision_layers", type="bool", help="Vision-language models: the tower too."),
        Key("finetune_language_layers", type="bool", help="The language model."),
        Key("finetune_attention_modules", type="bool", help="The attention modules."),
        Key("finetune_mlp_modules", type="bool", help="The MLP modules."),
        Key("finetune_audio_layers", type="bool", help="The audio tower."),
        Key("target_parameters", "target_parameters"),
        Key("init_lora_weights", "init_lora_weights"),
        Key("modules_to_save", "modules_to_save"),
        Key("bias", "bias"),
    ),
    block=("lora",),
    strict=True,
    lenient=True,
    searched=True,
    signatures=(
        "lora={} training.training_type !model={}",
        "lora.lora_r|lora.lora_target_*|lora.lora_modules* training={} !model={}",
        "lora.lora_* training={} !model={} !lora.r",
    ),
    model_packages=("unsloth",),
)


def read(document: Document) -> list[Setting]:
    """One Setting for each document that does not train in full."""
    return [
        _setting(document, path, top)
        for path, top in top_mappings(document)
        if get_block(top, "training").get("training_type", "lora") != "full"
    ]


def add_patches(setting: Setting) -> None:
    """What Unsloth changes in PEFT: it looks into wrappers that PEFT refuses (unsloth/models/
    vision.py, get_peft_model) and adds the experts (get_moe_target_parameters).
    """
    setting.behaviour.opened_classes = ("Clippable",)
    setting.behaviour.adds_experts = True


def _setting(document: Document, path: Path, top: dict[Any, Value]) -> Setting:
    lora = get_block(top, "lora")
    setting = make_setting(TOOL, document, (*path, "lora") if lora else path, lora)
    targets = setting.fields["target_modules"]
    parts = split_names(targets)
    if isinstance(targets, str) and isinstance(parts, list):
        parts = [part for part in parts if part]
    set_field(setting, "target_modules", "all-linear" if parts == ["all-linear"] else parts)
    if lora.get("vision_all_linear") is True:
        # Decided by the kind of model, which the file does not tell.
        set_field(setting, "target_modules", Unknown("vision_all_linear"))
    setting.fields["task_type"] = "CAUSAL_LM"
    add_patches(setting)
    add_model(setting, path, top, "model")
    training = get_block(top, "training")
    setting.quantization = get_loaded_bits({"load_in_4bit": True, **training})
    return setting
