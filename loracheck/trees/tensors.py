"""A partial tree from the names of a checkpoint's tensors, for a model that cannot be built.

The index of a checkpoint in several files gives names, the headers of `*.safetensors` files names
and shapes. A pickled checkpoint is not opened, but its index is plain JSON.
Tensor names are not the module tree: classes, modules without parameters, ties and names that
transformers rewrites on loading cannot be told from them. The tree says so in `partial`, and only
rules that compare names use it.
"""

from __future__ import annotations

import json
from pathlib import Path

from loracheck.documents.dependencies import list_names
from loracheck.documents.json_file import MAX_DEPTH, MAX_INDEX, load_json
from loracheck.type_checking import TYPE_CHECKING

from . import safetensors
from .fold import MAX_PATH, decode
from .model import FORMAT, ModuleTree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
PARTIAL = ("classes", "modules without parameters", "ties")
EMBEDDINGS = ("embed", "wte", "wpe")
NORMS = ("norm", "ln_", "layernorm", "rmsnorm")

Shapes = dict[str, "list[int] | None"]


def build_tensor_tree(folder: str, model_type: str | None, cls: str | None) -> ModuleTree | None:
    """The partial tree of a local checkpoint, or None without readable tensor names."""
    shapes: Shapes = {}
    try:
        names = list_names(folder, "*.safetensors")
    except OSError:
        names = []
    for path in (Path(folder) / name for name in names):
        shapes.update(read_shapes(path))
    for name in INDEXES:
        shapes = shapes or read_index(Path(folder) / name)
    return nest_names(shapes, model_type, cls) if shapes else None


def read_index(path: Path) -> Shapes:
    """Tensor names of an index file; empty where it is no such file."""
    try:
        data: Any = load_json(str(path), MAX_INDEX, anywhere=True)
    except (OSError, ValueError):
        return {}
    names = data.get("weight_map") if isinstance(data, dict) else None
    return {str(name): None for name in names} if isinstance(names, dict) else {}


def read_shapes(path: Path) -> Shapes:
    """Tensor names and shapes of one safetensors file, from its header alone; empty if damaged."""
    try:
        tensors = safetensors.read_header(str(path), whole=False, anywhere=True)
    except (OSError, safetensors.HeaderError):
        return {}
    return {name: list(tensor.shape) for name, tensor in tensors.items()}


def nest_names(
    shapes: Mapping[str, list[int] | None], model_type: str | None, cls: str | None
) -> ModuleTree:
    """Nest the names; a module is assumed linear where it has a weight that looks like a matrix."""
    top: dict[str, Any] = {}
    for name, shape in shapes.items():
        *parents, leaf = name.split(".")
        if not all(parents) or not leaf:  # no module has an empty name
            continue
        if len(parents) > MAX_DEPTH or len(name) > MAX_PATH:
            continue
        node = top
        for part in parents:
            node = node.setdefault(part, {})
        node.setdefault("", {})[leaf] = shape
    rows: list[Any] = []
    root = _add_row("", top, rows, {})
    data = {
        "format": FORMAT,
        "model_type": model_type,
        "cls": cls,
        "partial": list(PARTIAL),
        "classes": [["unknown", None], ["unknown", "Linear"], ["unknown", "Embedding"]],
        "nodes": rows,
        "root": root,
    }
    return decode(data)


def _add_row(name: str, node: dict[str, Any], rows: list[Any], seen: dict[str, int]) -> int:
    node_row = node.get("", {})
    parameters = [[k, shape if shape is not None else []] for k, shape in node_row.items()]
    names = [k for k in node if k]
    if names and all(k.isdecimal() for k in names):
        names.sort(key=int)
    kids = [[k, _add_row(k, node[k], rows, seen)] for k in names]
    row = [_guess_class(name, node_row), parameters, kids]
    text = json.dumps(row)
    if text not in seen:
        seen[text] = len(rows)
        rows.append(row)
    return seen[text]


def _guess_class(name: str, parameters: Mapping[str, list[int] | None]) -> int:
    """Index of the assumed class: matrices are linear unless the name says embedding or norm."""
    weights = [parameters[k] for k in ("weight", "qweight", "weight_packed") if k in parameters]
    matrix = any(shape is None or len(shape) == 2 for shape in weights)
    low = name.lower()
    if not matrix or any(mark in low for mark in NORMS):
        return 0
    return 2 if any(mark in low for mark in EMBEDDINGS) else 1
