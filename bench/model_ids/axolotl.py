"""The models of axolotl's examples that name the class to load them with.

Source: axolotl-ai-cloud/axolotl, examples/: `base_model` beside a `model_type` that is a class and
no auto class (`AutoModelForCausalLM` tells no architecture).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "axolotl-ai-cloud/axolotl"
FILES = ("examples/*.y*ml", "examples/*/*.y*ml", "examples/*/*/*.y*ml")

_MODEL = re.compile(r"^base_model: *([\w.-]+/[\w.-]+) *$", re.MULTILINE)
_CLASS = re.compile(r"^model_type: *((?!Auto)\w+For\w+) *$", re.MULTILINE)


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """The row of one example."""
    model, cls = _MODEL.search(text), _CLASS.search(text)
    if model and cls:
        yield ModelId(model[1], None, cls[1], source)
