"""ms-swift's YAML and JSON, which become a command line (swift/cli/main.py, parse_yaml_args).

`all-linear` and `all-embedding` are members of a list; for a vision-language model `all-linear`
leaves the tower and the projector out unless they are unfrozen. Megatron-SWIFT names the same keys
but wraps Megatron's own modules.
"""

from __future__ import annotations

import re

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from . import ms_swift_2
from .core.field_names import get_heads
from .core.key import Key
from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting, set_field
from .core.parser_keys import add_foreign_keys
from .core.switches import correct_method, is_on
from .core.tool import InitFile, Program, Summary, Tool
from .core.vision_modules import DEEPSTACK, ROUTERS, build_exclude_pattern

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table, Value

    from .core.file_draft import FileDraft, WriteRequest
    from .core.setting import Setting

_OWN = "Megatron-SWIFT wraps Megatron's modules; only the values were checked"
METHODS = ("lora", "longlora", "lora_llm")
"""Tuners that are LoRA; prepare_adapter raises ValueError for what swift/tuner_plugin/mapping.py
lacks.
"""

TOOL = Tool(
    name="ms-swift",
    title="ms-swift",
    source="ms-swift 4.6.0, swift/arguments/tuner_args.py (TunerArguments), "
    "swift/pipelines/train/tuner.py (get_target_modules, prepare_adapter); unknown keys: "
    "swift/pipelines/base.py",
    keys=(
        Key(
            "tuner_type",
            type="str",
            help="`lora`, `full`, ...; was train_type and sft_type.",
            methods=METHODS,
        ),
        Key(
            "train_type",
            type="str",
            help="The name of tuner_type in ms-swift 3.",
            methods=METHODS,
        ),
        Key(
            "sft_type",
            type="str",
            help="The name of tuner_type in ms-swift 2.",
            methods=ms_swift_2.METHODS,
        ),
        Key("tuner_backend", type="str", help="`peft` or `unsloth`."),
        Key("lora_rank", "r", 8),
        Key("lora_alpha", "lora_alpha", 32),
        Key("lora_dropout", "lora_dropout", 0.05),
        Key(
            "target_modules",
            "target_modules",
            ["all-linear"],
            help="Names of modules; `all-linear` and `all-embedding` stand for all of a kind.",
            nargs="+",
        ),
        Key("target_regex", type="str", help="A regular expression instead of target_modules."),
        Key("target_parameters", "target_parameters", nargs="+"),
        Key(
            "modules_to_save",
            "modules_to_save",
            help="Modules trained in full; `all-embedding` and `all-norm` for all of a kind.",
            nargs="+",
        ),
        Key("lora_bias", "bias", "none"),
        Key("use_rslora", "use_rslora", False),
        Key("use_dora", "use_dora", False),
        Key("init_weights", "init_lora_weights", True),
        Key("task_type", "task_type", "causal_lm", help="causal_lm, seq_cls, embedding, ..."),
        Key("lora_dtype", type="str", help="Number type of the adapter."),
        Key("lorap_lr_ratio", type="number", help="LoRA+: learning rate of B over that of A."),
        Key("freeze_llm", type="bool", help="all-linear leaves the language model out."),
        Key("freeze_vit", type="bool", help="all-linear leaves the tower out (the default)."),
        Key("freeze_aligner", type="bool", help="all-linear leaves the projector out."),
    ),
    lenient=True,
    file_is_command=True,
    prefix="lora_",
    near=frozenset(
        {
            *("vera_rank", "vera_dropout", "reft_rank", "galore_rank", "galore_target_modules"),
            *("adapters", "lora_modules", "lora_ga_batch_size", "lora_ga_iters"),
            *("lora_ga_max_length", "lora_ga_direction", "lora_ga_scale", "lora_ga_stable_gamma"),
        }
    ),
    searched=True,
    words=("tuner_type", "train_type", "sft_type"),
    signatures=(
        "tuner_type|sft_type|train.tuner_type",
        # Scripts of one's own have a train_type too, and other names for the model.
        "train_type !model_name !model_name_or_path",
        "train_type model|model_type|model_id_or_path|model_id|ckpt_dir|resume_from_checkpoint",
        "~tuner_type lora_rank|target_modules",
    ),
    programs=(
        Program("swift", ("sft", "pt", "rlhf", "dpo", "orpo", "simpo")),
        Program(module=r"swift\.cli\.(?:sft|pt|rlhf)"),
        Program("megatron", ("sft", "pt", "rlhf"), own_lora=_OWN),
        Program(module=r"swift\.cli\._megatron\.\w+", own_lora=_OWN),
    ),
    package="swift",
    distribution="ms-swift",
    renamed={  # train_type until 4.0; the others in 3.7 and 3.10
        "train_type": "tuner_type",
        "limit_mm_per_prompt": "vllm_limit_mm_per_prompt",
        "max_num_seqs": "vllm_max_num_seqs",
        "multi_turn_func": "multi_turn_scheduler",
    },
    told_by_options="signature",
    four_bits="quant_bits: 4",
    tells_quantization=True,
    writes=InitFile("swift.yaml"),
    summary=Summary(
        files="YAML, JSON, .sh",
        known_by="`tuner_type`, `train_type`, `sft_type`, `train.tuner_type` (Ray)",
        does="alpha 32, dropout 0.05, `all-linear` without frozen towers; `target_regex`",
    ),
)

