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
        arch = next(
            (ast.unparse(key.value) for key in meta.keywords if key.arg == "model_arch"), ""
        )
        alike = {_spelling(one, arch) for one in classes}
        cls = classes[0] if len(alike) == 1 else None
        for model in _calls(meta, "Model"):
            ids = [_literal(argument) for argument in model.args[:2]]
            here, hub = (*ids, None, None)[:2]
            if isinstance(hub, str):
                yield ModelId(hub, None, cls, source)
            if isinstance(here, str) and here != hub:
                yield ModelId(here, hub if isinstance(hub, str) else None, cls, source)


def _spelling(cls: str, arch: str) -> str:
    """The class, alike for two spellings of one (BaichuanForCausalLM, BaiChuanForCausalLM) and for
    ChatGLM's, whose checkpoints name the model or the class with the head, and hold the same
    modules (modeling_chatglm.py, `ChatGLMForConditionalGeneration.transformer`). GLM-4V and
    CogAgent bear the same classes, and have vision modules besides.
    """
    small = cls.lower()
    if arch == "ModelArch.chatglm" and small == "chatglmmodel":
        return "chatglmforconditionalgeneration"
    return small


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
