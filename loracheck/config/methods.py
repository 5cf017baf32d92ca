"""PEFT's methods beside LoRA. Those that find their modules by `target_modules` share LoRA's
matching (PEFT 0.21.2 tuners/tuners_utils.py, `BaseTuner.inject_adapter`), so that their targets are
judged; the others (prompts, prefixes) are named and passed over.

`methods.json` is made from PEFT by `python -m bench.peft_methods`.
"""

from __future__ import annotations

import os
from functools import cache

import loracheck.quick_json as json
from loracheck.named_tuple import NamedTuple

PATH = os.path.join(os.path.dirname(__file__), "methods.json")

TARGET_FIELDS = (
    *("target_modules", "exclude_modules", "layers_to_transform", "layers_pattern"),
    *("modules_to_save", "task_type"),
)
"""Fields that choose modules, with the same meaning in every method that has them."""


class Method(NamedTuple):
    """One of PEFT's methods."""

    name: str
    """Its `peft_type`: "ADALORA"."""

    config: str
    """Its config class: "AdaLoraConfig"."""

    fields: tuple[str, ...]
    """Its fields of TARGET_FIELDS; empty where it finds its modules in another way."""


@cache
def load_methods() -> dict[str, Method]:
    """All of them by name."""
    with open(PATH, encoding="utf-8") as file:
        rows = json.load(file)
    return {name: Method(name, config, tuple(fields)) for name, (config, fields) in rows.items()}


def find_method(peft_type: object) -> Method | None:
    """The method that a `peft_type` names; None for LORA and what PEFT does not know."""
    return load_methods().get(peft_type.strip().upper()) if isinstance(peft_type, str) else None


def find_method_of_config(cls: str) -> Method | None:
    """The method of a config class of PEFT; None where it is LoraConfig or no such class."""
    return next((one for one in load_methods().values() if one.config == cls), None)
