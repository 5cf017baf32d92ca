"""LLaMA-Factory, both its file formats.

v0 is flat (`lora_rank`, `lora_target`) and knows `all` only as the sole entry; v1 has a
`peft_config` mapping. Its parser refuses keys that it does not know.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.conversion import split_names
from .core.key import Key
from .core.lookup import get_block, get_text, iterate_top_mappings
from .core.make_setting import add_model, make_setting, set_field
from .core.parser_keys import add_foreign_keys
from .core.switches import correct_method, is_on
from .core.tool import InitFile, Program, Summary, Tool
from .core.vision_modules import DEEPSTACK, LANGUAGE, ROUTERS, build_exclude_pattern

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document, Path
    from loracheck.documents.python.document import Call
    from loracheck.documents.values import Table, Value

    from .core.file_draft import FileDraft, WriteRequest
    from .core.setting import Setting

TOOL = Tool(
    name="llamafactory",
    tells_quantization=True,
    title="LLaMA-Factory",
    source="LLaMA-Factory 0.9.5, src/llamafactory/hparams/finetuning_args.py "
    "(LoraArguments), model/adapter.py (_setup_lora_tuning), model/model_utils/misc.py "
    "(find_all_linear_modules); unknown keys: hparams/parser.py (parse_dict without extra keys)",
    keys=(
        Key(
            "finetuning_type",
            type="str",
            help="`lora`, `oft`, `freeze` or `full`.",
            methods=("lora",),
        ),
        Key("lora_rank", "r", 8),
        Key(
            "lora_alpha",
            "lora_alpha",
            help="The update is multiplied by lora_alpha / lora_rank. Default: twice lora_rank.",
        ),
        Key("lora_dropout", "lora_dropout", 0.0),
        Key(
            "lora_target",
            "target_modules",
            "all",
            nargs="1",
            help="Names of modules with commas between them, or `all` alone for every linear layer "
            "of the language model.",
        ),
        Key(
            "additional_target",
            "modules_to_save",
            nargs="1",
            help="Modules to train in full and save, with commas between them.",
        ),
        Key("use_rslora", "use_rslora", False),
        Key("use_dora", "use_dora", False),
        Key("pissa_init", type="bool", help="Start from a PiSSA decomposition."),
        Key("pissa_iter", type="int", help="Iterations of PiSSA's fast SVD; -1 for the exact one."),
        Key("pissa_convert", type="bool", help="Save the PiSSA adapter as a normal one."),
        Key("create_new_adapter", type="bool", help="Start anew on top of adapter_name_or_path."),
        Key("adapter_name_or_path", type="str|list[str]", help="Adapters that are loaded."),
        Key("loraplus_lr_ratio", type="number", help="LoRA+: learning rate of B over that of A."),
        Key("loraplus_lr_embedding", type="number", help="LoRA+: learning rate of embeddings."),
        Key("quantization_bit", type="int", help="Load the base model in that many bits."),
    ),
    prefix="lora_",
    near=frozenset(
        {"oft_rank", "oft_target", "galore_rank", "galore_target", "apollo_rank", "apollo_target"}
    ),
    searched=True,
    words=("finetuning_type",),
    signatures=(
        "finetuning_type",
        "stage lora_target|lora_rank",
        "peft_config.name model",
        "adapter_name_or_path template",
    ),
    programs=(Program(r"llamafactory-cli|lmf|llamafactory\.cli", ("train",)),),
    calls=(r"(?:llamafactory|llmtuner)\.(?:.*\.)?run_exp",),
    package="llamafactory",
    distribution="llamafactory",
    told_by_options="signature",
    traps=("all-beside-names", "word-without-option"),
    all_linear="`lora_target: all`",
    four_bits="quantization_bit: 4",
    training_arguments=True,
    renamed={  # before 0.9.3 and earlier; issues 7824 and 9321
        "checkpoint_dir": "adapter_name_or_path",
        "new_special_tokens": "add_special_tokens",
        "name_module_trainable": "freeze_trainable_modules",
        "num_layer_trainable": "freeze_trainable_layers",
        "dpo_beta": "pref_beta",
        "dpo_loss": "pref_loss",
        "dpo_ftx": "pref_ftx",
        "neft_alpha": "neftune_noise_alpha",
        "image_resolution": "image_max_pixels",
        "video_resolution": "video_max_pixels",
    },
    writes=InitFile("llamafactory.yaml"),
    summary=Summary(
        files="YAML, JSON, .sh",
        known_by="`finetuning_type`, `stage`; v1: `peft_config.name`",
        does="alpha twice the rank; `all` is every linear layer, without towers and "
        "projectors; comma strings",
    ),
)

V1 = Tool(
    name="llamafactory",
    title="LLaMA-Factory v1 (peft_config)",
    source="LLaMA-Factory 0.9.5, src/llamafactory/v1/plugins/model_plugins/peft.py "
    "(LoraParams, get_lora_model)",
    keys=(
        Key("name", type="str", help="The plugin: `lora` or `freeze`."),
        Key("r", "r", 8),
        Key("lora_alpha", "lora_alpha", 16),
        Key("lora_dropout", "lora_dropout", 0.05),
        Key("target_modules", "target_modules", "all"),
        Key("use_rslora", "use_rslora", False),
        Key("use_dora", "use_dora", False),
        Key("modules_to_save", "modules_to_save"),
        Key("adapter_name_or_path", type="str|list[str]", help="Adapters that are loaded."),
        Key("export_dir", type="str", help="Where the merged model goes."),
        Key("export_size", type="int", help="Size of a shard of the merged model, in GB."),
        Key("export_hub_model_id", type="str", help="Hub id of the merged model."),
        Key("infer_dtype", type="str", help="Number type of the merged model."),
        Key("export_legacy_format", type="bool", help="Save .bin files."),
    ),
    block=("peft_config",),
    strict=True,
    traps=("all-beside-names",),
    all_linear="`lora_target: all`",
    four_bits="quantization_bit: 4",
    training_arguments=True,
)

MORE = (V1,)
"""Key maps of the other format."""

_FREEZES = ("freeze_vision_tower", "freeze_multi_modal_projector", "freeze_language_model")
"""Switches that leave parts of a model out."""

_CONFLICTS = ("timm_model", "subsample_conv_projection", r"patch_embed\.")
"""Parts of towers that get no LoRA where the tower does (`lora_conflict_keys` of
model/model_utils/visual.py, 0.9.5).
"""

_NEW_TOKENS = (
    *("add_tokens", "add_special_tokens", "new_special_tokens_config"),
    "new_special_tokens",
)
"""Keys with tokens for which the vocabulary is resized, as by `resize_vocab` (model/patcher.py
`patch_tokenizer`, 0.9.5; the last is an older release's).
"""

_BITS = {4: "4bit", 8: "8bit"}

_RENAMED = {"evaluation_strategy": "eval_strategy"}
"""Keys of TrainingArguments before transformers 4.46, which LLaMA-Factory's parser, made of them,
refuses since (LLaMA-Factory 0.9.5 asks for transformers 4.55).
"""


_OWN_FILE = ({"stage", "output_dir"}, {"template", "dataset"})
"""Keys of which a file of LLaMA-Factory's has all of one kind; others only share some words."""


def read(document: Document) -> list[Setting]:
    """One Setting for each document that trains a new LoRA."""
    settings: list[Setting] = []
    for path, top in iterate_top_mappings(document):
        peft = get_block(top, "peft_config")
        if peft:
            if peft.get("name") == "lora" and not peft.get("adapter_name_or_path"):
                settings.append(_build_v1_setting(document, path, top, peft))
        elif _trains_lora(top):
            settings.append(_build_v0_setting(document, path, top))
    return settings


def read_call(document: Document, number: int, call: Call) -> Setting | None:
    """The Setting of `run_exp(args)`, where the dict is written out (train/tuner.py)."""
    root = document.roots[number]
    key = "args" if "args" in root else 0
    top = root.get(key)
    if not isinstance(top, dict) or not _trains_lora(top):
        return None
    return _build_v0_setting(document, (number, key), top)


def _trains_lora(top: Table) -> bool:
    """A file that only loads adapters (chat, export, resumed training) sets nothing up."""
    kind = top.get("finetuning_type", "lora")
    maybe_lora = isinstance(kind, Unknown) or kind in ("lora", "qlora")
    if not maybe_lora and correct_method(kind) is None:
        return False
    has_lora_key = any(str(key).startswith("lora_") for key in top)
    resumed = top.get("adapter_name_or_path") and not is_on(top, "create_new_adapter")
    return has_lora_key or (("stage" in top or "do_train" in top) and not resumed)


def _build_v0_setting(document: Document, path: Path, top: dict[Any, Any]) -> Setting:
    setting = make_setting(TOOL, document, path, top)
    for old, new in _RENAMED.items():
        if old in top:
            setting.unknown_keys[old] = (*path, old)
            setting.suggestions[old] = new
    if any(keys <= top.keys() for keys in _OWN_FILE) and _is_its_own_program(document):
        add_foreign_keys(setting, path, top, TOOL.name)
    rank = setting.fields["r"]
    if not setting.fields.get("lora_alpha"):
        double = rank * 2 if type(rank) is int else Unknown("2 * lora_rank")
        setting.fields["lora_alpha"] = double
    targets = split_names(setting.fields["target_modules"])
    setting.behaviour.lists_linear = targets == ["all"]
    set_field(
        setting, "target_modules", "all-linear" if setting.behaviour.lists_linear else targets
    )
    if is_on(top, "use_llama_pro"):
        # Only in the blocks that LLaMA Pro has added (find_expanded_modules).
        set_field(setting, "target_modules", Unknown("use_llama_pro"))
    towers = is_on(top, "freeze_vision_tower", default=True)
    projectors = is_on(top, "freeze_multi_modal_projector", default=True) or targets == ["all"]
    others: tuple[str, ...] = (DEEPSTACK,) if towers else _CONFLICTS
    others += (ROUTERS,) if setting.behaviour.lists_linear else ()
    if is_on(top, "freeze_language_model"):
        others += LANGUAGE
    exclude = build_exclude_pattern(towers=towers, projectors=projectors, others=others)
    if exclude is not None:
        setting.fields["exclude_modules"] = exclude
        setting.behaviour.excluded_by = {
            key: (*path, key) for key in _FREEZES if is_on(top, key, default=False)
        }
    if "modules_to_save" in setting.fields:
        set_field(setting, "modules_to_save", split_names(setting.fields["modules_to_save"]))
    else:
        _add_embeddings(setting, path, top)
    if top.get("pissa_init") is True:
        turns = top.get("pissa_iter", 16)
        way = "pissa" if turns == -1 else f"pissa_niter_{turns}"
        set_field(setting, "init_lora_weights", way, (*path, "pissa_init"))
    setting.fields["task_type"] = "CAUSAL_LM"
    add_model(setting, path, top, "model_name_or_path")
    setting.revision = get_text(top, "model_revision")
    level = top.get("quantization_bit")
    setting.quantization = _BITS.get(level) if isinstance(level, int) else None
    return setting


def _is_its_own_program(document: Document) -> bool:
    """Whether a file, or a command, is certainly the tool's: a script of one's own that is built on
    it has options of its own.
    """
    return document.format != "shell" or bool(getattr(document, "program", ""))


def _add_embeddings(setting: Setting, path: Path, top: Table) -> None:
    """A vocabulary of another size has both embeddings trained and saved (model/adapter.py
    `_setup_lora_tuning`), under the names that the model has for them. New tokens that the
    tokenizer has already change nothing, which only the tokenizer tells.
    """
    resizes = is_on(top, "resize_vocab")
    key = next((name for name in _NEW_TOKENS if top.get(name)), None)
    if resizes or key is not None:
        place = "resize_vocab" if resizes else str(key)
        set_field(setting, "modules_to_save", Unknown(place), (*path, place))
        setting.keys["modules_to_save"] = place
        setting.behaviour.saves_embeddings = True


def _build_v1_setting(document: Document, path: Path, top: Table, peft: Table) -> Setting:
    setting = make_setting(V1, document, (*path, "peft_config"), peft)
    targets = setting.fields["target_modules"]
    if targets == "all":
        set_field(setting, "target_modules", "all-linear")
        setting.behaviour.lists_linear = True
    elif isinstance(targets, str):
        set_field(setting, "target_modules", [targets])
    setting.fields["task_type"] = "CAUSAL_LM"
    add_model(setting, path, top, "model")
    return setting


def write(request: WriteRequest) -> FileDraft:
    """A draft of the file: names in one string with commas, PiSSA as switches."""
    from .core.file_draft import FileDraft

    draft = FileDraft(request, TOOL, {"task_type": "CAUSAL_LM", "lora_alpha": None})
    target = draft.keys.get("lora_target")
    if target == "all-linear":
        draft.keys["lora_target"] = "all"
    elif isinstance(target, list) and _can_join(target):
        draft.keys["lora_target"] = ",".join(target)
    elif target is not None:
        draft.leave_out("target_modules")  # split at commas: no way to give an expression
    saved = draft.keys.get("additional_target")
    if isinstance(saved, list) and _can_join(saved):
        draft.keys["additional_target"] = ",".join(saved)
    elif saved is not None:
        draft.leave_out("modules_to_save")
    init = draft.values.get("init_lora_weights")
    if isinstance(init, str) and init.startswith("pissa"):
        draft.left_out.remove("init_lora_weights")
        turns = init.removeprefix("pissa_niter_")
        draft.keys |= {"pissa_init": True, "pissa_iter": int(turns) if turns.isdecimal() else -1}
    draft.top = {"model_name_or_path": request.model, "stage": "sft", "do_train": True}
    if request.bits:
        draft.top["quantization_bit"] = request.bits
    draft.top["finetuning_type"] = "lora"
    return draft


def _can_join(names: list[Value]) -> bool:
    """Whether names with commas between them can be told apart again."""
    plain = (isinstance(name, str) and name == name.strip() and "," not in name for name in names)
    return bool(names) and all(plain) and names != ["all"] and "" not in names
