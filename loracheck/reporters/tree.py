"""A module tree as text and as JSON, for `loracheck tree`."""

from __future__ import annotations

import json

from loracheck.trees import quantization
from loracheck.trees.fold import encode
from loracheck.trees.groups import Splitter, group_modules
from loracheck.type_checking import TYPE_CHECKING

from .sinks import make_printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.trees.model import Child, ModuleTree, Node
    from loracheck.trees.sources.request import ResolvedTree

WRAPPABLE = frozenset(
    {"Linear", "Conv1D", "Embedding", "Conv1d", "Conv2d", "Conv3d", "MultiheadAttention"}
)
"""Kinds that PEFT 0.21.2 can wrap (`tuners/lora/model.py`, `_create_new_module`)."""


def render_folded(resolved: ResolvedTree) -> str:
    """The tree with equal siblings joined; `*` marks what LoRA can wrap."""
    tree = _get_tree(resolved)
    rows = list(_format_rows(tree.root, 0))
    width = min(max((len(name) for name, _ in rows), default=0), 60)
    lines = [f"{name:<{width}}  {right}".rstrip() for name, right in rows]
    return "\n".join(
        map(make_printable, [*_format_heading(resolved), *lines, "", "* LoRA can wrap it"])
    )


def _format_heading(resolved: ResolvedTree) -> list[str]:
    tree = _get_tree(resolved)
    size = _count_parameters(tree)
    method = quantization.find_quantization_method(tree)
    tied = ", input and output embeddings tied" if tree.tied_words else ""
    return [
        f"{tree.kind_name}, {tree.built_by}, {resolved.source}",
        f"{size:,} parameters{tied}",
        *([quantization.describe_method(method)] if method else []),
        "",
    ]


def _count_parameters(tree: ModuleTree) -> int:
    """Elements of all parameters, one that stands under several names counted once."""
    total = sum(p.size for p in tree.root.parameters)
    total += sum(
        g.count * p.size for g in group_modules(tree, Splitter()) for p in g.node.parameters
    )
    for name, _ in tree.ties:
        module, _, parameter_name = name.rpartition(".")
        node = tree.find(module)
        parameter = node.parameter(parameter_name) if node else None
        total -= parameter.size if parameter else 0
    return total


def _format_rows(node: Node, depth: int) -> Iterator[tuple[str, str]]:
    for child in node.children:
        mark = "*" if child.node.kind in WRAPPABLE else " "
        parameters = ", ".join(f"{p.name} {_format_shape(p.shape)}" for p in child.node.parameters)
        yield (
            f"{mark} {'  ' * depth}{format_child_label(child)}",
            f"{child.node.class_name}  {parameters}".rstrip(),
        )
        yield from _format_rows(child.node, depth + 1)


def format_child_label(child: Child) -> str:
    """A child's name; a folded run as `0-31` or `0-2,5`."""
    if child.ranges is None:
        return child.name or ""
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in child.ranges)


def _format_shape(shape: tuple[int, ...]) -> str:
    return "[" + ", ".join(map(str, shape)) + "]"


def render_expanded(resolved: ResolvedTree) -> str:
    """Every module on its own line, in `named_modules()` order."""
    lines = _format_heading(resolved)
    for name, node in _get_tree(resolved).modules():
        if name:
            parameters = ", ".join(f"{p.name} {_format_shape(p.shape)}" for p in node.parameters)
            lines.append(f"{name}  {node.class_name}  {parameters}".rstrip())
    return "\n".join(map(make_printable, lines))


def render_json(resolved: ResolvedTree, expand: bool) -> str:
    """The folded tree in its stored form, or with `expand` every module with its parameters'
    shapes.
    """
    tree = _get_tree(resolved)
    if not expand:
        return json.dumps({"source": resolved.source, **encode(tree)})
    modules: list[dict[str, Any]] = [
        {
            "name": name,
            "class": node.class_name,
            "parameters": {p.name: list(p.shape) for p in node.parameters},
        }
        for name, node in tree.modules()
        if name
    ]
    head = {
        "model_type": tree.model_type,
        "class": tree.cls,
        "transformers": tree.transformers,
        **(
            {}
            if tree.transformers
            else {"library": tree.library, "library_version": tree.library_version}
        ),
        "source": resolved.source,
    }
    return json.dumps({**head, "modules": modules})


def _get_tree(resolved: ResolvedTree) -> ModuleTree:
    if resolved.tree is None:
        raise ValueError("no tree to show")
    return resolved.tree
