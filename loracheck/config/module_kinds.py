"""Which kinds of modules each of PEFT's methods refuses, in PEFT's own words.

`module_kinds.json` is made from PEFT by `python -m bench.peft_module_kinds`.
"""

from __future__ import annotations

import os
from functools import cache

import loracheck.quick_json as json
from loracheck.named_tuple import NamedTuple

PATH = os.path.join(os.path.dirname(__file__), "module_kinds.json")

OTHER = "other"
"""The kind of a module whose class has none in the tree: norms, dropouts, whole blocks."""


FORWARD = " forward"
"""Behind the kind of a quantised layer: the method wraps it, and the first forward pass fails."""


class Refusal(NamedTuple):
    """What PEFT raises for a module."""

    exception: str
    """Its class: "ValueError"."""

    text: str
    """Its words; `{}` stands for the module."""


@cache
def _load_table() -> dict[str, dict[str, Refusal]]:
    with open(PATH, encoding="utf-8") as file:
        table: dict[str, list[tuple[str, str, list[str]]]] = json.load(file)
    return {
        method: {
            kind: Refusal(exception, text) for exception, text, kinds in rows for kind in kinds
        }
        for method, rows in table.items()
    }


def find_quantized_refusal(method: str, quantization: str) -> tuple[Refusal, bool] | None:
    """What fails for the method on layers that bitsandbytes has quantised ("bitsandbytes-4bit" or
    "bitsandbytes-8bit"), and whether only the forward pass does; None where nothing does, or where
    it was not tried.
    """
    refusals = _load_table().get(method, {})
    if quantization in refusals:
        return refusals[quantization], False
    late = refusals.get(quantization + FORWARD)
    return (late, True) if late is not None else None


def find_refusal(method: str, kind: str | None) -> Refusal | None:
    """What the method raises for a module of a kind (`Node.kind`); None where it takes it."""
    return _load_table().get(method, {}).get(kind or OTHER)
