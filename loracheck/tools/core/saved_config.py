"""Whether a mapping is what PEFT itself wrote when it saved an adapter: the whole of an
adapter_config.json, or a copy of it in a report of a run.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.values import Value

_SAVED = frozenset(
    {
        "base_model_name_or_path",
        "bias",
        "fan_in_fan_out",
        "lora_alpha",
        "lora_dropout",
        "modules_to_save",
        "peft_type",
        "r",
        "target_modules",
        "task_type",
    }
)
"""Fields that every PEFT since 0.1 writes, set or not."""

_LOST = 1
"""How many of them may be missing: a file that was edited by hand has one misspelt."""


def is_saved(mapping: dict[str, Value]) -> bool:
    """Whether PEFT wrote the mapping beside weights: inference_mode true, and what nobody writes by
    hand.
    """
    if mapping.get("inference_mode") is not True:
        return False
    return (
        len(_SAVED - mapping.keys()) <= _LOST
        or isinstance(mapping.get("peft_version"), str)
        or isinstance(mapping.get("auto_mapping"), dict)
    )
