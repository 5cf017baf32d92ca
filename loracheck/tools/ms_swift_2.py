"""The options of ms-swift 2, recognised by `sft_type` and `model_id_or_path`: later releases have
others.

Its own words for targets (`DEFAULT`, `ALL`, `EMBEDDING`) stand for lists that it keeps by model or
finds in the model as that release of transformers built it, so that they are unknown here.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.conversion import split_names
from .core.field_names import get_heads
from .core.key import Key
from .core.make_setting import add_model, make_setting, set_field
from .core.tool import Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table, Value

    from .core.setting import Setting

METHODS = ("lora", "longlora", "qalora")
"""The words of `sft_type` for LoRA; ms-swift 1 had `qalora`."""

V2 = Tool(
    name="ms-swift",
    title="ms-swift 2",
    source="ms-swift 2.4.0.dev0 (commit d79f47f), swift/llm/utils/argument.py (SftArguments, "
    "handle_compatibility, _prepare_target_modules), swift/llm/tuner.py (prepare_model); unknown "
    "keys: swift/utils/run_utils.py",
    keys=(
        Key(
            "sft_type",
            type="str",
            help="`lora`, `full`, ...: the kind of training.",
            methods=METHODS,
        ),
        Key("tuner_backend", type="str", help="`peft`, `swift` or `unsloth`."),
        Key("lora_rank", "r", 8),
        Key("lora_alpha", "lora_alpha", 32),
        Key("lora_dropout", "lora_dropout", 0.05),
        Key("lora_dropout_p", "lora_dropout", help="The older name of lora_dropout."),
        Key(
            "target_modules",
            "target_modules",
            ["DEFAULT"],
            type="list[str]|str",
            help="Names of modules; DEFAULT, ALL and EMBEDDING stand for lists of the tool's.",
            nargs="+",
        ),
        Key(
            "lora_target_modules",
            "target_modules",
            type="list[str]|str",
            help="The older name of target_modules; it wins where both are given.",
            nargs="+",
        ),
        Key("target_regex", type="str", help="A regular expression instead of target_modules."),
        Key("lora_target_regex", type="str", help="The older name of target_regex."),
        Key("modules_to_save", "modules_to_save", type="list[str]|str", nargs="+"),
        Key("lora_modules_to_save", "modules_to_save", type="list[str]|str", nargs="+"),
        Key("lora_bias_trainable", "bias", "none"),
        Key("use_rslora", "use_rslora", False),
        Key("use_dora", "use_dora", False),
        Key("init_lora_weights", "init_lora_weights", True),
        Key("lora_dtype", type="str", help="Number type of the adapter."),
        Key("lora_lr_ratio", type="number", help="LoRA+: learning rate of B over that of A."),
    ),
    lenient=True,
    file_is_command=True,
    prefix="lora_",
    near=frozenset({"lora_m2s_use_embedding", "lora_m2s_use_ln", "lora_use_all"}),
    four_bits="quant_bits: 4",
    renamed={
        "sft_type": "tuner_type",
        "model_id_or_path": "model",
        "lora_dropout_p": "lora_dropout",
        "lora_target_modules": "target_modules",
        "lora_modules_to_save": "modules_to_save",
    },
)

_WORDS = frozenset({"DEFAULT", "AUTO", "ALL", "EMBEDDING", "LN"})


def is_second(top: Table) -> bool:
    """Whether the options are those of ms-swift 2."""
    later = "tuner_type" in top or "train_type" in top or "model" in top
    return not later and ("sft_type" in top or "model_id_or_path" in top)


def build_v2_setting(document: Document, path: Path, top: Table) -> Setting:
    """The Setting of a file or command line of that release."""
    setting = make_setting(V2, document, path, top)
    regex = next((k for k in ("lora_target_regex", "target_regex") if top.get(k)), None)
    if regex is not None:
        set_field(setting, "target_modules", top[regex], (*path, regex))
        setting.keys["target_modules"] = regex
    else:
        set_field(setting, "target_modules", _names(setting.fields["target_modules"]))
    if "modules_to_save" in setting.fields:
        set_field(setting, "modules_to_save", _names(setting.fields["modules_to_save"]))
    setting.fields["task_type"] = "CAUSAL_LM"
    setting.heads = get_heads("CAUSAL_LM")
    add_model(setting, path, top, "model_id_or_path")
    return setting


def _names(value: Value) -> Value:
    """The names as a list; unknown where one of the tool's own words is among them."""
    names = split_names(value[0]) if isinstance(value, list) and len(value) == 1 else value
    word = next((n for n in names if n in _WORDS), None) if isinstance(names, list) else None
    return names if word is None else Unknown(str(word))
