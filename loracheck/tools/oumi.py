"""oumi's YAML: `model`, `training` and a `peft` block that OmegaConf holds against a dataclass."""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.conversion import parse_scalar
from .core.field_names import get_heads
from .core.key import Key
from .core.lookup import get_block, get_text, iterate_top_mappings
from .core.make_setting import add_model, make_setting, set_field
from .core.switches import add_misspelt_switch, is_on, is_switched_on
from .core.tool import InitFile, Program, Summary, Switch, Tool

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.file_draft import FileDraft, WriteRequest
    from .core.setting import Setting

TOOL = Tool(
    name="oumi",
    tells_quantization=True,
    title="oumi (peft block)",
    source="oumi 0.9, src/oumi/core/configs/params/peft_params.py (PeftParams, to_lora)",
    keys=(
        Key("lora_r", "r", 8),
        Key("lora_alpha", "lora_alpha", 8, type="int"),
        Key("lora_dropout", "lora_dropout", 0.0),
        Key(
            "lora_target_modules",
            "target_modules",
            type="list[str]",
            help='Names of modules; ["all-linear"] for every linear layer.',
        ),
        Key(
            "lora_exclude_modules",
            "exclude_modules",
            type="list[str]",
            help="Regular expressions for whole names of modules to leave out.",
        ),
        Key("lora_target_parameters", "target_parameters", type="list[str]"),
        Key("lora_modules_to_save", "modules_to_save", type="list[str]"),
        Key("lora_bias", "bias", "none"),
        Key(
            "lora_init_weights",
            "init_lora_weights",
            "DEFAULT",
            type="str",
            help="DEFAULT, RANDOM, GAUSSIAN, EVA, PISA, LOFTQ or OLORA.",
        ),
        Key("lora_task_type", "task_type", "CAUSAL_LM"),
        Key("q_lora", type="bool", help="Load the base model quantised."),
        Key("q_lora_bits", type="int", help="Bits of the quantised base model, 4 or 8."),
        Key("bnb_4bit_quant_type", type="str", help="fp4 (the default) or nf4."),
        Key("llm_int8_skip_modules", type="list[str]", help="Modules that stay unquantised."),
        Key("use_bnb_nested_quant", type="bool", help="Quantise the constants too."),
        Key("bnb_4bit_quant_storage", type="str", help="Number type that holds the 4-bit values."),
        Key("bnb_4bit_compute_dtype", type="str", help="Number type of the computation."),
        Key("peft_save_mode", type="str", help="What is saved: the adapter, both, or merged."),
    ),
    block=("peft",),
    strict=True,
    lenient=True,
    searched=True,
    switch=Switch(("training", "use_peft")),
    parser="omegaconf",
    signatures=(
        "model.model_name training.use_peft|training.trainer_type|training.~use_peft",
        "model.model_name data.train={}",
        # `r` stands in a block of LoraConfig's own names, some of which begin with lora_ too.
        "model.model_name peft.lora_r|peft.q_lora*|peft.lora_target_*|peft.lora_modules_to_save",
        "model.model_name peft.lora_* !peft.r",
    ),
    programs=(
        Program("oumi", ("train", "distributed")),
        Program(module=r"oumi\.train"),
    ),
    all_linear='`lora_target_modules: ["all-linear"]`',
    writes=InitFile("oumi.yaml"),
    summary=Summary(
        files="YAML",
        known_by="`model.model_name`, `peft.lora_*`",
        does='`["all-linear"]` unwrapped; exclusions joined to one expression',
    ),
)

_INITS: dict[str, Any] = {"default": True, "random": False, "pisa": "pissa"}
"""Names of oumi's LoraWeightInitialization whose value is not the name in small letters."""


def read(document: Document) -> list[Setting]:
    """One Setting for each document with `training.use_peft`."""
    return [
        _build_setting(document, path, top)
        for path, top in iterate_top_mappings(document)
        if is_switched_on(TOOL, top, forgotten=_sets_lora(top))
    ]


def _sets_lora(top: Table) -> bool:
    peft = get_block(top, "peft")
    has_lora_key = any(name in peft for name in ("lora_r", "lora_target_modules"))
    return bool(get_block(top, "training")) and has_lora_key


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    peft = get_block(top, "peft")
    setting = make_setting(TOOL, document, (*path, "peft") if peft else path, peft)
    add_misspelt_switch(setting, TOOL, path, top)
    if setting.fields.get("target_modules") == ["all-linear"]:
        set_field(setting, "target_modules", "all-linear")
    exclude = setting.fields.get("exclude_modules")
    if isinstance(exclude, list) and all(isinstance(part, str) for part in exclude):
        path_text = "|".join(f"({part})" for part in exclude)
        set_field(setting, "exclude_modules", path_text or None)
    init = setting.fields["init_lora_weights"]
    if isinstance(init, str):
        word = init.rpartition(".")[2].lower()
        set_field(setting, "init_lora_weights", _INITS.get(word, word))
    task = setting.fields["task_type"]
    if isinstance(task, str):
        set_field(setting, "task_type", task.rpartition(".")[2])
        setting.heads = get_heads(setting.fields["task_type"])
    model = get_block(top, "model")
    add_model(setting, (*path, "model"), model, "model_name")
    setting.revision = get_text(model, "model_revision")
    if is_on(peft, "q_lora") and not isinstance(peft.get("q_lora"), Unknown):
        setting.quantization = "8bit" if parse_scalar(peft.get("q_lora_bits")) == 8 else "4bit"
    return setting


_INIT_WORDS = {
    True: "DEFAULT",
    False: "RANDOM",
    "gaussian": "GAUSSIAN",
    "eva": "EVA",
    "pissa": "PISA",
    "loftq": "LOFTQ",
    "olora": "OLORA",
}
"""Its words for init_lora_weights (oumi's LoraWeightInitialization)."""


def write(request: WriteRequest) -> FileDraft:
    """A draft of the file: lists of names alone, and words of its own for init_lora_weights."""
    from .core.file_draft import FileDraft

    draft = FileDraft(request, TOOL, {"init_lora_weights": True})
    target = draft.keys.get("lora_target_modules")
    if target == "all-linear":
        draft.keys["lora_target_modules"] = ["all-linear"]
    elif isinstance(target, str):
        draft.leave_out("target_modules")  # a list of names is all that oumi takes
    exclude = draft.keys.get("lora_exclude_modules")
    if isinstance(exclude, str):
        draft.keys["lora_exclude_modules"] = [exclude]
    init = draft.keys.get("lora_init_weights")
    if init is not None:
        word = _INIT_WORDS.get(init) if isinstance(init, (bool, str)) else None
        draft.keys["lora_init_weights"] = word
        if word is None:
            draft.leave_out("init_lora_weights")
    if request.bits:
        draft.keys |= {"q_lora": True, "q_lora_bits": request.bits}
    draft.top = {"model": {"model_name": request.model}, "training": {"use_peft": True}}
    return draft
