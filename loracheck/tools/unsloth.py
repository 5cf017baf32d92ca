"""Unsloth: Studio's YAML (`unsloth train --config`), and `get_peft_model` in Python.

The pydantic models of the command refuse keys that they do not know (those of August 2026 still
passed them over). The files of defaults that come with Studio have the same form, with a list for
the targets and a few keys more. A vision-language model gets its targets from the finetune_*
switches, whatever `target_modules` says.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .core.conversion import split_names
from .core.field_names import find_unknown_fields
from .core.key import Key
from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting, set_field
from .core.setting import ConfigText, Setting
from .core.switches import get_loaded_bits
from .core.tool import InitFile, Summary, Tool
from .unsloth_copies import find_copy

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document, Path
    from loracheck.documents.python.document import Call
    from loracheck.documents.values import Table, Value

    from .core.file_draft import ScriptDraft, WriteRequest

SEVEN = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""Unsloth's default targets (unsloth/models/llama.py, get_peft_model)."""

TOOL = Tool(
    name="unsloth",
    title="Unsloth Studio (lora block)",
    library="Unsloth",
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
    calls=(r"(?:.*\.)?Fast\w*\.get_peft_model",),
    loaders=(r"Fast(?:\w*Model|SentenceTransformer)",),
    model_packages=("unsloth",),
    writes=InitFile(
        "unsloth_lora.py", "Python (Unsloth)", no_dropout="Unsloth's fast path has no dropout"
    ),
    summary=Summary(
        files=".py, .ipynb; Studio's YAML",
        known_by="`FastLanguageModel.get_peft_model(...)`; `lora.lora_r` and `training`",
        does="r 16 (Studio 64), alpha 16, Llama's seven names; `embed_tokens` moves to "
        "modules_to_save",
        unknown="Python: TypeError; Studio: refuses",
    ),
)

# In Python: unsloth/models/llama.py, vision.py, sentence_transformer.py (get_peft_model), _utils.py

_FAST = compile_when_used(r"(?:.*\.)?(Fast\w*)\.get_peft_model")
_ORDER = ("", "r", "target_modules", "lora_alpha", "lora_dropout", "bias")
"""Unsloth's parameters by position; the first is the model."""

_OWN = frozenset(
    {
        "model",
        "finetune_last_n_layers",
        "finetune_vision_layers",
        "finetune_language_layers",
        "finetune_attention_modules",
        "finetune_mlp_modules",
        "finetune_audio_layers",
        "use_gradient_checkpointing",
        "random_state",
        "max_seq_length",
        "temporary_location",
        "qat_scheme",
        "offload_layers",
        "block_swap_layers",
        "prefetch_depth",
        "checkpoint_skip_layers",
    }
)
"""Unsloth's parameters that do not go to LoraConfig; what else there is, goes (`**kwargs`)."""

_CALL_DEFAULTS: dict[str, Any] = {"r": 16, "lora_alpha": 16, "lora_dropout": 0.0, "bias": "none"}
_ENCODER = ("query", "key", "value", "dense")
"""Default targets of FastSentenceTransformer (models/sentence_transformer.py, get_peft_model)."""

_SCOPES = ("vision_layers", "language_layers", "attention_modules", "mlp_modules")

_ENDS = ("embed_tokens", "lm_head")

_TOWERS = ".*(?:vision|image|visual|patch|audio).*"
"""Modules outside the language model (unsloth_zoo/peft_utils.py, get_peft_regex)."""

MAX_RANK = 64
"""max_lora_rank of from_pretrained (unsloth/models/loader.py)."""


def read(document: Document) -> list[Setting]:
    """One Setting for each document that does not train in full."""
    return [
        _build_setting(document, path, top)
        for path, top in iterate_top_mappings(document)
        if get_block(top, "training").get("training_type", "lora") != "full"
    ]


def add_patches(setting: Setting) -> None:
    """What Unsloth changes in PEFT: it looks into wrappers that PEFT refuses (unsloth/models/
    vision.py, get_peft_model) and adds the experts (get_moe_target_parameters).
    """
    setting.behaviour.opened_classes = ("Clippable",)
    setting.behaviour.adds_experts = True


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
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
    if isinstance(setting.model, str):
        setting.model = find_copy(setting.model, training.get("load_in_4bit", True) is not False)
    setting.quantization = get_loaded_bits({"load_in_4bit": True, **training})
    setting.behaviour.quantizes_experts = True  # it has kernels of its own for experts
    return setting


def read_call(document: Document, number: int, call: Call) -> Setting:
    """The Setting of a call of Unsloth's get_peft_model."""
    name, arguments = call.name, document.roots[number]
    field_keys = {_ORDER[k] if type(k) is int and k < len(_ORDER) else k: k for k in arguments}
    values = {
        field: key
        for field, key in field_keys.items()
        if isinstance(field, str) and field not in _OWN
    }
    values.pop("", None)
    fields = {**_CALL_DEFAULTS, **{field: arguments[key] for field, key in values.items()}}
    setting = Setting(
        tool_name=TOOL.name,
        document=document,
        path=(number,),
        fields=fields,
        places={field: (number, key) for field, key in values.items()},
        unknown_keys={field: (number, values[field]) for field in find_unknown_fields(values)},
        complete=call.complete,
        calls={"lora": number},
        calls_known=call.complete and not any(type(key) is int and key for key in arguments),
    )
    add_patches(setting)
    if "MLX" in name:
        setting.own_lora = (
            "Unsloth has LoRA layers of its own for MLX; only the values were checked"
        )
        for key in setting.unknown_keys:
            del fields[key]
        setting.unknown_keys.clear()
    if "SentenceTransformer" in name:
        setting.heads = ("Model",)
        fields.setdefault("task_type", "FEATURE_EXTRACTION")
        fields.setdefault("target_modules", list(_ENCODER))
        return setting
    fields.setdefault("task_type", "CAUSAL_LM")
    _note_config_as_rank(setting, document)
    _expand_targets(setting, name, arguments)
    return setting


