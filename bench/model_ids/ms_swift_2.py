"""The models of ms-swift 2: the id on ModelScope beside that on the Hub, with the owners' names of
2024 (THUDM, which is zai-org now).

Source: ms-swift 2.6.1 (the wheel of PyPI), swift/llm/utils/model.py: `@register_model(TYPE,
MODELSCOPE_ID, ..., hf_model_id=HUB_ID)`. An entry with one revision of the ModelScope id is left
out: it is that revision alone which the Hub's id is beside.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "ms-swift 2.6.1"
FILES = ("swift/llm/utils/model.py",)

MODEL_PLACE = 1
"""Which argument of `register_model` the id on ModelScope is."""


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """The rows of the file; an id of ModelScope is a copy of the Hub's where they differ."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) != "register_model":
            continue
        keys = {key.arg: key.value for key in node.keywords}
        here, hub = node.args[MODEL_PLACE : MODEL_PLACE + 1], keys.get("hf_model_id")
        named = [one.value for one in (*here, hub) if isinstance(one, ast.Constant)]
        ids = [one for one in named if isinstance(one, str)]
        if len(ids) == 2 and "revision" not in keys:
            yield ModelId(ids[1], None, None, source)
            if ids[0] != ids[1]:
                yield ModelId(ids[0], ids[1], None, source)
