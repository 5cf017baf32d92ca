"""`ModuleTree`: the modules that `named_modules()` of a model would give, stored folded.

A tree is a table of distinct nodes. Equal siblings of a module list (80 equal decoder layers, 256
equal experts) are one child with index ranges. Nothing here needs torch or transformers; a tree of
any size costs what differs in it.
"""

from __future__ import annotations

from math import prod

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

FORMAT = 2
"""Version of the stored form; a reader refuses any other."""

Ranges = tuple[tuple[int, int], ...]
"""Inclusive index ranges in rising order, without overlap: ((0, 2), (5, 5)) is 0, 1, 2, 5."""


class Parameter(NamedTuple):
    """One entry of a module's own `_parameters`. `dtype` is None where it is the tree's own
    dtype.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str | None = None

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)


class Child(NamedTuple):
    """A named child, or a folded run of equal children whose names are the integers of `ranges`."""

    name: str | None
    ranges: Ranges | None
    node: Node

    @property
    def indices(self) -> list[int]:
        """The integers of a folded child, rising; empty for a named one."""
        return [i for low, high in self.ranges or () for i in range(low, high + 1)]


class Node(NamedTuple):
    """One distinct module: class, own parameters, children.

    `kind` is the class that decides what PEFT does with the module, found through the MRO: Linear,
    Embedding, Conv1d, Conv2d, Conv3d, Conv1D (transformers.pytorch_utils), MultiheadAttention,
    ModuleList, ModuleDict, Sequential, ParameterList, ParameterDict, or None for every other class.
    `attributes` holds what the shapes alone do not tell (a Conv's groups and kernel_size and the
    error with which its class refuses PEFT's arguments, a MultiheadAttention's embed_dim, kdim and
    vdim, a Linear's in_features and out_features where its weight has another shape).
    """

    cls: str
    kind: str | None
    parameters: tuple[Parameter, ...]
    children: tuple[Child, ...]
    attributes: tuple[tuple[str, Any], ...] = ()

    @property
    def class_name(self) -> str:
        """The class without its module path."""
        return self.cls.rpartition(".")[2]

    def attribute(self, name: str, default: Any = None) -> Any:
        """Value of one recorded attribute."""
        return dict(self.attributes).get(name, default)

    def parameter(self, name: str) -> Parameter | None:
        """The own parameter of that name, or None."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        return None


class Module(NamedTuple):
    """One entry of the expanded `named_modules()`; the root's name is the empty string."""

    name: str
    node: Node


class ModuleTree(NamedTuple):
    """A model's modules with the few facts about the model that PEFT asks for."""

    root: Node
    """The model itself."""

    model_type: str | None = None
    """`model.config.model_type`."""

    cls: str | None = None
    """Name of the model class."""

    library: str = "transformers"
    """The library whose code built the model."""

    library_version: str | None = None
    """Version of that library; None for a tree that was not built."""

    dtype: str = "float32"
    """The dtype of most parameters."""

    input_embeddings: str | None = None
    """Full name of the module that `get_input_embeddings()` gives."""

    output_embeddings: str | None = None
    """Full name of the module that `get_output_embeddings()` gives."""

    tied_words: bool = False
    """The (text) config's `tie_word_embeddings`."""

    generates: bool = False
    """Whether the model has `prepare_inputs_for_generation`."""

    pretrained: bool = True
    """False for a plain nn.Module."""

    ties: tuple[tuple[str, str], ...] = ()
    """(parameter, first name) of parameters that are one object."""

    aliases: tuple[tuple[str, str], ...] = ()
    """(module, first name) of modules reached a second time, which `named_modules()` leaves out."""

    extra: tuple[tuple[str, Any], ...] = ()
    """Further facts by name, as the builder records them (`skeleton/model_facts.py`)."""

    partial: tuple[str, ...] = ()
    """What a tree from another source than the builder cannot know; empty for a built tree."""

    @property
    def transformers(self) -> str | None:
        """The version of transformers that built the tree; None for another library's."""
        return self.library_version if self.library == "transformers" else None

    @property
    def kind_name(self) -> str:
        """The class, with the model type where the library has such: `LlamaForCausalLM (llama)`."""
        return name_kind(self.cls, self.model_type)

    @property
    def built_by(self) -> str:
        """Library and version in words, as `transformers 5.23.0`."""
        return f"{self.library} {self.library_version}" if self.library_version else self.library

    def modules(self) -> Iterator[Module]:
        """Every module in `named_modules()` order, the root first under the empty name."""
        return _walk("", self.root)

    def find(self, name: str) -> Node | None:
        """The node of one full module name, or None."""
        node: Node | None = self.root
        for part in name.split(".") if name else ():
            node = _find_child(node, part) if node is not None else None
        return node


def name_kind(cls: str | None, model_type: str | None) -> str:
    """A model class in words, with its model type where it has one."""
    return f"{cls} ({model_type})" if model_type else str(cls)


def _walk(name: str, node: Node) -> Iterator[Module]:
    yield Module(name, node)
    prefix = f"{name}." if name else ""
    for part, child in iterate_children(node):
        yield from _walk(prefix + part, child)


def iterate_children(node: Node) -> Iterator[tuple[str, Node]]:
    """The direct children of `node`, unfolded, in their order of registration.

    Folded children stand in a container whose names are rising integers, so their order is the
    numeric one.
    """
    if any(child.ranges for child in node.children):
        pairs = [
            (i, c.node)
            for c in node.children
            for i in (c.indices if c.ranges else [int(c.name or 0)])
        ]
        yield from ((str(i), n) for i, n in sorted(pairs, key=lambda pair: pair[0]))
    else:
        yield from ((c.name or "", c.node) for c in node.children)


def list_parts(tree: ModuleTree) -> set[str]:
    """Every name that a module has in its parent, the numbers of lists left out."""
    parts, seen, nodes = set[str](), {id(tree.root)}, [tree.root]
    for node in nodes:  # grows while it is walked
        for child in node.children:
            if child.name is not None:
                parts.add(child.name)
            if id(child.node) not in seen:
                seen.add(id(child.node))
                nodes.append(child.node)
    return parts


def _find_child(node: Node, part: str) -> Node | None:
    for child in node.children:
        if child.name == part:
            return child.node
        if child.ranges and part.isdecimal() and str(int(part)) == part:
            number = int(part)
            if any(low <= number <= high for low, high in child.ranges):
                return child.node
    return None
