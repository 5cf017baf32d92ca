"""The models of ms-swift: the id on ModelScope beside that on the Hub, and the architecture.

Source: modelscope/ms-swift, swift/model/models/*.py: `Model(MODELSCOPE_ID, HUB_ID)` within
`ModelMeta(..., architectures=[...])`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "modelscope/ms-swift"
FILES = ("swift/model/models/*.py",)


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """The rows of one file; an id of ModelScope is a copy of the Hub's where they differ."""
    for meta in _calls(ast.parse(text), "ModelMeta"):
        named = [_literal(key.value) for key in meta.keywords if key.arg == "architectures"]
        classes = named[0] if named and isinstance(named[0], list) else []
        cls = classes[0] if len(classes) == 1 else None
        for model in _calls(meta, "Model"):
            ids = [_literal(argument) for argument in model.args[:2]]
            here, hub = (*ids, None, None)[:2]
            if isinstance(hub, str):
                yield ModelId(hub, None, cls, source)
            if isinstance(here, str) and here != hub:
                yield ModelId(here, hub if isinstance(hub, str) else None, cls, source)


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
            yield node


def _literal(node: ast.expr) -> object:
    try:
        value: object = ast.literal_eval(node)
    except ValueError:
        return None
    return value
