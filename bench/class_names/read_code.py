"""The modules of a model from its code, which is read and never run: for classes whose code comes
with the checkpoint, and which transformers does not have.

Every `self.NAME = ...` of a class counts, whatever branch it stands in, so that the tree has every
module that one of its configs may make.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from bench.class_names.join import MOST, join_nodes
from loracheck.trees.model import Child, Node, Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

KINDS = ("Linear", "Embedding", "Conv1d", "Conv2d", "Conv3d", "MultiheadAttention")
"""Classes of torch that PEFT wraps, and others whose kind a tree tells."""
PLAIN = frozenset(
    {"Dropout", "LayerNorm", "RMSNorm", "Identity", "GELU", "SiLU", "ReLU", "Tanh"}
) | {
    *("BatchNorm2d", "GroupNorm", "LayerNorm2d", "AvgPool1d", "AvgPool2d", "PixelUnshuffle"),
    *("ConvTranspose2d", "Softmax", "Flatten", "Unfold", "Upsample", "DropPath", "QuickGELU"),
    *("NewGELUActivation", "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "Softplus", "Sigmoid"),
}
"""Further classes without a kind and without modules within."""
FACTORIES = frozenset({"from_pretrained", "from_config", "_from_config"})
"""Methods that make an object of the class that they are called on."""
NO_MODULE = frozenset({"Parameter", "Tensor", "FloatTensor", "LongTensor", "CrossEntropyLoss"}) | {
    *("Compose", "Queue", "Thread", "Optional", "StreamerPlaceholder", "CacheItem"),
}
"""Classes whose objects are no modules."""
NO_ENDS = ("Config", "Processor", "Tokenizer")
"""Ends of names of further ones."""


class UnknownClassError(Exception):
    """The code makes an object of a class that is neither here nor given."""


class CodeReader:
    """Files of one model's code."""

    def __init__(self, texts: Iterable[str], given: Mapping[str, Node] | None = None) -> None:
        """`given` are the nodes of classes that the code imports."""
        self._given = dict(given or {})
        self._classes: dict[str, ast.ClassDef] = {}
        self._functions: dict[str, ast.FunctionDef] = {}
        self._tables: dict[str, ast.Dict] = {}
        self._open: set[str] = set()
        for node in (node for text in texts for node in ast.walk(ast.parse(text))):
            if isinstance(node, ast.ClassDef):
                self._classes[node.name] = node
            elif isinstance(node, ast.FunctionDef):
                self._functions[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
                self._tables[ast.unparse(node.targets[0])] = node.value

    def has_class(self, name: str) -> bool:
        """Whether the code has a class of that name."""
        return name in self._classes

    def read_class(self, name: str) -> Node:
        """The tree of a class. Raises UnknownClassError."""
        if name in self._given:
            return self._given[name]
        if name not in self._classes:
            raise UnknownClassError(name)
        kind = self._kind(name)
        parameters = (Parameter("weight", ()),) if kind else ()
        if name in self._open:
            raise UnknownClassError(f"{name} within itself")
        self._open.add(name)
        node = Node(name, kind, parameters, tuple(self._children(self._classes[name])))
        self._open.remove(name)
        return node

    def _kind(self, name: str) -> str | None:
        """The class of torch that a class is derived from, of those whose kind a tree tells."""
        bases = [ast.unparse(base) for base in self._classes[name].bases]
        for base in bases:
            last = base.rpartition(".")[2]
            if last in KINDS and base != name:
                return last
            if last in self._classes and last != name:
                return self._kind(last)
        return None

    def _children(self, cls: ast.ClassDef) -> Iterator[Child]:
        found: dict[str, list[Node]] = {}
        for base in (ast.unparse(base).rpartition(".")[2] for base in cls.bases):
            if base in self._given or (base in self._classes and base != cls.name):
                for child in self.read_class(base).children:
                    found.setdefault(str(child.name), []).append(child.node)
        for method in (one for one in cls.body if isinstance(one, ast.FunctionDef)):
            names = _local_values(method)
            for attribute, value in _assignments(method):
                for node in self._nodes(value, names):
                    found.setdefault(attribute, []).append(node)
        yield from (Child(name, None, join_nodes(nodes)) for name, nodes in found.items())

    def _nodes(self, value: ast.expr, names: dict[str, list[ast.expr]]) -> Iterator[Node]:
        """The modules that an expression may give; none where it gives another value."""
        if isinstance(value, ast.IfExp):
            yield from (*self._nodes(value.body, names), *self._nodes(value.orelse, names))
        elif isinstance(value, ast.Name):
            for other in names.get(value.id, ()):
                yield from self._nodes(other, {**names, value.id: []})
        elif isinstance(value, ast.Call):
            yield from self._made(value, names)

    def _made(self, call: ast.Call, names: dict[str, list[ast.expr]]) -> Iterator[Node]:
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr in FACTORIES:
            yield from self._of_class(ast.unparse(function.value), call, names)
            return
        if isinstance(function, ast.Name) and function.id in names:
            choices = [one for other in names[function.id] for one in _choices(other)]
            for one in choices:
                yield from self._of_class(ast.unparse(one).rpartition(".")[2], call, names)
            if not choices:
                yield Node(function.id, None, (), ())
            return
        if isinstance(function, ast.Subscript):
            table = self._tables.get(ast.unparse(function.value))
            for one in table.values if table else ():
                yield from self._of_class(ast.unparse(one).rpartition(".")[2], call, names)
            return
        yield from self._of_class(ast.unparse(function).rpartition(".")[2], call, names)

    def _of_class(
        self, name: str, call: ast.Call, names: dict[str, list[ast.expr]]
    ) -> Iterator[Node]:
        first = ast.unparse(call.args[0]).rpartition(".")[2] if call.args else ""
        if name in ("ModuleList", "Sequential", "ModuleDict"):
            yield self._container(name, call, names)
        elif name in KINDS and ast.unparse(call.func) != name:
            yield _leaf(name)
        elif name in self._given or name in self._classes:
            yield self.read_class(name)
        elif name in KINDS:
            yield _leaf(name)
        elif name in PLAIN:
            yield Node(name, None, (), ())
        elif name in ("skip_init", "init_method", "default_init"):
            yield from self._of_class(first, ast.Call(call.args[0], call.args[1:], []), names)
        elif name in self._functions and isinstance(call.func, ast.Name):
            yield from self._returned(self._functions[name], names)
        elif name[:1].isupper() and name not in NO_MODULE and not name.endswith(NO_ENDS):
            raise UnknownClassError(ast.unparse(call)[:80])
        elif isinstance(call.func, ast.Name) and not hasattr(builtins, name):
            yield Node(name, None, (), ())  # made by an argument of the method: `norm_layer(width)`

    def _returned(
        self, function: ast.FunctionDef, names: dict[str, list[ast.expr]]
    ) -> Iterator[Node]:
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
                yield from self._nodes(node.value, names | _local_values(function))

    def _container(self, name: str, call: ast.Call, names: dict[str, list[ast.expr]]) -> Node:
        children: dict[str, list[Node]] = {}
        for key, value in _named(call):
            children.setdefault(key, []).extend(self._nodes(value, names))
        numbered = [node for value in _listed(call, names) for node in self._nodes(value, names)]
        found = [Child(key, None, join_nodes(nodes)) for key, nodes in children.items() if nodes]
        if numbered:
            found.append(Child(None, ((0, MOST[0]),), join_nodes(numbered)))
        return Node(name, name, (), tuple(found))


def _leaf(name: str) -> Node:
    weight = (Parameter("weight", ()),)
    if name == "MultiheadAttention":
        out = Child("out_proj", None, Node("Linear", "Linear", weight, ()))
        return Node(name, name, (Parameter("in_proj_weight", ()),), (out,))
    return Node(name, name, weight, ())


def _choices(value: ast.expr) -> Iterator[ast.expr]:
    """The classes that a local name may stand for."""
    if isinstance(value, ast.IfExp):
        yield from (*_choices(value.body), *_choices(value.orelse))
    elif isinstance(value, (ast.Name, ast.Attribute)):
        yield value


def _assignments(method: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    """What `self.X = VALUE`, `self.X.append(VALUE)` and `self.add_module(X, VALUE)` say."""
    for node in ast.walk(method):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
                    yield target.attr, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute):
            if node.value is not None:
                yield node.target.attr, node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if ast.unparse(node.func) == "self.add_module" and len(node.args) == 2:
                yield str(ast.literal_eval(node.args[0])), node.args[1]
            elif node.func.attr == "append" and ast.unparse(node.func.value).startswith("self."):
                made = ast.List([node.args[0]], ast.Load())
                holder = ast.Call(ast.Name("ModuleList", ast.Load()), [made], [])
                yield ast.unparse(node.func.value).removeprefix("self."), holder


def _local_values(method: ast.FunctionDef) -> dict[str, list[ast.expr]]:
    """The values that local names are given, or that are appended to them."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(method):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "append"
            and isinstance(node.func.value, ast.Name)
        ):
            found.setdefault(node.func.value.id, []).extend(node.args)
    return found


def _named(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """The children of a container by name: `ModuleDict(dict(a=...))`, `Sequential(A(), B())`."""
    name = ast.unparse(call.func).rpartition(".")[2]
    for argument in call.args:
        if isinstance(argument, ast.Dict):
            for key, value in zip(argument.keys, argument.values, strict=True):
                if isinstance(key, ast.Constant):
                    yield str(key.value), value
        elif isinstance(argument, ast.Call) and ast.unparse(argument.func) == "dict":
            yield from ((str(one.arg), one.value) for one in argument.keywords)
        elif isinstance(argument, ast.Call) and ast.unparse(argument.func).endswith("OrderedDict"):
            for pair in argument.args[0].elts if isinstance(argument.args[0], ast.List) else ():
                if isinstance(pair, ast.Tuple) and isinstance(pair.elts[0], ast.Constant):
                    yield str(pair.elts[0].value), pair.elts[1]
    if name == "Sequential":
        held = (ast.Dict, ast.Starred)
        plain = [one for one in call.args if not isinstance(one, held) and not _holds(one)]
        yield from ((str(number), one) for number, one in enumerate(plain))


def _holds(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func).endswith(("OrderedDict", "dict"))


def _listed(call: ast.Call, names: dict[str, list[ast.expr]]) -> Iterator[ast.expr]:
    """What may stand in a list of modules, at any number."""
    for argument in call.args:
        value = argument.value if isinstance(argument, ast.Starred) else argument
        if isinstance(value, ast.Name):
            for other in names.get(value.id, ()):
                yield from _items(other)
                yield other
        yield from _items(value)


def _items(value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(value, (ast.List, ast.Tuple)):
        yield from value.elts
    elif isinstance(value, (ast.ListComp, ast.GeneratorExp)):
        yield value.elt
    elif isinstance(value, ast.BinOp):
        yield from (*_items(value.left), *_items(value.right))
