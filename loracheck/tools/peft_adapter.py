"""PEFT's own `adapter_config.json`.

Source: PEFT 0.21.2 config.py (PeftConfigMixin.save_pretrained, from_json_file, from_peft_type) and
peft_model.py (PeftModel.save_pretrained sets inference_mode while it writes). Files of the same
name that other tools write are told apart: mlx-lm's (`lora_parameters`) is left to that tool, and
AdapterHub's (`model_class` or `config`) and LeRobot's stub (`base_model` alone) give no Setting. Of
PEFT's methods other than LoRA what chooses modules is read.
"""

from __future__ import annotations

from os.path import basename

from loracheck.config.methods import find_method
from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.field_names import find_unknown_fields, get_heads
from .core.lookup import get_text
from .core.lora_evidence import has_mostly_fields, is_lora_kwargs
from .core.other_methods import restrict_fields
from .core.saved_config import is_saved
from .core.setting import Setting

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document
    from loracheck.documents.values import Value

NAME = "peft-adapter"
FILE = "adapter_config.json"

_OTHERS = ("fine_tune_type", "lora_parameters", "model_class", "lora_layers")
"""Top-level keys of mlx-lm's and AdapterHub's files of the same name."""

_SLIPS = frozenset({"LORRA", "LLORA", "LORAA", "LOAR", "LRA", "LOR", "LO_RA", "LO-RA", "QLORA"})
"""Spellings of peft_type that mean LORA; any other value is another of PEFT's methods, a new one
perhaps (PEFT 0.21.2 knows 40, LOHA and LOKR among them, so likeness would not do).
"""


def read(document: Document) -> list[Setting] | None:
    """The file's one Setting; an empty list for a look-alike, None for any other JSON and for the
    file that mlx-lm writes.
    """
    is_adapter_file = basename(document.path) == FILE
    mapping = document.roots[0]
    if not isinstance(mapping, dict):
        return [] if is_adapter_file else None
    if not is_adapter_file and not ("peft_type" in mapping and has_mostly_fields(mapping)):
        return None
    if isinstance(mapping.get("lora_parameters"), dict) and "peft_type" not in mapping:
        return None
    if _is_lora(mapping):
        return [_build_setting(document, mapping)]
    method = find_method(mapping.get("peft_type"))
    setting = (
        restrict_fields(_build_setting(document, mapping), method) if method is not None else None
    )
    return [setting] if setting is not None else []


def _is_lora(mapping: dict[str, Value]) -> bool:
    if any(key in mapping for key in _OTHERS):
        return False
    method = mapping.get("peft_type")
    if isinstance(method, str):
        return method.strip().upper() in _SLIPS | {"LORA"}
    return "lora_alpha" in mapping or is_lora_kwargs(mapping)


def _build_setting(document: Document, mapping: dict[str, Any]) -> Setting:
    model = mapping.get("base_model_name_or_path")
    known_model = isinstance(model, Unknown) or (isinstance(model, str) and bool(model))
    loaded = _find_loaded_class(mapping)
    return Setting(
        tool_name=NAME,
        form="adapter_config",
        document=document,
        path=(0,),
        fields=dict(mapping),
        places={key: (0, key) for key in mapping},
        unknown_keys={key: (0, key) for key in find_unknown_fields(mapping)},
        unknown_key_effect="warns",
        model=model if known_model else None,
        model_place=(0, "base_model_name_or_path") if known_model else None,
        revision=get_text(mapping, "revision"),
        heads=(loaded,) if loaded else get_heads(mapping.get("task_type")),
        class_given=loaded is not None and _is_of_transformers(mapping),
        purpose="saved" if is_saved(mapping) else "training",
        peft_version=get_text(mapping, "peft_version"),
    )


def _find_loaded_class(mapping: dict[str, Value]) -> str | None:
    """The class that auto_mapping names; PEFT writes it where there is no task type."""
    auto = mapping.get("auto_mapping")
    if get_text(mapping, "task_type") or not isinstance(auto, dict):
        return None
    return get_text(auto, "base_model_class")


def _is_of_transformers(mapping: dict[str, Value]) -> bool:
    """Whether the class of auto_mapping is one of transformers, or of code that transformers loaded
    with the checkpoint (`transformers_modules`).
    """
    auto = mapping.get("auto_mapping")
    library = get_text(auto, "parent_library") if isinstance(auto, dict) else None
    return (library or "").startswith("transformers")
