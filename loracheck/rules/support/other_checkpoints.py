"""Whether two names of base models are those of two checkpoints. In come the names as files write
them, out comes whether their weights are certainly others.
"""

from __future__ import annotations

import re

from loracheck.trees.model_ids import find_id

_STORED = re.compile(
    r"[-_.](?:(?:unsloth[-_])?bnb[-_][48]bit|[2-8]bit|gptq|awq|fp8|int[48]|w\d+a\d+|gguf|mlx|bf16"
    r"|fp16|hf)(?:[-_.].*)?$"
)
"""Ends of a name that tell how the weights are stored, not which they are."""


def are_other_checkpoints(first: object, second: object) -> bool:
    """Whether two texts are ids of two published checkpoints, of which neither is a copy of the
    other, in other numbers of bits perhaps; False where one of them is not known.
    """
    names = [_find_name(one) for one in (first, second)]
    return None not in names and names[0] != names[1]


def _find_name(model: object) -> str | None:
    """The name of the checkpoint behind an id: without its owner, and without how it is stored.
    None for a folder, and for an id that no registry lists.
    """
    row = find_id(model) if isinstance(model, str) else None
    if row is None:
        return None
    name = (row.copy_of or row.id).rpartition("/")[2].lower()
    return re.sub(r"[-_.]", "", _STORED.sub("", name)).removeprefix("meta")
