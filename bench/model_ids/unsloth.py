"""Unsloth's own uploads, and the checkpoints that they are copies or quantised copies of.

Source: unslothai/unsloth, unsloth/models/mapper.py, the dictionary __INT_TO_FLOAT_MAPPER: the 4-bit
id, then the ids of 16-bit checkpoints, for which Unsloth loads it. Where the entry is a dictionary
itself, "16" holds those; "8" names FP8 checkpoints and is left out.
And the dictionaries of FAMILIES, with the ids of one family a row: an id of Unsloth is a copy of
the row's id that ends in the same name, quantised or not, and where there is none nothing is said.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REPOSITORY = "unslothai/unsloth"
FILES = (
    "unsloth/models/mapper.py",
    "unsloth/ollama_template_mappers.py",
    "studio/backend/utils/models/model_config.py",
    "studio/backend/utils/datasets/model_mappings.py",
)

FAMILIES = frozenset(
    {"MODEL_NAME_MAPPING", "TEMPLATE_TO_MODEL_MAPPER", "OLLAMA_TEMPLATE_TO_MODEL_MAPPER"}
)
"""Dictionaries whose values are the ids of one family."""

_QUANTISED = re.compile(r"(-unsloth)?-bnb-4bit$|-BF16$|-FP8$", re.IGNORECASE)

CONVERTED = ("microsoft/",)
"""Owners whose checkpoints Unsloth has rewritten to another architecture: Phi-3 and Phi-4 are
MistralForCausalLM and LlamaForCausalLM there (model_type of unsloth/Phi-3-medium-4k-instruct and
unsloth/phi-4). They are no copies.
"""


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """The rows of the mapper's text; Unsloth's ids are copies of the entry's only other one."""
    for node in ast.walk(ast.parse(text)):
        name = ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) else ""
        if isinstance(node, ast.Assign) and name == "__INT_TO_FLOAT_MAPPER":
            for key, value in ast.literal_eval(node.value).items():
                yield from _entry(key, value["16"] if isinstance(value, dict) else value, source)
        elif isinstance(node, ast.Assign) and name in FAMILIES:
            for ids in ast.literal_eval(node.value).values():
                yield from _family(ids, source)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "_add_with_lower":
            ids = [str(one.value) for one in node.args if isinstance(one, ast.Constant)]
            yield from _family(ids, source)


def _entry(key: str, values: tuple[str, ...], source: str) -> Iterator[ModelId]:
    ids = dict.fromkeys((key, *(value for value in values if value)))
    originals = [name for name in ids if not name.startswith("unsloth/")]
    copied = originals[0] if len(originals) == 1 else None
    if copied is not None and copied.startswith(CONVERTED):
        copied = None
    for name in ids:
        yield ModelId(name, copied if name not in originals else None, None, source)


def _family(ids: Iterable[str], source: str) -> Iterator[ModelId]:
    ids = list(dict.fromkeys(ids))
    others = (name for name in ids if not name.startswith("unsloth/"))
    originals = {name.partition("/")[2].lower(): name for name in others}
    for name in ids:
        copied = originals.get(_last_part(name)) if name.startswith("unsloth/") else None
        gguf = name.upper().endswith("-GGUF")
        if not gguf and (copied is None or not copied.startswith(CONVERTED)):
            yield ModelId(name, copied, None, source)


def _last_part(name: str) -> str:
    return _QUANTISED.sub("", name.partition("/")[2]).lower()
