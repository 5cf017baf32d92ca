"""`torch.nn.X(...)` as it is written: the class, its arguments, and what a container holds."""

from __future__ import annotations

import ast

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .bindings import Scope
    from .folding import Folder

_PACKAGE = "torch.nn."
_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})

MAX_NESTING = 16
"""Containers inside of each other."""


class WrittenLayer(NamedTuple):
    """One layer, or a container of layers."""

    cls: str
    """The class in torch.nn."""

    arguments: tuple[tuple[int | str, Any], ...] = ()
    """Its arguments by position or keyword; Unknown for what the file does not tell."""

    children: tuple[tuple[str, WrittenLayer], ...] = ()
    """What a container holds, by name."""


def read_layer(node: ast.expr, scope: Scope, folder: Folder, depth: int = 0) -> WrittenLayer | None:
    """The layer that a call makes; None for anything else, and for a container whose contents or a
    layer whose arguments are not all written there.
    """
    name = folder.get_dotted_name(node.func, scope) if isinstance(node, ast.Call) else None
    if not isinstance(node, ast.Call) or name is None or not name.startswith(_PACKAGE):
        return None
    cls = name.removeprefix(_PACKAGE)
    starred = any(isinstance(one, ast.Starred) for one in node.args)
    if not cls[:1].isupper() or "." in cls or starred or depth > MAX_NESTING:
        return None
    if any(keyword.arg is None for keyword in node.keywords):
        return None
    if cls in _CONTAINERS:
        children = _list_children(cls, node)
        if children is None:
            return None
        layers = [(key, read_layer(one, scope, folder, depth + 1)) for key, one in children]
        known_layers = tuple((key, layer) for key, layer in layers if layer is not None)
        return WrittenLayer(cls, (), known_layers) if len(known_layers) == len(layers) else None
    return WrittenLayer(cls, tuple(_iterate_arguments(node, scope, folder)))


def _iterate_arguments(
    node: ast.Call, scope: Scope, folder: Folder
) -> Iterator[tuple[int | str, Any]]:
    for number, argument in enumerate(node.args):
        yield number, folder.fold(argument, scope).value
    for keyword in node.keywords:
        yield str(keyword.arg), folder.fold(keyword.value, scope).value


def _list_children(cls: str, node: ast.Call) -> list[tuple[str, ast.expr]] | None:
    """What a container is given, by name; None where that is not written out."""
    if node.keywords:
        return None
    if cls == "Sequential":
        return [(str(number), one) for number, one in enumerate(node.args)]
    contents = node.args[0] if len(node.args) == 1 else None
    if cls == "ModuleList" and isinstance(contents, (ast.List, ast.Tuple)):
        plain = not any(isinstance(one, ast.Starred) for one in contents.elts)
        return [(str(number), one) for number, one in enumerate(contents.elts)] if plain else None
    if cls == "ModuleDict" and isinstance(contents, ast.Dict):
        keys = [key.value for key in contents.keys if isinstance(key, ast.Constant)]
        names = [key for key in keys if isinstance(key, str)]
        plain = len(names) == len(contents.keys) == len(set(names))
        return list(zip(names, contents.values, strict=True)) if plain else None
    return None
