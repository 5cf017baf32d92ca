"""NeMo RL's YAML: `lora_cfg` for NeMo Automodel's workers, `peft` for Megatron's.

Each block has a switch, `enabled`. A file with `defaults` takes what it does not say from another
file, so that only what is given can be judged.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from . import megatron_bridge, nemo_automodel
from .core.key import UNSET, Key, pick_keys
from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting
from .core.switches import is_on
from .core.tool import Program, Summary, Tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.setting import Setting

_AUTOMODEL, _BRIDGE = nemo_automodel.TOOL.keys, megatron_bridge.TOOL.keys
"""The options that its blocks hand on."""

_SWITCH = Key("enabled", type="bool", help="Train LoRA; off, every weight is trained.")

TOOL = Tool(
    name="nemo-rl",
    title="NeMo RL (lora_cfg block)",
    source="NeMo RL main of August 2026 (commit 7ea279a), nemo_rl/models/policy/__init__.py "
    "(LoRAConfig), nemo_rl/models/automodel/setup.py; NeMo Automodel 0.7.0, "
    "nemo_automodel/components/_peft/lora.py (PeftConfig.from_dict)",
    keys=(
        _SWITCH,
        *pick_keys(_AUTOMODEL, "dim", "alpha", "dropout"),
        *pick_keys(_AUTOMODEL, "target_modules", "exclude_modules", type="list[str]"),
        *pick_keys(_AUTOMODEL, "match_all_linear", "dropout_position", "lora_A_init"),
        *pick_keys(_AUTOMODEL, "use_triton", "use_dora", "use_memory_efficient_lora"),
        *pick_keys(_AUTOMODEL, "moe_rank_scaling"),
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
        *pick_keys(_BRIDGE, "dim", "alpha", "dropout", default=UNSET),  # its config has them all
        *pick_keys(_BRIDGE, "target_modules", "exclude_modules", "dropout_position"),
        *pick_keys(_BRIDGE, "lora_A_init_method", "lora_B_init_method"),
        *pick_keys(_BRIDGE, "a2a_experimental", "lora_dtype"),
    ),
    block=("policy", "megatron_cfg", "peft"),
    strict=True,
    unknown="drops",
    parser="omegaconf",
    traps=("megatron-names",),
    own_lora="Megatron wraps modules of its own; only the values were checked",
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
            nemo_automodel.translate_patterns(setting, block)
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