MORE = (ms_swift_2.V2,)
"""Key maps of older releases."""

_MEGATRON = ("model_parallel_size", "recompute_granularity", "moe_grouped_gemm", "no_save_optim")
_PROGRAMS = ("swift", "swift.cli.sft", "swift.cli.rlhf", "swift.cli.pt")
"""Programs whose keys are known whole."""

_TOWER = "lora_llm trains the tower in full beside LoRA; only the values were checked"
_MAMBA = re.compile(r"mamba|falcon-?h1|nemotron-?(?:h|nano|3)", re.IGNORECASE)
_MIXERS = r"(?:mixer|mamba)\.(?:out_proj|conv1d)"
"""Models of Mamba layers by their names, and the layers of theirs that ms-swift leaves out because
PEFT refuses them (_drop_mamba_incompatible_targets).
"""

_KINDS = ("all-embedding", "all-norm")
"""Words in modules_to_save for all modules of a kind, whose names the model tells."""

_TASKS = {"EMBEDDING": None, "RERANKER": "SEQ_CLS", "GENERATIVE_RERANKER": "CAUSAL_LM"}


def read(document: Document) -> list[Setting]:
    """One Setting for each document whose tuner is LoRA."""
    settings: list[Setting] = []
    for path, top in iterate_top_mappings(document):
        train = get_block(top, "train")
        if "tuner_type" in train:
            settings += [_build_ray_setting(document, path, top, train)] if _is_lora(train) else []
        elif _is_lora(top):
            read = ms_swift_2.build_v2_setting if ms_swift_2.is_second(top) else _build_setting
            settings.append(read(document, path, top))
    return settings


_BITS = {"4": "4bit", "8": "8bit"}
"""`quant_bits` of bitsandbytes, as text of a command line too."""


def _get_tuner_type(top: Table) -> Value:
    return next((top[k] for k in ("tuner_type", "train_type", "sft_type") if k in top), "lora")


def _is_lora(top: Table) -> bool:
    kind = _get_tuner_type(top)
    maybe_lora = isinstance(kind, Unknown) or kind in ("lora", "longlora", "lora_llm", "qlora")
    return maybe_lora or correct_method(kind) is not None


