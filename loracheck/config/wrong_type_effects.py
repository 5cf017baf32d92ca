"""What PEFT does with a value of a type that it cannot work with.

Source: PEFT 0.21.2, run with 46 values in each of the 42 fields on a small torch model.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .issue import Effect
from .post_init import TARGET_PARAMETERS_CHECK, TASK_TYPE_CHECK
from .validators import FLAG, is_refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from loracheck.documents.values import Value

    from .field_table import Field
    from .release_values import ReleaseValues


Answer = tuple[Effect, str]

NOT_SET = "PEFT takes it as not set"

HEAD_TASKS = ("SEQ_CLS", "TOKEN_CLS", "QUESTION_ANS")
"""Tasks for which PEFT appends the head's name to modules_to_save."""

FALSY_IS_ABSENT = frozenset(
    {
        "exclude_modules",
        "modules_to_save",
        "target_parameters",
        "layers_pattern",
        "megatron_config",
        "monteclora_config",
        "layer_replication",
        "loftq_config",
    }
)


def describe_wrong_type_effect(field: Field, value: Value, view: ReleaseValues) -> Answer:
    """What PEFT does with the wrong value, and the sentence that says so."""
    special = _SPECIAL.get(field.name) if field.owner == "LoraConfig" else _find_sub_field_effect
    if not value and _is_absent(field, value, view):
        return "silent", NOT_SET
    answer = special(field, value, view) if special else None
    if answer is not None:
        return answer
    if field.type == FLAG:
        return _describe_flag_effect(field, value)
    return field.effect, field.outcome  # type: ignore[return-value]


def _is_absent(field: Field, value: Value, view: ReleaseValues) -> bool:
    """Whether the falsy value counts as not set. LoraConfig refuses any string as
    target_parameters, the empty one too; PEFT asks layers_pattern for its length, and 0.7 alone
    asks whether loftq_config is None and not whether it is empty.
    """
    if field.owner != "LoraConfig" or field.name not in FALSY_IS_ABSENT:
        return False
    if field.name == "layers_pattern" and not hasattr(value, "__len__"):
        return view.get("layers_to_transform") in (None, [])
    if field.name == "loftq_config" and view.release == (0, 7):
        return False
    return not _is_extended_by_task(field, view) and not (
        field.name == "target_parameters" and value == ""
    )


def _describe_flag_effect(field: Field, value: Value) -> Answer:
    state = "on" if value else "off"
    return "silent", f"PEFT only asks whether it is truthy, so it counts as {state}"


def _is_extended_by_task(field: Field, view: ReleaseValues) -> bool:
    return field.name == "modules_to_save" and view.get("task_type") in HEAD_TASKS


def _has_unhashable_member(value: Any) -> bool:
    """Whether `set(value)` raises: a list inside the list."""
    try:
        set(value)
    except TypeError:
        return True
    return False


def _find_modules_effect(field: Field, value: Value, view: ReleaseValues) -> Answer | None:
    if isinstance(value, list) and _has_unhashable_member(value) and view.is_at_least("0.6"):
        return "raises", "LoraConfig raises TypeError"
    if value and isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return "silent", "PEFT takes the keys and ignores the rest"
    if field.name == "exclude_modules" and isinstance(value, (list, tuple, set, frozenset, dict)):
        return "silent", "an entry that is no string excludes nothing"
    return None


def _find_modules_to_save_effect(field: Field, value: Value, view: ReleaseValues) -> Answer | None:
    if _is_extended_by_task(field, view) and not isinstance(value, list):
        return "fails", (
            f"with task_type {view.get('task_type')} PEFT appends the head's name to it and raises "
            "AttributeError"
        )
    if isinstance(value, str):
        return "silent", (
            "PEFT goes through the string letter by letter and saves every module whose name ends "
            "in one of them"
        )
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return "silent", "PEFT takes the keys and ignores the rest"
    return None


def _find_parameters_effect(field: Field, value: Value, view: ReleaseValues) -> Answer | None:
    if isinstance(value, str):
        if TARGET_PARAMETERS_CHECK.is_in(view.release):
            return "raises", f"LoraConfig raises {TARGET_PARAMETERS_CHECK.exception}"
    elif isinstance(value, (list, tuple, set, frozenset, dict)) and not _has_unhashable_member(
        value
    ):
        return "silent", "an entry that is no string matches nothing"
    return None


def _find_layers_effect(field: Field, value: Value, view: ReleaseValues) -> Answer | None:
    if isinstance(value, bool):
        return "silent", f"it counts as layer {int(value)}"
    if isinstance(value, (list, tuple, set, frozenset, dict)):
        if any(_may_be_layer(item) for item in value):
            return "silent", "an entry that is no whole number matches no layer"
        if view.layers_decide():
            return "fails", "no layer matches, so no module is found"
        return "silent", "no layer matches"
    return None


