"""Bounds on what a config.json may ask for, checked before a process is started for it.

Widths cost nothing on the shape-only stand-in; what costs time and memory is how many modules there
are, and lists as long as a number says. The bounds lie far above every model there is: about 130
layers, 900 experts (16,384 rows of an embedding in Doge), 22,000 labels, a million tokens.
"""

from __future__ import annotations

import re

from loracheck.type_checking import TYPE_CHECKING

from .build_error import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

DEEPEST = 32
LONGEST = 100_000
"""Entries of one list or part; `quantization_config` of a real checkpoint names 23,000 layers."""
_BOUNDS = (
    (re.compile(r"vocab(ulary)?_size$"), 100_000_000, "tokens"),
    (re.compile(r"(^|_)n(um)?_(labels|classes)$"), 100_000, "labels"),
    (re.compile(r"(?<!per_)experts?$"), 20_000, "experts"),
    (
        re.compile(
            r"(?<!per_)layers?$|(^|_)(blocks?|depths?|stages?|stacks?|levels?|repeats?|groups|heads|codebooks"
            r"|quantizers|adapters|convs|convolutions|iterations|steps_per_stage)$"
        ),
        2_000,
        "of anything that is built one by one",
    ),
)
_DEPTH = re.compile(
    r"^n(um)?_(\w+_)?(?<!per_)layers?$|(^|_)(depths?|(encoder|decoder|backbone|predictor)_(layers?|blocks?))$"
)
"""What counts layers one behind the other. Lists of the numbers of certain layers have other names
(`cross_attention_layers`, `kda_layers`).
"""
DEEPEST_MODEL = 1_000
"""Layers of all parts of a model together. The deepest published ones have some 130 in one part,
merges of them some 320, and some 200 in all parts.
"""


def check_bounds(config: Mapping[str, Any], num_labels: int | None = None) -> None:
    """Raise BuildError (`too-large`) for a number out of all bounds, for more than 1,000 layers in
    all parts together, for a config that is nested deeper than 32 levels or has a list of over
    100,000 entries.
    """
    layers = 0
    for name, value in (*_iterate_values(config), ("num_labels", num_labels)):
        if type(value) is not int:
            continue
        layers += max(value, 0) if _DEPTH.search(name) else 0
        for pattern, most, what in _BOUNDS:
            if value > most and pattern.search(name):
                number = str(value) if value < 10**30 else "an enormous number"
                raise BuildError(
                    "too-large",
                    f"config.json says {name} {number}, and no model has more than {most:,} {what}",
                )
    if layers > DEEPEST_MODEL:
        raise BuildError(
            "too-large",
            f"config.json counts {layers:,} layers in all its parts, and no model has more than "
            f"{DEEPEST_MODEL:,}",
        )


def _iterate_values(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every value with its name; those of a list have the list's. No recursion: a stranger says how
    deep it goes.
    """
    stack: list[tuple[str, Any, int]] = [("", config, 0)]
    while stack:
        name, value, depth = stack.pop()
        if not isinstance(value, (dict, list)):
            yield name, value
            continue
        if depth > DEEPEST:
            raise BuildError("too-large", f"config.json is nested deeper than {DEEPEST} levels")
        if len(value) > LONGEST:
            raise BuildError("too-large", f"{name or 'config.json'} has {len(value)} entries")
        inner = value.items() if isinstance(value, dict) else ((name, each) for each in value)
        stack.extend((str(key), each, depth + 1) for key, each in inner)
