"""Values of a right type outside the field's choices or bounds, and what PEFT does with them.

Sources: PEFT 0.21.2 `config.py`, `tuners/lora/layer.py` (update_layer, reset_lora_parameters),
`tuners/tuners_utils.py`, torch 2.13.0 `nn/modules/dropout.py`; each was run.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .issue import Effect, Issue, format_value, join_names
from .post_init import TASK_TYPE_CHECK
from .validators import get_field_limits, is_in_bounds, is_refused, iterate_numbers
from .value_suggestions import LEAVE_OUT, suggest_choice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from loracheck.documents.values import Value

    from .field_table import Field
    from .release_values import ReleaseValues

Answer = tuple[Effect, str]
Path = tuple[str | int, ...]


def make_bad_choice_issue(
    field: Field, value: Value, view: ReleaseValues, parent: tuple[str, ...] = ()
) -> Issue:
    """The issue for a string (or number) that is none of the choices."""
    path = (*parent, field.name)
    choices = join_names(format_value(c) for c in field.choices).replace(" and ", " or ")
    right = suggest_choice(field.name, field.choices, value)
    effect, outcome = _describe_choice_effect(field, value, view)
    if right == LEAVE_OUT:
        help_, suggestion = "leave it out (or null): PEFT has no such task", None
    elif right is not None:
        help_, suggestion = f"write {format_value(right)}", right
    else:
        help_, suggestion = f"one of {choices}", None
    return Issue(
        "bad-choice",
        f"{field.name.replace('_', '-')}-unknown",
        path,
        f"`{'.'.join(path)}` is {format_value(value)}, which PEFT does not know "
        f"(it knows {choices}); {outcome}",
        help_,
        suggestion,
        effect,
    )


def _describe_choice_effect(field: Field, value: Value, view: ReleaseValues) -> Answer:
    if field.owner == "LoftQConfig" and view.get("init_lora_weights") != "loftq":
        return "silent", "nothing reads it unless init_lora_weights is 'loftq'"
    if field.name == "task_type" and not TASK_TYPE_CHECK.is_in(view.release):
        return "silent", "this release does not check it and falls back to a plain PeftModel"
    if field.name == "peft_type" and view.saved:
        return "raises", "reading the file raises KeyError or takes another config class"
    if field.name == "bias" and view.is_at_least("0.18") and str(value).endswith("_only"):
        return "silent", "PEFT takes whatever ends in _only for lora_only"
    if field.name == "init_lora_weights":
        return _init_answer(str(value), view)
    return field.effect, field.outcome  # type: ignore[return-value]


def _init_answer(value: str, view: ReleaseValues) -> Answer:
    if not value:
        return "silent", "PEFT takes it as false: A and B start at random"
    if not view.is_at_least("0.7"):
        return "silent", "this release takes any string for the default"
    if value.lower() == "mica" and view.is_at_least("0.20"):
        return "silent", "PEFT starts the weights as MiCA does, but does not freeze B"
    if value.startswith("corda") and view.is_at_least("0.15"):
        return "silent", "PEFT takes whatever begins with corda for CorDA"
    if value.startswith("pissa") and view.is_at_least("0.11") and _has_iteration_count(value):
        return "silent", "PEFT happens to read the number at its end"
    return "fails", "wrapping the first layer raises ValueError"


def _has_iteration_count(value: str) -> bool:
    parts = value.split("_niter_")
    try:
        return len(parts) == 2 and isinstance(int(parts[1]), int)
    except ValueError:
        return False


def make_out_of_range_issue(
    field: Field, value: Value, view: ReleaseValues, parent: tuple[str, ...] = ()
) -> Issue:
    """The issue for the first number outside the bounds."""
    bounds = field.items or get_field_limits(field)
    inner, number = next((p, n) for p, n in iterate_numbers(value) if not is_in_bounds(n, bounds))
    effect, outcome = _describe_range_effect(field, value, number, view)
    name = ".".join((*parent, field.name))
    holds = "holds" if inner else "is"
    finite = number == number and abs(number) != float("inf")
    return Issue(
        "out-of-range",
        f"{field.name.replace('_', '-')}-{'range' if finite else 'not-finite'}",
        (*parent, field.name, *inner),
        f"`{name}` {holds} {format_value(number)}; {outcome}",
        f"write {_describe_bounds(field, bounds)}",
        None,
        effect,
    )


def _describe_bounds(field: Field, bounds: Mapping[str, float]) -> str:
    words = {
        "min": "{:g} or more",
        "above": "more than {:g}",
        "max": "{:g} or less",
        "below": "less than {:g}",
    }
    parts = [words[name].format(bound) for name, bound in bounds.items()]
    what = "a finite number" if "number" in field.type else "whole numbers"
    what = "a whole number" if field.type == "int" else what
    return what + (", " + " and ".join(parts) if parts else "")


def _describe_range_effect(
    field: Field, value: Value, number: float, view: ReleaseValues
) -> Answer:
    if field.owner != "LoraConfig":
        return _describe_sub_config_effect(field, number, view)
    if field.name in ("lora_alpha", "alpha_pattern"):
        return "silent", _describe_alpha_effect(number)
    if field.name == "lora_dropout":
        return _describe_dropout_effect(number)
    if field.name == "layers_to_transform":
        return _describe_layers_effect(value, view)
    return _OUTCOMES.get(field.name, ("silent", field.outcome))


_OUTCOMES: dict[str, Answer] = {
    "r": ("fails", "wrapping the first layer raises ValueError"),
    "rank_pattern": ("fails", "wrapping a layer that the key matches raises ValueError"),
    "trainable_token_indices": ("fails", "the first forward pass raises IndexError"),
}


def _describe_alpha_effect(number: float) -> str:
    if number == 0:
        return "the update is multiplied by 0, so nothing is learned and PEFT says nothing"
    if number < 0 and number != float("-inf"):
        return "the update is subtracted instead of added, and PEFT says nothing"
    return "the output becomes NaN, and PEFT says nothing"


def _describe_dropout_effect(number: float) -> Answer:
    if number > 1:
        return "fails", "wrapping the first layer raises ValueError (torch wants 0 to 1)"
    if number == 1:
        return "silent", "every input is dropped, so nothing is learned and PEFT says nothing"
    return "silent", "PEFT takes it for no dropout without a word"


def _describe_layers_effect(value: Any, view: ReleaseValues) -> Answer:
    layers = [value] if isinstance(value, int) else list(value)
    if view.layers_decide() and all(isinstance(item, int) and item < 0 for item in layers):
        return "fails", "no layer has a negative index, so no module is found"
    return "silent", "no layer has a negative index, so this entry matches nothing"


def _describe_sub_config_effect(field: Field, number: float, view: ReleaseValues) -> Answer:
    if field.owner == "LoftQConfig" and view.get("init_lora_weights") != "loftq":
        return "silent", "nothing reads it unless init_lora_weights is 'loftq'"
    if number != number or (field.effect == "raises" and not is_refused(field, number)):
        return "silent", "PEFT's own check lets it pass"
    return field.effect, field.outcome  # type: ignore[return-value]
