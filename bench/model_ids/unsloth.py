"""Unsloth's own uploads, and the checkpoints that they are copies or quantised copies of.

Source: unslothai/unsloth, unsloth/models/mapper.py, the dictionary __INT_TO_FLOAT_MAPPER: the 4-bit
id, then the ids of 16-bit checkpoints, for which Unsloth loads it. Where the entry is a dictionary
itself, "16" holds those; "8" names FP8 checkpoints and is left out.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "unslothai/unsloth"
FILES = ("unsloth/models/mapper.py",)

CONVERTED = ("microsoft/",)
"""Owners whose checkpoints Unsloth has rewritten to another architecture: Phi-3 and Phi-4 are
MistralForCausalLM and LlamaForCausalLM there (model_type of unsloth/Phi-3-medium-4k-instruct and
unsloth/phi-4). They are no copies.
"""


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """The rows of the mapper's text; Unsloth's ids are copies of the entry's only other one."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__INT_TO_FLOAT_MAPPER":
            for key, value in ast.literal_eval(node.value).items():
                yield from _entry(key, value["16"] if isinstance(value, dict) else value, source)


def _entry(key: str, values: tuple[str, ...], source: str) -> Iterator[ModelId]:
    ids = dict.fromkeys((key, *(value for value in values if value)))
    originals = [name for name in ids if not name.startswith("unsloth/")]
    copied = originals[0] if len(originals) == 1 else None
    if copied is not None and copied.startswith(CONVERTED):
        copied = None
    for name in ids:
        yield ModelId(name, copied if name not in originals else None, None, source)