def _build_ray_setting(document: Document, path: Path, top: Table, train: Table) -> Setting:
    """What the `train` group of a Ray file gives the trainer, which is Megatron's
    (swift/ray/megatron/pipeline.py; the other groups share the keys at the top).
    """
    setting = _build_setting(document, (*path, "train"), train)
    add_model(setting, path, top, "model")
    setting.own_lora = _OWN
    return setting


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    setting = make_setting(TOOL, document, path, top)
    if "sft_type" in top:
        # Since 3.0 its parser stops at it: "remaining_argv".
        setting.unknown_keys["sft_type"] = (*path, "sft_type")
        setting.suggestions["sft_type"] = "tuner_type"
    _expand(setting, path, top)
    if top.get("target_regex"):
        set_field(setting, "target_modules", top["target_regex"], (*path, "target_regex"))
        setting.keys["target_modules"] = "target_regex"
        setting.fields.pop("exclude_modules", None)
    if setting.fields["init_lora_weights"] == "lora-ga":
        # A package of its own makes this start, not PEFT.
        set_field(setting, "init_lora_weights", Unknown("lora-ga"))
    saved = setting.fields.get("modules_to_save")
    kinds = [name for name in saved if name in _KINDS] if isinstance(saved, list) else []
    if kinds:
        set_field(setting, "modules_to_save", Unknown(kinds[0]))
    task = setting.fields["task_type"]
    if isinstance(task, str):
        setting.fields["task_type"] = _TASKS.get(task.upper(), task.upper())
        setting.heads = get_heads(setting.fields["task_type"])
    add_model(setting, path, top, "model", "model_id_or_path")
    if top.get("quant_method") == "bnb":
        # swift/arguments/base_args/quant_args.py:57 (get_quantization_config)
        setting.quantization = _BITS.get(str(top.get("quant_bits")))
    elif isinstance(method := top.get("quant_method"), str):
        setting.quantization = method
    if not _is_megatron(document, top):
        add_foreign_keys(setting, path, (key for key in top if key != "ENV"), "ms_swift")
    if any(mark in str(key) for key in top for mark in _MEGATRON):
        setting.own_lora = _OWN
    elif _get_tuner_type(top) == "lora_llm":
        # swift/tuner_plugin/lora_llm.py: rank and alpha are all that it takes.
        setting.own_lora = _TOWER
    return setting


def _is_megatron(document: Document, top: Table) -> bool:
    """Whether the keys may be Megatron-SWIFT's, or those of a script of one's own."""
    if document.format == "shell" and getattr(document, "program", "") not in _PROGRAMS:
        return True
    return any(mark in str(key) for key in top for mark in _MEGATRON)


def _name(top: Table) -> str:
    return str(top.get("model") or top.get("model_id_or_path") or "")


def _add_parts(setting: Setting, targets: list[Value]) -> None:
    """The names that stand beside `all-linear` in the list."""
    for number, name in enumerate(targets):
        if isinstance(name, str) and name != "all-linear" and "target_modules" in setting.places:
            place = (*setting.places["target_modules"], number)
            setting.behaviour.parts[name] = (rf"(?:.*\.)?{re.escape(name)}", place)


def _expand(setting: Setting, path: Path, top: Table) -> None:
    targets = setting.fields["target_modules"]
    if not isinstance(targets, list):
        return
    if "all-embedding" in targets:
        set_field(setting, "target_modules", Unknown("all-embedding"))
    elif "all-linear" not in targets:
        if _MAMBA.search(_name(top)):
            targets = [name for name in targets if name not in ("out_proj", "conv1d")]
        set_field(setting, "target_modules", targets)
    else:
        setting.behaviour.lists_linear = True
        _add_parts(setting, targets)
        set_field(
            setting,
            "target_modules",
            Unknown("freeze_llm") if is_on(top, "freeze_llm") else "all-linear",
        )
        projectors = is_on(top, "freeze_aligner", default=True)
        exclude = build_exclude_pattern(
            towers=is_on(top, "freeze_vit", default=True),
            projectors=projectors,
            others=(
                *((DEEPSTACK,) if projectors else ()),
                *((_MIXERS,) if _MAMBA.search(_name(top)) else ()),
                ROUTERS,
            ),
        )
        if exclude is not None:
            setting.fields["exclude_modules"] = exclude
            setting.behaviour.excluded_by = {
                key: (*path, key) for key in ("freeze_vit", "freeze_aligner") if is_on(top, key)
            }


def write(request: WriteRequest) -> FileDraft:
    """A draft of the file: an expression has a key of its own."""
    from .core.file_draft import FileDraft

    values = {**request.values}
    task = values.get("task_type")
    if isinstance(task, str):
        values["task_type"] = task.lower()
    draft = FileDraft(request._replace(values=values), TOOL)
    target = draft.keys.get("target_modules")
    if target == "all-linear":
        draft.keys["target_modules"] = ["all-linear"]
    elif isinstance(target, str):
        del draft.keys["target_modules"]
        draft.keys["target_regex"] = target
        draft.names["target_modules"] = "target_regex"
    draft.top = {"model": request.model, "tuner_type": "lora"}
    if request.bits:
        draft.top |= {"quant_method": "bnb", "quant_bits": request.bits}
    return draft
