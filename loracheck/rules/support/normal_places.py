"""Where a value of a setting's normal form stands in the file."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .normal_setting import get_leaf_name, normalize_value

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Value
    from loracheck.rules.context import RuleContext

DECIDED_BY = {
    "targeted": ("target_modules", "target_parameters"),
    "modules": ("target_modules", "target_parameters"),
    "reach": ("target_modules", "target_parameters"),
    "saved": ("modules_to_save", "task_type"),
    "ranks": ("r", "rank_pattern"),
    "trainable": ("r", "target_modules"),
    "share": ("r", "target_modules"),
    "adapter_bytes": ("r", "target_modules"),
}
"""Key of `effect` -> the fields that it comes of, the first that the file sets being pointed at."""


class Place(NamedTuple):
    """A place in the file, and the field that it is about."""

    at: Path
    field: str | None


def find_place(context: RuleContext, path: tuple[str | int, ...]) -> Place:
    """The place of the value at a path of the normal form; that of the whole setting where the file
    does not hold it.
    """
    setting = context.setting
    first, rest = (path[0] if path else None), path[1:]
    if first == "model" and setting.model_place is not None:
        return Place(setting.model_place, None)
    if first in ("fields", "config") and rest:
        return _find_field(context, str(rest[0]), rest[1:])
    if first == "effect" and rest:
        return _find_cause(context, str(rest[0]), rest[1:])
    if first == "quantization":
        keys = (key for key in setting.mapping if "bit" in str(key) or "quant" in str(key))
        key = next(keys, None)
        if key is None and setting.tells_quantization and setting.model_place is not None:
            return Place(setting.model_place, None)  # the call that loads the model
        return Place((*setting.path, *([key] if key is not None else [])), None)
    return Place(setting.path, None)


def _find_field(context: RuleContext, name: str, rest: tuple[str | int, ...]) -> Place:
    at = context.place(name)
    if name not in context.setting.places:
        return Place(at, name)
    value, there = context.setting.fields.get(name), _get_value_at(context.document, at)
    for step in rest:
        value = _step_into(value, step)
        key = _find_matching_key(there, step)
        there = _step_into(there, step)
        if value is _MISSING or normalize_value(there) != normalize_value(value):
            break  # the tool makes the value of another one: a list of a text, for example
        at = (*at, key)
    return Place(at, name)


def _find_cause(context: RuleContext, name: str, rest: tuple[str | int, ...]) -> Place:
    """The field that a figure comes of; of a module the entry that reached it."""
    plan = context.plan
    if name in ("modules", "saved") and rest and plan is not None:
        groups = plan.wrapped if name == "modules" else plan.saved
        names = list(dict.fromkeys(get_leaf_name(one.group.template) for one in groups))
        for one in plan.wrapped if name == "modules" else ():
            if get_leaf_name(one.group.template) == names[int(rest[0])] and one.entries:
                return Place(context.entry_place(one.field, one.entries[0]), one.field)
        for saved in plan.saved if name == "saved" else ():
            if get_leaf_name(saved.group.template) == names[int(rest[0])]:
                return Place(context.entry_place("modules_to_save", saved.entry), "modules_to_save")
    fields = DECIDED_BY.get(name, ())
    field = next((field for field in fields if field in context.setting.places), None)
    return Place(context.place(field) if field else context.setting.path, field)


_MISSING = object()


def _get_value_at(document: Document, path: Path) -> Any:
    value: Value = document.roots
    for step in path:
        value = _step_into(value, step)
    return value


def _step_into(container: Any, step: Any) -> Any:
    """The value at one step, whose name may be the text of a key that is a number."""
    if isinstance(container, (list, tuple)):
        return container[step] if isinstance(step, int) and step < len(container) else _MISSING
    if isinstance(container, dict):
        return container.get(_find_matching_key(container, step), _MISSING)
    return _MISSING


def _find_matching_key(container: Value, step: Value) -> Any:
    if not isinstance(container, dict) or step in container:
        return step
    return next((key for key in container if str(key) == step), step)
