"""NeMo Automodel's YAML: a `peft` block with wildcards over the module names of transformers.

Its LoRA layers are its own; which modules they replace is decided by names, so that the patterns
are translated to one regular expression and can be held against the model.
"""

from __future__ import annotations

import re

from loracheck.type_checking import TYPE_CHECKING

from .core.key import Key
from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting, set_field
from .core.tool import Program, Summary, Tool

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.setting import Setting

TOOL = Tool(
    name="nemo-automodel",
    title="NeMo Automodel (peft block)",
    source="NeMo Automodel 0.7.0, nemo_automodel/components/_peft/lora.py "
    "(PeftConfig), module_matcher.py (ModuleMatcher)",
    keys=(
        Key("_target_", type="str", help="Here nemo_automodel.components._peft.lora.PeftConfig."),
        Key("dim", "r", 8),
        Key("alpha", "lora_alpha", 32),
        Key("dropout", "lora_dropout", 0.0),
        Key(
            "target_modules",
            "target_modules",
            type="list[str]|str",
            help="Whole names, with wildcards ('*.q_proj'); nothing means '*_proj'.",
        ),
        Key("exclude_modules", type="list[str]|str", help="Every linear layer but these."),
        Key(
            "match_all_linear",
            type="bool",
            help="Every linear layer, the head included.",
            like="target_modules",
        ),
        Key("use_dora", "use_dora"),
        Key("dropout_position", type="str", help="pre or post (the default)."),
        Key("lora_A_init", type="str", help="xavier (the default) or another start of A."),
        Key("lora_dtype", type="str", help="Number type of the adapter."),
        Key("use_triton", type="bool", help="Use the Triton kernel."),
        Key("use_memory_efficient_lora", type="bool", help="Save memory in the backward pass."),
        Key("expert_weight_format", type="str", help="unquantized (the default) or mxfp4."),
        Key("moe_rank_scaling", type="bool", help="Divide the rank of experts by those active."),
    ),
    block=("peft",),
    strict=True,
    lenient=True,
    searched=True,
    parser="literals",
    signatures=("peft._target_=*automodel*", "peft={} model._target_"),
    programs=(
        Program("automodel"),
        Program(module=r"nemo_automodel\.[\w.]+"),
    ),
    told_by_options="signature",
    recipes=True,
    traps=("automodel-matcher",),
    all_linear="`match_all_linear: true`",
    wildcards=True,
    trained_head="classifier",  # recipes/llm/train_seq_cls.py, unfreeze_modules
    summary=Summary(
        files="YAML",
        known_by="`peft._target_`",
        does="r 8, alpha 32, `*_proj`; wildcards over whole names",
    ),
)

_OWN = "NeMo Automodel has classes of its own for this model; only the values were checked"


def read(document: Document) -> list[Setting]:
    """One Setting for each document with a `peft` block."""
    return [
        _build_setting(document, path, top)
        for path, top in iterate_top_mappings(document)
        if get_block(top, "peft")
    ]


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    peft = get_block(top, "peft")
    setting = make_setting(TOOL, document, (*path, "peft"), peft)
    translate_patterns(setting, peft)
    model = get_block(top, "model")
    add_model(setting, (*path, "model"), model, "pretrained_model_name_or_path")
    # model.config._target_ names a class; the head decides which is loaded.
    setting.behaviour.own_layers = True
    target = str(model.get("_target_", ""))
    if "SequenceClassification" in target:
        setting.heads = ("SequenceClassification",)
        if "freeze_config" not in top:
            # The recipe unfreezes what is called so (recipes/llm/train_seq_cls.py).
            setting.behaviour.planned["modules_to_save"] = ["classifier"]
    wide = any(_is_wide(part) for part in _names(peft.get("target_modules")) or ())
    if "backend" in model or wide or ("transformers" not in target and "NeMoAuto" not in target):
        setting.own_lora = _OWN
    return setting


def _is_wide(pattern: str) -> bool:
    """Whether the pattern reaches more than linear layers, of which only those (and Automodel's own
    experts) are replaced: PEFT would refuse what Automodel passes by.
    """
    last = pattern.rpartition(".")[2]
    return last.endswith("*") or "experts" in last


def translate_patterns(setting: Setting, peft: Table) -> None:
    """Put ModuleMatcher's choice, which the mapping asks for, into the setting in PEFT's words."""
    targets, exclude = _names(peft.get("target_modules")), _names(peft.get("exclude_modules"))
    place = setting.places.get("target_modules")
    if peft.get("match_all_linear") is True or (exclude and not targets):
        set_field(setting, "target_modules", "all-linear")
        # ModuleMatcher takes every nn.Linear, "including lm_head" as it warns itself.
        setting.behaviour.lists_linear = setting.behaviour.lists_head = True
        if exclude:
            set_field(
                setting,
                "exclude_modules",
                _build_regex(exclude),
                (*setting.path, "exclude_modules"),
            )
    elif targets is not None:
        set_field(setting, "target_modules", _build_regex(targets or ["*_proj"]), place)
        listed = isinstance(peft.get("target_modules"), list)
        for number, pattern in enumerate(targets if place is not None else ()):
            at = (*setting.places["target_modules"], *((number,) if listed else ()))
            setting.behaviour.parts[pattern] = (_build_regex([pattern]), at)


def _names(value: Any) -> list[str] | None:
    """The patterns of a key; None where one of them is not known."""
    if value is None:
        return []
    parts = [value] if isinstance(value, str) else value
    is_list = isinstance(parts, list) and all(isinstance(part, str) for part in parts)
    return parts if is_list else None


def _build_regex(patterns: list[str]) -> str:
    """One expression for what the patterns match. apply_lora_to_linear_modules asks for whole
    names, so that a name without a wildcard stands for itself alone.
    """
    return "|".join(map(_build_name_pattern, patterns))


def _build_name_pattern(pattern: str) -> str:
    """A pattern for whole names as _compile_wildcard_pattern makes it: `*` and `.*` stand for any
    text, but `.*` after a whole part of a name or a number is what lies below, or nothing.
    """
    parts = re.split(r"(\.?\*)", pattern)
    for i in range(1, len(parts), 2):
        before = parts[i - 1]
        ends = before.startswith(".") or (i == 1 and before) or re.search(r"\.\d+$", before)
        parts[i] = r"(\..*)?" if parts[i] == ".*" and ends else "(.*)"
    return "".join(parts)
