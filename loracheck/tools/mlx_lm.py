"""mlx-lm's YAML, and the adapter_config.json that it writes: `lora_parameters`.

`scale` multiplies the update as it is (PEFT's lora_alpha / r), `keys` are exact paths inside a
block of the model, and what is not known is not looked at.
"""

from __future__ import annotations

import os

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.key import Key
from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting
from .core.tool import Program, Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.setting import Setting

TOOL = Tool(
    name="mlx-lm",
    title="mlx-lm (lora_parameters)",
    source="mlx-lm 0.32.2, mlx_lm/lora.py (CONFIG_DEFAULTS), mlx_lm/tuner/utils.py "
    "(linear_to_lora_layers)",
    keys=(
        Key("rank", "r", 8),
        Key("scale", type="number", help="The update is multiplied by it as it is. Default 20."),
        Key("dropout", "lora_dropout", 0.0),
        Key(
            "keys",
            type="list[str]",
            help="Exact paths inside a block, such as self_attn.q_proj. Default: every layer.",
            like="target_modules",
        ),
    ),
    block=("lora_parameters",),
    strict=True,
    unknown="drops",
    own_lora="mlx-lm has LoRA layers of its own; only the values were checked",
    searched=True,
    words=("fine_tune_type",),
    signatures=("lora_parameters={}", "fine_tune_type lora_layers|num_layers"),
    programs=(
        Program(r"mlx_lm\.lora"),
        Program("mlx_lm", ("lora",)),
    ),
    traps=("mlx-keys",),
    adapter_format="mlx",
    summary=Summary(
        files="YAML",
        known_by="`lora_parameters`",
        does="scale 20 and no alpha; own layers",
    ),
)

NAMES = os.path.join(os.path.dirname(__file__), "mlx_lm_names.json")
"""What `python -m bench.mlx_names` writes: model type -> names of mlx-lm's own."""


def read(document: Document) -> list[Setting]:
    """One Setting for each document that trains LoRA or DoRA."""
    return [
        _build_setting(document, path, top)
        for path, top in iterate_top_mappings(document)
        if _trains(top)
    ]


def _trains(top: Table) -> bool:
    if top.get("test") is True and "train" not in top:
        return False
    kind = top.get("fine_tune_type", "lora")
    return isinstance(kind, Unknown) or kind != "full"


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    lora = get_block(top, "lora_parameters")
    setting = make_setting(TOOL, document, (*path, "lora_parameters") if lora else path, lora)
    # mlx-lm has no alpha: the tool's unknown key is told apart by its own rule.
    setting.unknown_keys.pop("alpha", None)
    # The record of an adapter may say twice, or switch off, what mlx-lm does without being told.
    for name, value in (("use_dora", False), ("num_layers", top.get("num_layers"))):
        if value is not None and lora.get(name) == value:
            setting.unknown_keys.pop(name, None)
    setting.behaviour.own_names = NAMES
    add_model(setting, path, top, "model")
    return setting
