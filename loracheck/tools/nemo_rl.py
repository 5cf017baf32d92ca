"""NeMo RL's YAML: `lora_cfg` for NeMo Automodel's workers, `peft` for Megatron's.

Each block has a switch, `enabled`. A file with `defaults` takes what it does not say from another
file, so that only what is given can be judged.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting
from .core.switches import is_on
from .core.tool import Key, Program, Summary, Tool
from .nemo_automodel import translate_patterns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.setting import Setting

_SWITCH = Key("enabled", type="bool", help="Train LoRA; off, every weight is trained.")

TOOL = Tool(
    name="nemo-rl",
    title="NeMo RL (lora_cfg block)",
    source="NeMo RL main of August 2026 (commit 7ea279a), nemo_rl/models/policy/__init__.py "
    "(LoRAConfig), nemo_rl/models/automodel/setup.py; NeMo Automodel 0.7.0, "
    "nemo_automodel/components/_peft/lora.py (PeftConfig.from_dict)",
    keys=(
        _SWITCH,
        Key("dim", "r", 8),
        Key("alpha", "lora_alpha", 32),
        Key("dropout", "lora_dropout", 0.0),
        Key(
            "target_modules",
            "target_modules",
            type="list[str]",
            help="Whole names, with wildcards ('*.q_proj'); an empty list means '*_proj'.",
        ),
        Key("exclude_modules", type="list[str]", help="Every linear layer but these."),
        Key(
            "match_all_linear",
            type="bool",
            help="Every linear layer, the head included.",
            like="target_modules",
        ),
        Key("dropout_position", type="str", help="pre or post (the default)."),
        Key("lora_A_init", type="str", help="xavier (the default) or another start of A."),
        Key("use_triton", type="bool", help="Use the Triton kernel."),
        Key("use_dora", "use_dora"),
        Key("use_memory_efficient_lora", type="bool", help="Save memory in the backward pass."),
        Key("moe_rank_scaling", type="bool", help="Divide the rank of experts by those active."),
        Key("lora_dtype", type="str", help="Always set to float32 by NeMo RL."),
    ),
    block=("policy", "dtensor_cfg", "lora_cfg"),
    blocks=(("policy", "megatron_cfg", "peft"),),
    strict=True,
    unknown="drops",
    parser="omegaconf",
    signatures=("policy.dtensor_cfg.lora_cfg={}|policy.megatron_cfg.peft={}",),
    programs=(Program(module=r"examples\.run_(?:sft|dpo|rm|grpo|distillation)\w*"),),
    told_by_options="signature",
    traps=("automodel-matcher",),
    all_linear="`match_all_linear: true`",
    wildcards=True,
    summary=Summary(
        files="YAML, .sh",
        known_by="`policy.dtensor_cfg.lora_cfg`, `policy.megatron_cfg.peft`",
        does="`enabled` switches each on; wildcards over whole names, or Megatron's own names",
    ),
)

MEGATRON = Tool(
    name="nemo-rl",
    title="NeMo RL (Megatron's peft block)",
    source="NeMo RL main of August 2026 (commit 7ea279a), nemo_rl/models/policy/__init__.py "
    "(MegatronPeftConfig), nemo_rl/models/megatron/setup.py (setup_model_and_optimizer)",
    keys=(
        _SWITCH,
        Key("dim", "r"),
        Key("alpha", "lora_alpha"),
        Key("dropout", "lora_dropout"),
        Key("target_modules", type="list[str]", help="linear_qkv, linear_proj, linear_fc1, ..."),
        Key("exclude_modules", type="list[str]", help="Names to leave out, with wildcards."),
        Key("dropout_position", type="str", help="pre or post."),
        Key("lora_A_init_method", type="str", help="xavier or another start of A."),
        Key("lora_B_init_method", type="str", help="zero or another start of B."),
        Key("a2a_experimental", type="bool", help="The experimental all-to-all communication."),
        Key("lora_dtype", type="str", help="Number type of the adapter; by default the model's."),
    ),
    block=("policy", "megatron_cfg", "peft"),
    strict=True,
    unknown="drops",
    parser="omegaconf",
    traps=("megatron-names",),
    own="Megatron wraps modules of its own; only the values were checked",
)

MORE = (MEGATRON,)
"""Key maps of other blocks."""


def read(document: Document) -> list[Setting]:
    """One Setting for each block that is switched on."""
    return [
        setting
        for path, top in iterate_top_mappings(document)
        for setting in _build_settings(document, path, top)
    ]


def _build_settings(document: Document, path: Path, top: Table) -> Iterator[Setting]:
    for tool in (TOOL, MEGATRON):
        block = get_block(top, *tool.block)
        if not is_on(block, "enabled"):
            continue
        setting = make_setting(tool, document, (*path, *tool.block), block)
        if tool is TOOL:
            translate_patterns(setting, block)
        if "defaults" in top:
            _forget_defaults(setting, block)
        add_model(setting, (*path, "policy"), get_block(top, "policy"), "model_name")
        setting.behaviour.own_layers = True
        yield setting


def _forget_defaults(setting: Setting, block: Table) -> None:
    """Take back what the file does not say: another one may."""
    if not {"target_modules", "match_all_linear"} <= block.keys():
        setting.fields["target_modules"] = Unknown("defaults")
        setting.behaviour.parts.clear()
    for field, key in (("r", "dim"), ("lora_alpha", "alpha"), ("lora_dropout", "dropout")):
        if key not in block:
            setting.fields[field] = Unknown("defaults")