def _note_config_as_rank(setting: Setting, document: Document) -> None:
    """PEFT's way to call it, `get_peft_model(model, config)`: here the second argument is r."""
    from .core.document_calls import get_calls

    call_number = getattr(setting.fields.get("r"), "call", None)
    if (
        call_number is not None
        and get_calls(document)[call_number].name.rpartition(".")[2] == "LoraConfig"
    ):
        setting.fields["r"] = ConfigText("a LoraConfig")


def _expand_targets(setting: Setting, name: str, arguments: Table) -> None:
    match = _FAST.fullmatch(name)
    fields = setting.fields
    targets = fields.get("target_modules")
    is_narrowed = any(arguments.get(f"finetune_{scope}", True) is not True for scope in _SCOPES)
    plain = match is not None and match[1] in ("FastLanguageModel", "FastLlamaModel")
    if not plain or is_narrowed:  # FastLanguageModel hands these switches on to FastModel's
        if targets in (None, "all-linear") or (is_narrowed and not isinstance(targets, str)):
            # A regular expression that Unsloth makes out of the model; a string goes to PEFT as it
            # is (models/vision.py).
            fields["target_modules"] = Unknown("finetune_* layers")
    elif targets is None and setting.complete:
        fields["target_modules"] = list(SEVEN)
    if plain and not is_narrowed and not fields.get("exclude_modules"):
        # A model with towers gets finetune_vision_layers=False, which narrows a list of names too
        # (models/llama.py, get_peft_model, since June 2026); language models have none.
        setting.behaviour.planned["exclude_modules"] = _TOWERS
    _move_ends(setting)


def _move_ends(setting: Setting) -> None:
    """The ends of the model are trained in full where they are asked for as targets, and stay tied
    where both are (_redirect_embedding_targets, _resolve_ensure_weight_tying).
    """
    fields = setting.fields
    targets, saved = fields.get("target_modules"), fields.get("modules_to_save") or []
    if not isinstance(saved, (list, tuple)):
        return
    moved = [p for p in targets if _is_end(p)] if isinstance(targets, (list, tuple)) else []
    if moved and isinstance(targets, (list, tuple)):
        left = [part for part in targets if part not in moved]
        # Without any Unsloth stops, which is told of the call itself.
        stops = not left and not fields.get("target_parameters")
        fields["target_modules"] = Unknown("no target is left for LoRA") if stops else left
        saved = [*saved, *(part for part in moved if part not in saved)]
        fields["modules_to_save"] = saved
        setting.places.setdefault("modules_to_save", setting.places["target_modules"])
    both = {str(part).rpartition(".")[2] for part in saved} >= set(_ENDS)
    if both and fields.get("ensure_weight_tying") is None:
        fields["ensure_weight_tying"] = True


def _is_end(part: Value) -> bool:
    return isinstance(part, str) and part.rpartition(".")[2] in _ENDS


def find_loaded_model(model: str) -> str:
    """The id of the model that the loader loads for one, as it is called without further words."""
    return find_copy(model)


def read_load(setting: Setting, arguments: Table) -> None:
    """What `from_pretrained` says: the rank that vLLM takes, where it starts it; whether the model
    is trained in full; and whether another model is loaded than the one that is named.
    """
    model = setting.model
    if setting.calls and setting.model_place is not None:
        setting.calls["loader"] = int(setting.model_place[0])
        setting.calls_known &= not any(type(key) is int and key for key in arguments)
    if arguments.get("full_finetuning") is True:
        # get_peft_model gives the model back as it is (unsloth/models/llama.py, vision.py).
        setting.own_lora = (
            "with full_finetuning=True Unsloth trains the whole model and get_peft_model has no "
            "effect"
        )
    exact = arguments.get("use_exact_model_name") is True
    if isinstance(model, str) and not exact:
        setting.model = find_copy(model, arguments.get("load_in_4bit", True) is not False)
    setting.behaviour.quantizes_experts = True  # it has kernels of its own for experts
    if arguments.get("fast_inference") is True:
        limit = arguments.get("max_lora_rank", MAX_RANK)
        setting.behaviour.served_rank = limit if type(limit) is int else None


def write(request: WriteRequest) -> ScriptDraft:
    """A draft of a script with Unsloth's loader; FastModel loads what is no plain causal model."""
    from .core.file_draft import CAUSAL, ScriptDraft, select_fields

    plain = not request.cls or request.cls.endswith(CAUSAL)
    loader = "FastLanguageModel" if plain else "FastModel"
    few = (f"load_in_{bits}={request.quantization == bits}" for bits in ("4bit", "8bit"))
    return ScriptDraft(
        (f"from unsloth import {loader}",),
        f"model, tokenizer = {loader}.from_pretrained",
        tuple(few),
        (f"model = {loader}.get_peft_model(", "    model,"),
        select_fields(request.values, {**_CALL_DEFAULTS, "task_type": "CAUSAL_LM"}),
        (")",),
    )
