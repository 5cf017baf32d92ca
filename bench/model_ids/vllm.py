"""The models of vLLM: architectures and the ids that it is tested with and documented for.

Source: vllm-project/vllm 0.33.0, tests/models/registry.py (`"CLASS": _HfExamplesInfo(ID, extras)`)
and docs/models/supported_models.md (a row for each class). An id whose code comes with the
checkpoint (`trust_remote_code=True`), and every id of such a class, is left out: its modules are
those of that code.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "vllm-project/vllm"
FILES = ("tests/models/registry.py", "docs/models/supported_models.md")

_ROW = re.compile(r"^\|\s*`(\w+)`[\s\w^<>/]*\|(.*)$", re.MULTILINE)
"""A row of one class: of several, nothing says whose an id is."""
_ID = re.compile(r"`([\w.-]+/[\w.-]+)`")
_UNLIKE = re.compile(r"gguf|mlx|tiny-random|hmellor", re.IGNORECASE)

_own_code: set[str] = set()
"""Classes with an entry whose code comes with the checkpoint, as the first file is read."""


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """The rows of one of the files."""
    if source.endswith(".md"):
        for row in _ROW.finditer(text):
            for name in _ID.findall(row[2]) if row[1] not in _own_code else ():
                yield ModelId(name, None, row[1], source)
        return
    for cls, entry in _entries(ast.parse(text)):
        if any(key.arg == "trust_remote_code" for key in entry.keywords):
            _own_code.add(cls)
            continue
        texts = [str(node.value) for node in ast.walk(entry) if isinstance(node, ast.Constant)]
        for name in texts:
            if re.fullmatch(r"[\w.-]+/[\w.-]+", name) and not _UNLIKE.search(name):
                yield ModelId(name, None, cls, source)


def _entries(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                call = value if isinstance(value, ast.Call) else None
                if isinstance(key, ast.Constant) and call is not None and _describes(call):
                    yield str(key.value), call


def _describes(call: ast.Call) -> bool:
    return ast.unparse(call.func) == "_HfExamplesInfo"
