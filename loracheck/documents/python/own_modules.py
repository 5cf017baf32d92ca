"""What a class of the file that is a `torch.nn.Module` holds, as its `__init__` writes it: layers
of torch, models that are loaded, other such classes.

Only what certainly runs once is read. Whatever else may give an object of the class a module (a
loop, a condition, a helper, an attribute that is set from outside) is listed as unknown, so that
nothing rests on what is not seen.
"""

from __future__ import annotations

import ast

from loracheck.documents.model import Unknown
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .call_index import CallIndex, get_last_name
from .written_layers import read_layer

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from .bindings import Binding, Scope
    from .folding import Folder
    from .sources import SourceTracer
    from .walked_module import AttributeBinding
    from .written_layers import WrittenLayer

MAX_DEPTH = 8
"""Classes of the file inside of each other."""

_CHANGES_NAMES = frozenset(
    {
        *("__getattr__", "__getattribute__", "__setattr__", "__new__", "add_module"),
        *("register_module", "modules", "named_modules", "children", "named_children"),
        *("parameters", "named_parameters", "state_dict", "get_input_embeddings"),
        *("get_output_embeddings", "_modules", "get_submodule", "to_dict", "config"),
    }
)
"""Methods of a class that change what PEFT finds in an object of it."""

_ADDS_MODULES = frozenset({"setattr", "add_module", "register_module", "__setattr__", "vars"})
"""Calls that may give an object a module under any name."""

_PLAIN = (ast.List, ast.Dict, ast.Set, ast.Tuple, ast.Compare, ast.BinOp, ast.JoinedStr)
"""Expressions that are no module, so that nn.Module registers nothing."""

_PLAIN_TYPES = frozenset({"int", "float", "bool", "str", "list", "dict", "tuple"})
_NO_MODULES = ("Tokenizer", "TokenizerFast", "Processor", "Config", "Scheduler", "Arguments")
"""How the names of classes end whose objects' attributes are no modules."""


class OwnModule(NamedTuple):
    """An object of a class of the file."""

    cls: str
    """The class."""

    parts: tuple[tuple[str, OwnModule | WrittenLayer | int], ...] = ()
    """Its modules by the names of their attributes, in the order of their registration; a number is
    the root of the call that loads it.
    """

    unknown: tuple[str, ...] = ()
    """What may be further modules of it, or other ones, as the file writes it."""

    generates: bool = False
    """Whether the class has a `prepare_inputs_for_generation`."""

    config_of: str = ""
    """The attribute whose `config` is the object's own; "" where it has none."""


class OwnModuleReader:
    """Reads the module classes of one file."""

    def __init__(self, folder: Folder, tracer: SourceTracer) -> None:
        self._folder = folder
        self._module = folder.module
        self._tracer = tracer
        self._index = CallIndex(folder.module)

    def read(self, body: ast.ClassDef, depth: int = 0) -> OwnModule | None:
        """What an object of a class holds; None for a class that is no plain `nn.Module`."""
        scope = self._module.classes[body]
        bases = [self._folder.get_dotted_name(base, self._module.scope) for base in body.bases]
        plain = not body.decorator_list and not body.keywords
        start = scope.bindings.get("__init__", [])
        if bases != ["torch.nn.Module"] or not plain or depth > MAX_DEPTH or len(start) != 1:
            return None
        function = start[0].function
        if not isinstance(function, ast.FunctionDef) or function not in self._module.functions:
            return None
        unknown = [f"{body.name}.{name}" for name in _CHANGES_NAMES & scope.bindings.keys()]
        reading = _InitReader(self, function, scope, depth)
        reading.read_statements()
        unknown += [*reading.unknown, *self._changes_elsewhere(scope, function, reading.parts)]
        return OwnModule(
            body.name,
            tuple(reading.parts.items()),
            tuple(dict.fromkeys(unknown)),
            "prepare_inputs_for_generation" in scope.bindings,
            reading.config_of,
        )

    def _changes_elsewhere(
        self, scope: Scope, start: ast.AST, parts: Container[str]
    ) -> Iterator[str]:
        """What outside of `__init__` may give an object of the class another module."""
        for attribute, bindings in self._module.attributes.items():
            for one in bindings:
                inside = one.scope.find_enclosing_class() is scope
                own = isinstance(one.owner, ast.Name) and one.owner.id == "self"
                if (inside and one.scope is self._module.functions[start]) or (own and not inside):
                    continue
                known = self.is_plain(one.source, one.scope) or not self._may_be_model(one)
                if not known or (own and attribute in parts):
                    yield f"{self.source(one.owner)}.{attribute}"
        for name in _ADDS_MODULES & self._index.calls.keys():
            yield from (self.source(call) for call, _ in self._index.calls[name])

    def _may_be_model(self, one: AttributeBinding) -> bool:
        """Whether the owner of an attribute may be a module."""
        owner = one.owner
        if get_last_name(owner).endswith(("config", "args", "tokenizer", "processor", "trainer")):
            return False
        scope = one.scope.find_owner(owner.id) if isinstance(owner, ast.Name) else None
        if scope is None or not isinstance(owner, ast.Name):
            return True
        return not all(self._makes_no_model(b, scope) for b in scope.bindings[owner.id])

    def _makes_no_model(self, binding: Binding, scope: Scope) -> bool:
        value = binding.value
        if not isinstance(value, ast.Call):
            return binding.origin is not None
        name = self._folder.get_dotted_name(value.func, scope) or ""
        cls = name.removesuffix(".from_pretrained").rpartition(".")[2]
        return cls.endswith(_NO_MODULES)

    def source(self, node: ast.AST) -> str:
        """The text of a node."""
        return self._folder.source(node)

    def is_plain(self, node: ast.expr, scope: Scope) -> bool:
        """Whether a value is certainly no module."""
        if isinstance(node, _PLAIN) or not isinstance(
            self._folder.fold(node, scope).value, Unknown
        ):
            return True
        owner = scope.find_owner(node.id) if isinstance(node, ast.Name) else None
        if owner is None or not isinstance(node, ast.Name):
            return False
        return all(self._binds_plain(one) for one in owner.bindings[node.id])

    def _binds_plain(self, binding: Binding) -> bool:
        """Whether a parameter is said to be a number or text, or given nothing else."""
        parameter = binding.parameter
        if parameter is None or isinstance(parameter.function, ast.Lambda):
            return False
        args = parameter.function.args
        declarations = [*args.posonlyargs, *args.args, *args.kwonlyargs]
        note = next((a.annotation for a in declarations if a.arg == parameter.name), None)
        if isinstance(note, ast.Name) and note.id in _PLAIN_TYPES:
            return True
        arguments = list(self._index.list_given_arguments(parameter))
        return bool(arguments) and all(self.is_plain(*one) for one in arguments)

    def read_part(
        self, node: ast.expr, scope: Scope, depth: int
    ) -> OwnModule | WrittenLayer | int | None:
        """The module that an expression makes; None where that is not known."""
        layer = read_layer(node, scope, self._folder)
        if layer is not None:
            return layer
        sources = self._tracer.trace(node, scope)
        if len(sources) != 1 or sources[0].wrapped or sources[0].component:
            return None
        if sources[0].own_class is not None:
            return self.read(sources[0].own_class, depth + 1)
        return sources[0].root if sources[0].root >= 0 else None


