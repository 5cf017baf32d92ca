"""llama.cpp: the layers that it has names for, from the package gguf, which it shares with its
converter; with a clone of the repository also the models that can be converted.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from .reading import parse, read_value, strings

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "gguf"
FOLDERS = ("gguf/constants.py", "gguf/tensor_mapping.py")


def extract(folder: Path) -> dict[str, Any]:
    """The facts of one release of gguf, or of a clone (`gguf-py/gguf`, `conversion`)."""
    root = folder / "gguf-py" / "gguf" if (folder / "gguf-py").is_dir() else folder / "gguf"
    mapping, models = parse(root / "tensor_mapping.py"), parse(folder / "conversion/__init__.py")
    found: dict[str, Any] = {"leaves": sorted(_leaves(mapping))}
    if models is not None:
        found["models"] = sorted(_assigned(models, "TEXT_MODEL_MAP"))
    return found


def _leaves(mapping: ast.Module | None) -> set[str]:
    """Last parts of the names that a block's tensors may have."""
    for node in ast.walk(mapping) if mapping is not None else ():
        target = getattr(node, "target", None)
        if target is not None and ast.unparse(target) == "block_mappings_cfg":
            names = strings(getattr(node, "value", None))
            return {name.rpartition(".")[2] for name in names if "{bid}." in name}
    return set()


def _assigned(module: ast.Module, name: str) -> dict[str, Any]:
    for line in module.body:
        if isinstance(line, ast.AnnAssign) and ast.unparse(line.target) == name:
            return dict(read_value(line.value) or {})
    return {}
