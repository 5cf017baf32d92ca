"""AutoTrain's YAML: `task`, `base_model` and the training arguments under `params`."""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.field_names import get_heads
from .core.key import Key
from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting, set_field
from .core.switches import add_misspelt_switch, is_on, is_switched_on
from .core.tool import Program, Summary, Switch, Tool

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.setting import Setting

TOOL = Tool(
    name="autotrain",
    tells_quantization=True,
    title="AutoTrain (params block)",
    source="AutoTrain Advanced 0.8.36, src/autotrain/trainers/clm/params.py, "
    "trainers/clm/utils.py (get_target_modules, configure_training)",
    keys=(
        Key("peft", type="bool", help="Train LoRA; off (the default), every weight is trained."),
        Key("quantization", type="str", help="int4 (the default), int8 or none."),
        Key(
            "target_modules",
            "target_modules",
            "all-linear",
            type="str",
            help="Names of modules with commas between them, or all-linear.",
        ),
        Key("lora_r", "r", 16),
        Key("lora_alpha", "lora_alpha", 32, type="int"),
        Key("lora_dropout", "lora_dropout", 0.05),
        Key("merge_adapter", type="bool", help="Merge the adapter into the model at the end."),
    ),
    block=("params",),
    unknown="drops",
    prefix="lora_",
    lenient=True,
    searched=True,
    switch=Switch(("params", "peft")),
    signatures=("task=* base_model params={}",),
    programs=(Program("autotrain", ("llm",)), Program("autotrain", sets_lora=False)),
    summary=Summary(
        files="YAML",
        known_by="`task`, `params`",
        does="r 16, alpha 32, all-linear, 4 bits",
    ),
)

FLAT = TOOL._replace(
    title="AutoTrain (options of autotrain llm)",
    source="AutoTrain Advanced 0.8.36, src/autotrain/cli/run_llm.py (RunAutoTrainLLMCommand), "
    "src/autotrain/trainers/clm/params.py",
    block=(),
    unknown="raises",
    signatures=(),
    programs=(),
    switch=None,
    summary=None,
    near=frozenset({"peft_config"}),
    traps=("word-without-option",),
)

MORE = (FLAT,)
"""The same keys as options of a command."""

_BITS = {"int4": "4bit", "int8": "8bit"}
_TASKS = {"llm-reward": "SEQ_CLS", "seq2seq": "SEQ_2_SEQ_LM"}


def read(document: Document) -> list[Setting]:
    """One Setting for each document with `params.peft`."""
    return [
        _build_flat_setting(document, path, top)
        if document.format == "shell"
        else _build_setting(document, path, top)
        for path, top in iterate_top_mappings(document)
        if (
            is_on(top, "peft") or is_on(top, "use_peft")
            if document.format == "shell"
            else is_switched_on(TOOL, top, forgotten=_sets_lora(get_block(top, "params")))
        )
    ]


def _sets_lora(params: Table) -> bool:
    return any(name in params for name in ("lora_r", "lora_alpha", "target_modules"))


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    params = get_block(top, "params")
    setting = make_setting(TOOL, document, (*path, "params"), params)
    add_misspelt_switch(setting, TOOL, path, top)
    _add_common(setting, params, _TASKS.get(str(top.get("task")), "CAUSAL_LM"))
    add_model(setting, path, top, "base_model")
    return setting


def _build_flat_setting(document: Document, path: Path, top: Table) -> Setting:
    setting = make_setting(FLAT, document, path, top)
    reward = top.get("trainer") == "reward"
    _add_common(setting, top, "SEQ_CLS" if reward else "CAUSAL_LM")
    add_model(setting, path, top, "model")
    return setting


def _add_common(setting: Setting, params: Table, task: str) -> None:
    """What the targets, the task and the bits come to."""
    targets = setting.fields["target_modules"]
    if isinstance(targets, str):
        set_field(setting, "target_modules", _parse_targets(targets))
    setting.fields["task_type"] = task
    setting.heads = get_heads(task)
    level = params.get("quantization", "int4")
    setting.quantization = _BITS.get(level) if isinstance(level, str) else None


def _parse_targets(value: str) -> Any:
    """As get_target_modules does it: the parts of a comma string keep their spaces."""
    if not value.strip():
        return Unknown("AutoTrain's own table of targets")
    return "all-linear" if value.strip().lower() == "all-linear" else value.split(",")
