"""A target name that is one letter off a name that many models have.

## What
Where the model's modules are not known, an entry of `target_modules` that differs by one letter, by
two that changed places, or by case from a common module name, while other entries are such names.
With a model at hand LC202 judges.

## Why
PEFT is content as soon as one name matches, so the slip costs a kind of layer and nobody hears of
it. Seen in https://github.com/huggingface/peft/issues/1959, where the asker wants every unmatched
entry reported.

## Bad
```json
{"peft_type": "LORA", "r": 16, "lora_alpha": 32,
 "target_modules": ["q_proj", "k_porj", "v_proj", "oproj"]}
```

## Good
```json
{"peft_type": "LORA", "r": 16, "lora_alpha": 32,
 "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"]}
```

## Fix
Write the name that is meant, or name the model, and the entries are held against its modules.

## Source
The names: transformers 5.23.0 `models/*/modeling_*.py`; PEFT 0.21.2 `tuners/tuners_utils.py`
(`inject_adapter`: only a config without any match is an error), executed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.trees.roles import EITHER, IN_ATTENTION, IN_MLP

from . import slips
from .base import Case, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "LC241"
NAME = "target-name-nearly-known"
SEVERITY = "warning"
KNOWN = frozenset({*EITHER, *IN_ATTENTION, *IN_MLP, "in_proj_qkvz", "output_projection"})
SHORTEST = 5
"""Shorter names are near to too many others."""


def check(case: Case) -> Iterator[Hit]:
    """One hit for each entry that is a slip."""
    listed = case.setting.fields.get("target_modules")
    if case.tree is not None or not isinstance(listed, (list, tuple)):
        return
    entries = [entry for entry in listed if isinstance(entry, str)]
    leaves = {entry.rpartition(".")[2] for entry in entries}
    if not leaves & KNOWN:
        return
    for entry in entries:
        leaf = entry.rpartition(".")[2]
        near = sorted(name for name in KNOWN - leaves if slip(leaf, name))
        if near and leaf not in KNOWN and not slips.told(entry):
            yield Hit(
                f"`{leaf}` is no module's usual name, and close to `{near[0]}`",
                case.entry("target_modules", entry),
                help=f"did you mean `{near[0]}`?",
                field="target_modules",
                notes=("the model is not known, so that its modules cannot be asked",),
            )


def slip(name: str, meant: str) -> bool:
    """Whether `name` is `meant` with one letter more, less or other, two letters swapped, other
    case, or its `proj` written out. Digits tell modules apart (`linear1`, `linear2`), so they are
    never slips.
    """
    if name == meant or len(name) < SHORTEST or len(meant) < SHORTEST:
        return False
    if name.lower() == meant.lower():
        return True
    if meant.endswith("proj") and name.startswith(meant) and name[len(meant) :].isalpha():
        return True
    if abs(len(name) - len(meant)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(name, meant, strict=False)) if a != b), None)
    at = min(len(name), len(meant)) if start is None else start
    one, other = name[at:], meant[at:]
    if any(c.isdigit() for c in one[:1] + other[:1]):
        return False
    # A letter that stands alone is a name of its own: `g_proj` is not meant to be `q_proj`.
    alone = (at == 0 or meant[at - 1] == "_") and other[1:2] == "_"
    swapped = one[:2] == other[1::-1] and one[2:] == other[2:]
    return (one[1:] == other[1:] and not alone) or one[1:] == other or one == other[1:] or swapped
