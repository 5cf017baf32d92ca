"""The models of LLaMA-Factory: the id on the Hub beside those on ModelScope and Modelers.

Source: hiyouga/LLaMA-Factory, src/llamafactory/extras/constants.py: the dictionaries of
`register_model_group(models=...)`, whose keys are members of DownloadSource.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "hiyouga/LLaMA-Factory"
FILES = ("src/llamafactory/extras/constants.py",)


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """The rows of the file; an id of another site is a copy of the Hub's where they differ."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Dict):
            continue
        ids = {
            ast.unparse(key).removeprefix("DownloadSource."): str(value.value)
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Attribute) and isinstance(value, ast.Constant)
        }
        hub = ids.get("DEFAULT")
        for name in dict.fromkeys(ids.values()):
            yield ModelId(name, hub if name != hub else None, None, source)