class _InitReader:
    """One `__init__`, statement by statement."""

    def __init__(
        self, reader: OwnModuleReader, function: ast.FunctionDef, scope: Scope, depth: int
    ) -> None:
        self.parts: dict[str, OwnModule | WrittenLayer | int] = {}
        self.unknown: list[str] = []
        self.config_of = ""
        self._reader = reader
        self._function = function
        self._class = scope
        self._scope = reader._module.functions[function]
        self._depth = depth

    def read_statements(self) -> None:
        started = False
        for statement in self._function.body:
            started = started or _starts_module(statement)
            target = _find_attribute_assignment(statement)
            if target is not None and started:
                self._read_attribute(*target)
            else:
                self._read_other(statement)
        if not started:
            self.unknown.append("super().__init__()")

    def _read_attribute(self, name: str, value: ast.expr) -> None:
        if name == "config":
            self._read_config(value)
            return
        if name in self.parts:
            self.unknown.append(f"self.{name}")
            return
        part = self._reader.read_part(value, self._scope, self._depth)
        if part is not None:
            self.parts[name] = part
        elif not self._reader.is_plain(value, self._scope) and not _is_in_config(value):
            self.unknown.append(f"self.{name}")

    def _read_config(self, value: ast.expr) -> None:
        owner = value.value if isinstance(value, ast.Attribute) and value.attr == "config" else None
        name = (
            owner.attr
            if isinstance(owner, ast.Attribute) and get_last_name(owner.value) == "self"
            else ""
        )
        if isinstance(self.parts.get(name), int):
            self.config_of = name
        else:
            self.unknown.append("self.config")

    def _read_other(self, statement: ast.stmt) -> None:
        """A statement that is no plain `self.x = ...`: what it may set is unknown."""
        for node in ast.walk(statement):
            targets: list[ast.expr] = []
            if isinstance(node, ast.Assign):
                targets = [one for target in node.targets for one in _flatten(target)]
            elif isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.For, ast.NamedExpr)):
                targets = list(_flatten(node.target))
            elif isinstance(node, ast.Delete):
                targets = node.targets
            elif isinstance(node, ast.Call):
                self._read_call(node)
            for one in targets:
                if isinstance(one, (ast.Attribute, ast.Subscript)):
                    value = getattr(node, "value", None)
                    if value is None or not self._reader.is_plain(value, self._scope):
                        self.unknown.append(self._reader.source(one))

    def _read_call(self, call: ast.Call) -> None:
        """A call in a statement of its own: one that is given the object, or adds to a part."""
        arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
        hands_on = any(isinstance(one, ast.Name) and one.id == "self" for one in arguments)
        func = call.func
        is_plain_call = get_last_name(func) in ("super", "isinstance", "hasattr", "__init__")
        adds = get_last_name(func) in ("append", "extend", "insert", "add_module", "update")
        part = isinstance(func, ast.Attribute) and isinstance(func.value, ast.Attribute)
        if (hands_on and not is_plain_call) or (adds and part):
            self.unknown.append(self._reader.source(call))


def _starts_module(statement: ast.stmt) -> bool:
    """Whether a statement is `super().__init__()` in one of its forms."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and get_last_name(call.func) == "__init__"


def _find_attribute_assignment(statement: ast.stmt) -> tuple[str, ast.expr] | None:
    """The attribute and the value of `self.x = value`; None for any other statement."""
    target: ast.expr | None = None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    if not isinstance(target, ast.Attribute) or not isinstance(target.value, ast.Name):
        return None
    value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
    return (target.attr, value) if target.value.id == "self" and value is not None else None


def _is_in_config(node: ast.expr) -> bool:
    """Whether an expression is an entry of a model's config (`self.encoder.config.hidden_size`)."""
    return isinstance(node, ast.Attribute) and get_last_name(node.value) == "config"


def _flatten(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for one in target.elts:
            yield from _flatten(one)
    else:
        yield target
