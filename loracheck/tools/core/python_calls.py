"""Other ways to make a LoraConfig in Python: Unsloth's `get_peft_model` and xtuner's lazy calls.

Sources: Unsloth 2026.10.9, unsloth/models/llama.py, vision.py, sentence_transformer.py
(get_peft_model) and _utils.py; xtuner 0.1.23, xtuner/model/sft.py and utils.py
(find_all_linear_names).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from loracheck.documents.model import Unknown
from loracheck.tools.unsloth import SEVEN, add_patches

from .field_names import unknown_fields
from .python_base_models import calls_of
from .setting import Setting

if TYPE_CHECKING:
    from loracheck.documents.model import Document

_FAST = re.compile(r"(?:.*\.)?(Fast\w*)\.get_peft_model")
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

_DEFAULTS: dict[str, Any] = {"r": 16, "lora_alpha": 16, "lora_dropout": 0.0, "bias": "none"}
_ENCODER = ("query", "key", "value", "dense")
"""Default targets of FastSentenceTransformer (models/sentence_transformer.py, get_peft_model)."""

_SCOPES = ("vision_layers", "language_layers", "attention_modules", "mlp_modules")


def is_unsloth(name: str) -> bool:
    """Whether the call is Unsloth's get_peft_model."""
    return _FAST.fullmatch(name) is not None


def unsloth(document: Document, number: int, name: str, complete: bool) -> Setting:
    """The Setting of a call of Unsloth's get_peft_model."""
    arguments = document.roots[number]
    named = {_ORDER[k] if type(k) is int and k < len(_ORDER) else k: k for k in arguments}
    given = {
        field: key for field, key in named.items() if isinstance(field, str) and field not in _OWN
    }
    given.pop("", None)
    fields = {**_DEFAULTS, **{field: arguments[key] for field, key in given.items()}}
    setting = Setting(
        tool_name="unsloth",
        document=document,
        path=(number,),
        fields=fields,
        places={field: (number, key) for field, key in given.items()},
        unknown_keys={field: (number, given[field]) for field in unknown_fields(given)},
        complete=complete,
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
    _config_for_rank(setting, document)
    _targets(setting, name, arguments)
    return setting


def _config_for_rank(setting: Setting, document: Document) -> None:
    """PEFT's way to call it, `get_peft_model(model, config)`: here the second argument is r."""
    made = getattr(setting.fields.get("r"), "call", None)
    if made is not None and calls_of(document)[made].name.rpartition(".")[2] == "LoraConfig":
        setting.fields["r"] = "a LoraConfig"


def _targets(setting: Setting, name: str, arguments: dict[Any, Any]) -> None:
    found = _FAST.fullmatch(name)
    fields = setting.fields
    targets = fields.get("target_modules")
    if found is None or found[1] not in ("FastLanguageModel", "FastLlamaModel"):
        narrowed = any(arguments.get(f"finetune_{scope}", True) is not True for scope in _SCOPES)
        if targets in (None, "all-linear") or (narrowed and not isinstance(targets, str)):
            # A regular expression that Unsloth makes out of the model; a string goes to PEFT as it
            # is (models/vision.py).
            fields["target_modules"] = Unknown("finetune_* layers")
    elif targets is None and setting.complete:
        fields["target_modules"] = list(SEVEN)
    _ends(setting)


_ENDS = ("embed_tokens", "lm_head")


def _ends(setting: Setting) -> None:
    """The ends of the model are trained in full where they are asked for as targets, and stay tied
    where both are (_redirect_embedding_targets, _resolve_ensure_weight_tying).
    """
    fields = setting.fields
    targets, saved = fields.get("target_modules"), fields.get("modules_to_save") or []
    if not isinstance(saved, (list, tuple)):
        return
    moved = [p for p in targets if _is_end(p)] if isinstance(targets, (list, tuple)) else []
    if moved and isinstance(targets, (list, tuple)):
        fields["target_modules"] = [part for part in targets if part not in moved]
        saved = [*saved, *(part for part in moved if part not in saved)]
        fields["modules_to_save"] = saved
        setting.places.setdefault("modules_to_save", setting.places["target_modules"])
    both = {str(part).rpartition(".")[2] for part in saved} >= set(_ENDS)
    if both and fields.get("ensure_weight_tying") is None:
        fields["ensure_weight_tying"] = True


def _is_end(part: Any) -> bool:
    return isinstance(part, str) and part.rpartition(".")[2] in _ENDS


def xtuner(setting: Setting) -> None:
    """Turn the Setting of a `dict(type=LoraConfig, ...)` into xtuner's."""
    setting.tool_name = "xtuner"
    setting.form = "tool"
    if setting.complete and setting.fields.get("target_modules") is None:
        setting.fields["target_modules"] = "all-linear"
        setting.behaviour.lists_linear = True
        setting.places.pop("target_modules", None)
