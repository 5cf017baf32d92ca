"""Fields that list modules or parameters: what PEFT makes of a list, and what it cannot go through.

Source: PEFT 0.21.2, tuners/lora/config.py `__post_init__`, tuners/tuners_utils.py.
"""

from __future__ import annotations

from loracheck.plan.errors import RefusedError
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loracheck.documents.values import Table, Value

    from .effective_config import EffectiveConfig

COLLECTIONS = (list, tuple, set, frozenset, dict)


def check_iterable(config: EffectiveConfig, *names: str) -> None:
    """Raises RefusedError for values that PEFT cannot go through when it first reads the fields.

    `names` are fields. target_parameters is made a set, as PEFT makes it.
    """
    for name in names:
        value = config.get(name)
        if not value or isinstance(value, str):
            continue
        if not isinstance(value, COLLECTIONS):
            text = f"argument of type '{type(value).__name__}' is not iterable"
            raise RefusedError("wrong-type", "TypeError", text, name)
        if name == "target_parameters":
            config.target_parameters = remove_duplicates(value, name)
        for entry in value if name in ("target_modules", "modules_to_save") else ():
            if not isinstance(entry, str):
                text = f"'{type(entry).__name__}' object has no attribute 'split'"
                raise RefusedError("wrong-type", "AttributeError", text, name)


def list_entries(value: Value) -> list[Value]:
    """The entries of a value that PEFT can go through, a string's its characters; none of another,
    which `check_iterable` has refused or which counts as not set.
    """
    return list(value) if isinstance(value, (str, *COLLECTIONS)) else []


def contains(value: Value, name: str) -> bool:
    """`name in value` as Python has it: a part of a string, or an entry of a collection."""
    return name in value if isinstance(value, str) else name in list_entries(value)


def remove_duplicates(value: Iterable[Value], field: str) -> Table:
    """The set that PEFT makes of a list, in the list's order, as the keys of a dict.

    Raises RefusedError where an entry cannot stand in a set.
    """
    try:
        return dict.fromkeys(value)
    except TypeError as error:
        raise RefusedError("wrong-type", "TypeError", str(error), field) from None
