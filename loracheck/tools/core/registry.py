"""Whose file it is: a cheap look at the top-level keys, before any tool's dialect is imported.

First match wins; the dialect named then reads the file. Each tool's module of this package has its
name with `_` for `-`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .field_names import MAX_SETTINGS
from .lookup import get_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from loracheck.documents.model import Document

    from .setting import Setting
    from .tool import Tool

NAME = "tools"

Mapping = dict[Any, Any]


def read(document: Document) -> list[Setting] | None:
    """The settings that the tool's own dialect finds; None for a file of no known tool."""
    name = tool(document)
    if name is None:
        return None
    module = import_module(f"loracheck.tools.{name.replace('-', '_')}")
    found: list[Setting] = module.read(document)
    return found[:MAX_SETTINGS]


def tool(document: Document) -> str | None:
    """The dialect name of the tool that a file is for, by the top-level keys of its documents."""
    mappings = (root for root in document.roots if isinstance(root, dict))
    return next((name for root in mappings if (name := whose(root)) is not None), None)


def whose(top: Mapping) -> str | None:
    """The dialect name of the tool that a mapping at the top of a file is for."""
    return next((name for name, fits in TABLE if fits(top)), None)


def key_maps(name: str) -> tuple[Tool, ...]:
    """The key maps of a dialect, that of its usual file first; `MORE` of its module are those of
    other blocks, forms and releases. ModuleNotFoundError for an unknown name.
    """
    module = import_module(f"loracheck.tools.{name.replace('-', '_')}")
    return (module.TOOL, *getattr(module, "MORE", ()))


def _has(mapping: Mapping, *keys: str) -> bool:
    return any(key in mapping for key in keys)


def _mlx(top: Mapping) -> bool:
    return isinstance(top.get("lora_parameters"), dict) or (
        _has(top, "lora_layers", "num_layers") and "fine_tune_type" in top
    )


def _llamafactory(top: Mapping) -> bool:
    if "finetuning_type" in top or ("stage" in top and _has(top, "lora_target", "lora_rank")):
        return True
    peft = top.get("peft_config")
    return isinstance(peft, dict) and "name" in peft and "model" in top


def _ludwig(top: Mapping) -> bool:
    if top.get("model_type") == "llm" and "base_model" in top:
        return True
    if isinstance(top.get("input_features"), list) and "output_features" in top:
        return True
    return "base_model" in top and isinstance(get_value(top, "adapter", "type"), str)


def _autotrain(top: Mapping) -> bool:
    return isinstance(top.get("task"), str) and "base_model" in top and _is_map(top, "params")


def _is_map(mapping: Mapping, key: str) -> bool:
    return isinstance(mapping.get(key), dict)


def _axolotl(top: Mapping) -> bool:
    marks = ("sequence_len", "micro_batch_size", "lora_target_linear", "special_tokens")
    if "base_model" not in top:
        return False
    if "lora_r" in top and not _has(top, *_HF_TRAINING):
        return True
    return _has(top, *marks) or isinstance(top.get("adapter"), str) or _typed_datasets(top)


_HF_TRAINING = ("num_train_epochs", "per_device_train_batch_size")
"""Names of transformers' TrainingArguments that axolotl has other names for: `base_model` and
`lora_r` beside them are a script's own.
"""


def _typed_datasets(top: Mapping) -> bool:
    sets = top.get("datasets")
    return isinstance(sets, list) and any(isinstance(s, dict) and "type" in s for s in sets)


def _oumi(top: Mapping) -> bool:
    if get_value(top, "model", "model_name") is None:
        return False
    training, peft = top.get("training"), top.get("peft")
    if isinstance(training, dict) and (
        _has(training, "use_peft", "trainer_type") or _is_misspelt(training, "use_peft")
    ):
        return True
    return isinstance(get_value(top, "data", "train"), dict) or (
        isinstance(peft, dict) and _tools_own(peft, ("lora_", "q_lora"))
    )


