"""Values of a type that PEFT cannot work with, and what PEFT does with each.

Source: PEFT 0.21.2, run with 46 values in each of the 42 fields on a small torch model.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .issue import Issue, format_value, join_names
from .validators import FLAG, build_single_type_test
from .value_suggestions import LEAVE_OUT, suggest_choice, suggest_type
from .wrong_type_effects import NOT_SET, describe_wrong_type_effect

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.values import Value

    from .field_table import Field
    from .release_values import ReleaseValues


WORDS = {
    "null": "null",
    "bool": "true or false",
    "int": "a whole number",
    "number": "a number",
    "str": "a string",
    "list[str]": "a list of strings",
    "list[int]": "a list of whole numbers",
    "bare[int]": "a list of whole numbers",
    "list[tuple[int,int]]": "a list of [start, end] pairs",
    "dict[str,int]": "a mapping from names to whole numbers",
    "dict[str,number]": "a mapping from names to numbers",
    "dict[str,bare[int]]": "a mapping from names to lists of whole numbers",
    "dict[str,any]": "a mapping",
    "config": "a mapping",
}


def describe_types(field: Field) -> str:
    """The field's types in words, without null."""
    if field.choices:
        names = join_names(format_value(choice) for choice in field.choices)
        switch = "true, false, " if field.type.startswith("bool") else ""
        return f"one of {switch}{names}"
    words = [WORDS.get(name, name) for name in field.type.split("|") if name != "null"]
    return " or ".join(words)


def make_wrong_type_issue(
    field: Field, value: Any, view: ReleaseValues, parent: tuple[str, ...] = ()
) -> Issue:
    """The issue for a value that the field's type test refuses."""
    effect, outcome = describe_wrong_type_effect(field, value, view)
    path: tuple[str | int, ...] = (*parent, field.name)
    suggestion = _guess_value(field, value)
    offender = value
    inner = find_wrong_member(field, value)
    if inner:
        offender = value
        for step in inner:
            offender = offender[step]
        path += inner
        suggestion = None
    name = ".".join((*parent, field.name))
    what = (
        f"`{name}` holds {format_value(offender)}"
        if inner
        else f"`{name}` is {format_value(value)}"
    )
    identity = "quoted-flag" if field.type == FLAG and isinstance(value, str) else "type"
    bare = isinstance(value, str) and not isinstance(suggestion, str)
    right = describe_types(field) if suggestion is None else format_value(suggestion)
    quotes = " without quotes" if bare and isinstance(suggestion, (bool, int, float)) else ""
    return Issue(
        "wrong-type",
        f"{field.name.replace('_', '-')}-{identity}",
        path,
        f"{what}, but PEFT needs {describe_types(field)}; {outcome}",
        f"write {right}{quotes}",
        suggestion,
        effect,
        outcome == NOT_SET or (field.type == FLAG and _says_so(value)),
    )


def _says_so(value: Value) -> bool:
    """Whether a value that is no switch reads as what PEFT takes it for."""
    if isinstance(value, str):
        return value.strip().lower() in ("true", "yes", "on", "1")
    return type(value) in (int, float) and value in (0, 1)


def _guess_value(field: Field, value: Value) -> Value:
    """The right value: null and booleans stand for a choice where one is called so."""
    if field.name == "init_lora_weights" and value is None:
        return True
    if field.choices and (value is None or isinstance(value, bool)):
        choice = suggest_choice(field.name, field.choices, value)
        return None if choice == LEAVE_OUT else choice
    return suggest_type(field, value)


def find_wrong_member(field: Field, value: Value) -> tuple[str | int, ...]:
    """Path of the first member that is wrong, where the container itself is right."""
    for name in field.type.split("|"):
        outer, _, inner = name[:-1].partition("[")
        if outer == "dict" and isinstance(value, dict):
            test = build_single_type_test(inner.partition(",")[2])
            for key, item in value.items():
                if isinstance(key, str) and not isinstance(item, Unknown) and not test(item):
                    return (key,)
        if outer in ("list", "bare") and isinstance(value, (list, tuple)):
            test = build_single_type_test(inner)
            if outer == "bare" and not isinstance(value, list):
                return ()
            for index, item in enumerate(value):
                if not test(item):
                    return (index,)
    return ()
