"""Which models transformers' auto classes load: `AutoModelForCausalLM` and its like.

`data/auto-classes.json` is what transformers' `models/auto/modeling_auto.py` says in any of the
releases that it lists, an auto class a line. `python -m bench.auto_classes` writes it.
"""

from __future__ import annotations

import os
from functools import cache

import loracheck.quick_json as json
from loracheck.named_tuple import NamedTuple

from .model_ids import DamagedTableError

PATH = os.path.join(os.path.dirname(__file__), "data", "auto-classes.json")

PREFIX = "AutoModelFor"
"""What the names of all auto classes with a head begin with."""


class AutoClasses(NamedTuple):
    """The table."""

    releases: tuple[str, ...]
    """The releases of transformers that it was read in, the oldest first."""

    classes: dict[str, dict[str, list[str]]]
    """Auto class without PREFIX -> model type -> the classes that it makes of it."""


@cache
def load_auto_classes() -> AutoClasses:
    """The table. Raises DamagedTableError."""
    try:
        with open(PATH, encoding="utf-8") as file:
            data = json.load(file)
        return AutoClasses(tuple(data["releases"]), data["classes"])
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedTableError(PATH, "auto classes") from error


def makes_class(auto: str, architecture: str) -> bool:
    """Whether an auto class, without PREFIX, makes this class of some model type. Of the table its
    line alone is read, which is a fiftieth of it. Raises DamagedTableError.
    """
    try:
        with open(PATH, encoding="utf-8") as file:
            line = next((line for line in file if line.startswith(f'"{auto}":')), "")
        kinds = json.loads(f"{{{line.rstrip().rstrip(',')}}}").get(auto, {})
        return any(architecture in classes for classes in kinds.values())
    except (ValueError, AttributeError, TypeError) as error:
        raise DamagedTableError(PATH, "auto classes") from error


def find_model_types(architecture: str) -> frozenset[str]:
    """The model types of which some auto class makes this class; none for a class of a model's own
    code. Raises DamagedTableError.
    """
    return frozenset(
        kind
        for kinds in load_auto_classes().classes.values()
        for kind, classes in kinds.items()
        if architecture in classes
    )


def list_auto_classes(types: frozenset[str]) -> list[str]:
    """The auto classes, without PREFIX, that load one of the model types. Raises
    DamagedTableError.
    """
    return [
        auto for auto, kinds in load_auto_classes().classes.items() if not types.isdisjoint(kinds)
    ]