def _tools_own(block: Mapping, prefix: str | tuple[str, ...]) -> bool:
    """Whether a block has a tool's own names, of that prefix, and no bare `r`: LoraConfig too has
    fields that begin with lora_, and a home-made `lora:` block holds its arguments.
    """
    from .field_names import field_names

    own = [key for key in block if str(key).startswith(prefix)]
    return any(key not in field_names() for key in own) or (bool(own) and "r" not in block)


def _automodel(top: Mapping) -> bool:
    target = get_value(top, "peft", "_target_")
    if isinstance(target, str) and "automodel" in target:
        return True
    return _is_map(top, "peft") and get_value(top, "model", "_target_") is not None


def _swift(top: Mapping) -> bool:
    if _has(top, "tuner_type", "train_type", "sft_type") or "tuner_type" in _map(top, "train"):
        return True
    return _has(top, "lora_rank", "target_modules") and _is_misspelt(top, "tuner_type")


def _map(mapping: Mapping, key: str) -> Mapping:
    value = mapping.get(key)
    return value if isinstance(value, dict) else {}


def _unsloth(top: Mapping) -> bool:
    lora, training = top.get("lora"), top.get("training")
    if not isinstance(lora, dict) or not isinstance(training, dict) or _is_map(top, "model"):
        return False
    return "training_type" in training or _tools_own(lora, "lora_")


def _trl(top: Mapping) -> bool:
    told = "lora_target_modules" in top or ("lora_r" in top and _is_misspelt(top, "use_peft"))
    return "use_peft" in top or ("model_name_or_path" in top and told)


def _is_misspelt(top: Mapping, name: str) -> bool:
    from .switches import find_misspelt

    return find_misspelt(top, name) is not None


def _torchtune(top: Mapping) -> bool:
    component = get_value(top, "model", "_component_")
    return isinstance(component, str) and component.startswith("torchtune.")


def _litgpt(top: Mapping) -> bool:
    return _has(top, "lora_query", "lora_projection") or (
        "checkpoint_dir" in top and "lora_r" in top
    )


def _verl(top: Mapping) -> bool:
    model = get_value(top, "actor_rollout_ref", "model") or top.get("model")
    if not isinstance(model, dict):
        return False
    if any(
        str(get_value(top, *path)).startswith("verl.")
        for path in (("_target_",), ("model", "_target_"))
    ):
        return True
    told = "lora_rank" in model or "lora" in model
    trains = "partial_pretrain" in model or ("path" in model and _has(top, "trainer", "engine"))
    return told and ("actor_rollout_ref" in top or trains)


def _h2o(top: Mapping) -> bool:
    return "llm_backbone" in top


def _ai_toolkit(top: Mapping) -> bool:
    processes = get_value(top, "config", "process")
    return "job" in top and isinstance(processes, list)


def _simpletuner(top: Mapping) -> bool:
    names = {str(key).lstrip("-") for key in top}
    return {"model_type", "model_family"} <= names or {"lora_type", "lora_rank"} <= names


def _kohya(top: Mapping) -> bool:
    sections = [top, *(value for value in top.values() if isinstance(value, dict))]
    return any(
        _has(section, "network_module", "network_dim") or _is_misspelt(section, "network_dim")
        for section in sections
    )


def _megatron_bridge(top: Mapping) -> bool:
    target = get_value(top, "peft", "_target_")
    return isinstance(target, str) and "megatron" in target


TABLE: tuple[tuple[str, Callable[[Mapping], bool]], ...] = (
    ("mlx-lm", _mlx),
    ("llamafactory", _llamafactory),
    ("ludwig", _ludwig),
    ("autotrain", _autotrain),
    ("axolotl", _axolotl),
    ("oumi", _oumi),
    ("megatron-bridge", _megatron_bridge),
    ("nemo-automodel", _automodel),
    ("ms-swift", _swift),
    ("unsloth", _unsloth),
    ("trl", _trl),
    ("torchtune", _torchtune),
    ("litgpt", _litgpt),
    ("verl", _verl),
    ("h2o-llmstudio", _h2o),
    ("ai-toolkit", _ai_toolkit),
    ("simpletuner", _simpletuner),
    ("kohya", _kohya),
)
"""Dialect name -> whether a document's top-level mapping is that tool's. First match wins."""
