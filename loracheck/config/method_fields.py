"""The fields of PEFT's methods beside LoRA, and what PEFT does with values that are none for them.

`method_fields.json` is made by `python -m bench.peft_methods`, which asks PEFT itself: it builds
each config with a text for a number, with 0 and with -1, and wraps a small model with it.
"""

from __future__ import annotations

import json
import os
from functools import cache

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

PATH = os.path.join(os.path.dirname(__file__), "method_fields.json")


class MethodField(NamedTuple):
    """One field of a method's config."""

    default: Any
    """Its default; None also where it has none that is a plain value."""

    number: str | None
    """"whole number" or "number" where it is one, else None."""

    text: str | None
    """What a text leads to where a number stands: "raises" (the config itself), "fails" (wrapping a
    model), or None where PEFT takes it.
    """

    zero: str | None
    """The same for 0 and below; None where one of them is taken."""

    choices: list[str]
    """The texts that it may be, where PEFT refuses others; "*_only" for whatever ends so."""

    other: str | None
    """What another text leads to."""


@cache
def load_fields(method: str) -> Mapping[str, MethodField]:
    """The fields of a method by name; empty for a method that has no targets."""
    rows = _load().get(method, {})
    return {name: MethodField(*row) for name, row in rows.items()}


@cache
def _load() -> dict[str, dict[str, list[Any]]]:
    with open(PATH, encoding="utf-8") as file:
        fields: dict[str, dict[str, list[Any]]] = json.load(file)
    return fields
