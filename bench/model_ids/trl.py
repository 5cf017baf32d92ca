"""The tiny models that TRL tests with: their class, as the scripts that made them say.

Source: huggingface/trl, scripts/generate_tiny_models/: `model = CLASS(config)`, and
`push_to_hub(model, tokenizer, generation_config, PREFIX, SUFFIX)`, which names the repository
PREFIX-CLASS-SUFFIX of trl-internal-testing (`_common.py`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "huggingface/trl"
FILES = ("scripts/generate_tiny_models/for_*/*.py",)

_CLASS = re.compile(r"^model = (\w+For\w+|\w+LMHeadModel|\w+Model)\(", re.MULTILINE)
_PUSH = re.compile(r'^push_to_hub\(model, \w+, \w+, "([\w-]+)"(?:, "([\w.-]+)")?\)$', re.MULTILINE)


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """The row of one script, where it makes one model."""
    classes, pushes = set(_CLASS.findall(text)), _PUSH.findall(text)
    if len(classes) == 1 and len(pushes) == 1:
        cls = classes.pop()
        prefix, suffix = pushes[0]
        name = f"{prefix}-{cls}" + (f"-{suffix}" if suffix else "")
        yield ModelId(f"trl-internal-testing/{name}", None, cls, source)