def _may_be_layer(item: Value) -> bool:
    """Whether an entry equals a layer's number, or may."""
    whole = isinstance(item, float) and item >= 0 and item.is_integer()
    return whole or isinstance(item, (int, Unknown))


def _find_layers_pattern_effect(field: Field, value: Value, view: ReleaseValues) -> Answer | None:
    if isinstance(value, (list, tuple, set, frozenset, dict)):
        return "silent", "an entry that is no string matches nothing"
    return None


def _explain_number(field: Field, value: Value, view: ReleaseValues) -> Answer | None:
    if isinstance(value, bool):
        return "silent", f"it counts as {int(value)}"
    return None


def _find_pattern_effect(field: Field, value: object, view: ReleaseValues) -> Answer | None:
    if not isinstance(value, dict):
        return None
    wrong = [item for item in value.values() if not isinstance(item, (int, float, Unknown))]
    if field.name == "rank_pattern":
        wrong += [v for v in value.values() if isinstance(v, (bool, float))]
    if wrong:
        return "fails", "wrapping a layer that the key matches fails"
    if any(isinstance(item, bool) for item in value.values()):
        return "silent", "true and false count as 1 and 0"
    return "silent", "PEFT takes the key as if it were a string"


def _find_tokens_effect(field: Field, value: Value, view: ReleaseValues) -> Answer | None:
    if (
        isinstance(value, list)
        and all(isinstance(item, int) for item in value)
        and not all(isinstance(item, bool) for item in value)
    ):
        return "silent", "true and false count as tokens 1 and 0"
    return None


def _find_loftq_effect(field: Field, value: Value, view: ReleaseValues) -> Answer | None:
    init = view.get("init_lora_weights")
    if (init == "loftq" or not view.is_at_least("0.14")) and view.is_at_least("0.7"):
        return "raises", "LoraConfig raises an error"
    return "warns", "PEFT drops it with a warning, because init_lora_weights is not 'loftq'"


def _find_sub_config_effect(field: Field, value: Value, view: ReleaseValues) -> Answer | None:
    if view.is_at_least("0.21") or (field.name == "velora_config" and view.is_at_least("0.20")):
        return None
    return "silent", "this release does not check it"


def _find_init_effect(field: Field, value: Value, view: ReleaseValues) -> Answer | None:
    if not value:
        return "silent", "PEFT takes it as false: A and B start at random"
    return ("silent", "any truthy value means the default") if not view.is_at_least("0.7") else None


def _find_task_type_effect(field: Field, value: Value, view: ReleaseValues) -> Answer | None:
    checked = TASK_TYPE_CHECK.is_in(view.release)
    return None if checked else ("silent", "this release does not check it")


def _find_sub_field_effect(field: Field, value: Value, view: ReleaseValues) -> Answer | None:
    """Sub-config fields: their `__post_init__` compares numbers, so it raises for other types."""
    if field.owner == "LoftQConfig" and view.get("init_lora_weights") != "loftq":
        return "silent", "nothing reads it unless init_lora_weights is 'loftq'"
    if field.owner == "BdLoraConfig" and field.type.startswith("list"):
        if isinstance(value, (str, dict)) or not value:
            return None
        if not isinstance(value, (list, tuple, set, frozenset)) or _has_unhashable_member(value):
            return "raises", "BdLoraConfig raises TypeError"
        return "fails", "wrapping the first layer raises TypeError"
    if field.effect == "raises" and isinstance(value, (int, float)) and not field.choices:
        return _judge_number(field, value)
    return _explain_number(field, value, view) if field.effect == "fails" else None


def _judge_number(field: Field, value: float) -> Answer | None:
    if is_refused(field, value):
        return None
    if isinstance(value, bool):
        return "silent", f"it counts as {int(value)}"
    return "fails", "the config takes it and building the layers fails"


_SPECIAL: dict[str, Callable[[Field, Any, ReleaseValues], Answer | None]] = {
    "task_type": _find_task_type_effect,
    "target_modules": _find_modules_effect,
    "exclude_modules": _find_modules_effect,
    "modules_to_save": _find_modules_to_save_effect,
    "target_parameters": _find_parameters_effect,
    "layers_to_transform": _find_layers_effect,
    "layers_pattern": _find_layers_pattern_effect,
    "lora_alpha": _explain_number,
    "lora_dropout": _explain_number,
    "rank_pattern": _find_pattern_effect,
    "alpha_pattern": _find_pattern_effect,
    "trainable_token_indices": _find_tokens_effect,
    "loftq_config": _find_loftq_effect,
    "eva_config": _find_sub_config_effect,
    "corda_config": _find_sub_config_effect,
    "lora_ga_config": _find_sub_config_effect,
    "velora_config": _find_sub_config_effect,
    "kasa_config": _find_sub_config_effect,
    "use_bdlora": _find_sub_config_effect,
    "arrow_config": _find_sub_config_effect,
    "init_lora_weights": _find_init_effect,
}
