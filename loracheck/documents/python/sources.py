"""Where the value of an argument comes from: the calls that make it, followed backwards through
names, attributes, branches, the file's own functions and their parameters.

What cannot be followed is a source too, with the reason, so that "this call or something unknown"
is never taken for "this call". Only what a reader can see in the file counts: a parameter that no
call of the file fills, a class or function of a library that is not known to hand its argument back
and an object of a class of the file's own are unknown.
"""

from __future__ import annotations

import ast

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .call_index import CallIndex, get_last_name
from .known_calls import (
    ADAPTER_WRAPPERS,
    HANDS_BACK,
    KEEPS_OWNER,
    UNWRAPS,
    get_model_position,
    is_adapter_load,
    is_likely_config,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .bindings import Binding, Scope
    from .folding import Folder

MAX_STEPS = 2000
"""Expressions that are looked at for one argument."""

MAX_STEPS_IN_ALL = 20_000
"""Expressions that are looked at for all arguments of a file: fifty times as many as any file needs
of those that people have published. What is left then is unknown.
"""

MAX_WRAPPED = 3
"""Adapters on one model that are told apart."""


class Source(NamedTuple):
    """One of the places that a value may come from."""

    root: int = -1
    """The root of the document that is the call which makes it; -1 where it is none."""

    reason: str = ""
    """Why the value is unknown, where it is; with a component how that is written."""

    wrapped: tuple[int, ...] = ()
    """The roots of the calls that put adapters on it on the way, the last one first; of more than
    MAX_WRAPPED the last ones.
    """

    component: str = ""
    """The attribute of the call's result that is meant, dotted, where that is a part of a pipeline
    or of a model.
    """

    own_class: ast.ClassDef | None = None
    """The class of the file that it is an object of."""


class _Step(NamedTuple):
    """An expression to look at."""

    node: ast.expr
    scope: Scope
    part: int | None = None
    """Which part of the expression's value is meant, where that is a tuple."""
    component: str = ""
    """The attribute of the value that is meant, dotted, where a part of it is."""
    attribute: ast.expr | None = None
    """The expression of that part."""
    wrapped: tuple[int, ...] = ()
    unwraps: int = 0
    """How many wrappers are taken off again by what was met before."""


def _wrap(step: _Step, root: int) -> _Step:
    """The step to what the call `root` puts an adapter on."""
    off = min(step.unwraps, 1)
    wrapped = step.wrapped if off else (*step.wrapped, root)[:MAX_WRAPPED]
    return step._replace(part=None, wrapped=wrapped, unwraps=step.unwraps - off)


class SourceTracer:
    """Finds the sources of the values of one module's expressions."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._module = folder.module
        self._index = CallIndex(folder.module)
        self._steps_left = MAX_STEPS_IN_ALL

    def trace(self, node: ast.expr, scope: Scope) -> tuple[Source, ...]:
        """The sources of an expression's value, each once; none where it is always None."""
        sources: dict[Source, None] = {}
        steps, seen, count = [_Step(node, scope)], set(), 0
        while steps:
            step = steps.pop()
            key = (*step[:-1], min(step.unwraps, 1))
            if key in seen:
                continue
            seen.add(key)
            count += 1
            self._steps_left -= 1
            if count > MAX_STEPS or self._steps_left < 0:
                return (Source(reason=self._folder.source(node)),)
            visit = getattr(self, f"_{type(step.node).__name__}", self._trace_other)
            for one in visit(step.node, step):
                if isinstance(one, Source):
                    sources[self._describe(one, step)] = None
                else:
                    steps.append(one)
        return tuple(sorted(sources, key=lambda one: one.root))

    def _describe(self, source: Source, step: _Step) -> Source:
        """The source with what was met on the way to it. A part of what is unknown is unknown as it
        is written: a reader knows the part by its own name.
        """
        source = source._replace(wrapped=source.wrapped or step.wrapped, component=step.component)
        if step.attribute is None:
            return source
        return source._replace(reason=self._folder.source(step.attribute), own_class=None)

    def _trace_other(self, node: ast.expr, step: _Step) -> Iterator[Source | _Step]:
        yield self._build_unknown(node)

    def _build_unknown(self, node: ast.expr, why: str = "") -> Source:
        text = self._folder.source(node)
        return Source(reason=f"{text} {why}" if why else text)

    def _Constant(self, node: ast.Constant, step: _Step) -> Iterator[Source | _Step]:  # noqa: N802
        if node.value is not None:
            yield self._build_unknown(node)

    def _Await(self, node: ast.Await, step: _Step) -> Iterator[Source | _Step]:  # noqa: N802
        yield step._replace(node=node.value)

    _NamedExpr = _Await

    def _IfExp(self, node: ast.IfExp, step: _Step) -> Iterator[Source | _Step]:  # noqa: N802
        for one in (node.body, node.orelse):
            yield step._replace(node=one)

    def _BoolOp(self, node: ast.BoolOp, step: _Step) -> Iterator[Source | _Step]:  # noqa: N802
        for one in node.values:
            yield step._replace(node=one)

    def _Subscript(self, node: ast.Subscript, step: _Step) -> Iterator[Source | _Step]:  # noqa: N802
        index = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if type(index) is int and index >= 0 and step.part is None:
            yield step._replace(node=node.value, part=index)
        else:
            yield self._build_unknown(node)

    def _Tuple(self, node: ast.Tuple | ast.List, step: _Step) -> Iterator[Source | _Step]:  # noqa: N802
        plain = not any(isinstance(one, ast.Starred) for one in node.elts)
        if step.part is not None and plain and step.part < len(node.elts):
            yield step._replace(node=node.elts[step.part], part=None)
        else:
            yield self._build_unknown(node)

    _List = _Tuple

    def _Name(self, node: ast.Name, step: _Step) -> Iterator[Source | _Step]:  # noqa: N802
        owner = step.scope.find_owner(node.id)
        if owner is None:
            yield self._build_unknown(node)
            return
        bindings = step.scope.find_reaching_bindings(node.id, owner, (node.lineno, node.col_offset))
        if owner is step.scope:
            bindings = self._module.branches.select(bindings, node.lineno)
        for binding in bindings:
            yield from self._bound(node, binding, owner, step)

    def _bound(
        self, node: ast.Name, binding: Binding, owner: Scope, step: _Step
    ) -> Iterator[Source | _Step]:
        """The sources of what a binding gives a name."""
        if binding.parameter is not None:
            arguments = list(self._index.list_given_arguments(binding.parameter))
            for one, scope in arguments:
                yield step._replace(node=one, scope=scope)
            default = binding.parameter.default
            if len(arguments) < max(1, len(self._index.list_callers(binding.parameter))):
                if default is not None and arguments and owner.parent is not None:
                    yield step._replace(node=default, scope=owner.parent)
                else:
                    yield self._build_unknown(node, "is a parameter that nothing in the file fills")
        elif binding.source is not None and (binding.part is None or step.part is None):
            part = binding.part if binding.part is not None else step.part
            yield step._replace(node=binding.source, scope=owner, part=part)
        else:
            yield self._build_unknown(node)

    def _Attribute(self, node: ast.Attribute, step: _Step) -> Iterator[Source | _Step]:  # noqa: N802
        classes = self._find_classes(node.value, step.scope)
        scopes = {id(self._module.classes[one]) for one in classes}
        assignments = [
            one
            for one in self._module.attributes.get(node.attr, ())
            if id(one.scope.find_enclosing_class()) in scopes and get_last_name(one.owner) == "self"
        ]
        if not assignments and self._is_part(node):
            rest = f".{step.component}" if step.component else ""
            whole = step.attribute if step.attribute is not None else node
            yield step._replace(node=node.value, component=node.attr + rest, attribute=whole)
        elif not assignments:
            yield self._build_unknown(node)
        for one in assignments:
            if one.part is None or step.part is None:
                part = one.part if one.part is not None else step.part
                yield step._replace(node=one.source, scope=one.scope, part=part)

    def _is_part(self, node: ast.Attribute) -> bool:
        """Whether an attribute may be a part of a pipeline or model, as that was loaded: nothing is
        assigned to it but what is made of it by this very expression.
        """
        assignments = self._module.attributes.get(node.attr, ())
        return all(any(node is inner for inner in ast.walk(one.source)) for one in assignments)

    def _Call(self, node: ast.Call, step: _Step) -> Iterator[Source | _Step]:  # noqa: N802
        functions = self._find_called_functions(node.func, step.scope)
        if functions:
            for one in functions:
                inner = self._module.functions[one]
                results = self._module.returns.get(inner, [])
                for value in results:
                    yield step._replace(node=value, scope=inner)
                if not results:
                    yield self._build_unknown(node)
            return
        body = self._find_class(node.func, step.scope)
        own_config = is_likely_config(self._folder.get_dotted_name(node.func, step.scope) or "")
        if body is not None and not (own_config and node in self._folder.results):
            yield self._build_unknown(node, "is a class of this file")._replace(own_class=body)
            return
        yield from self._trace_library_call(node, step)

    def _trace_library_call(self, node: ast.Call, step: _Step) -> Iterator[Source | _Step]:
        name = self._folder.get_dotted_name(node.func, step.scope) or ""
        last = get_last_name(node.func) if isinstance(node.func, ast.Attribute) else name
        last = last.rpartition(".")[2]
        if isinstance(node.func, ast.Attribute) and last in KEEPS_OWNER:
            yield step._replace(node=node.func.value)
        elif isinstance(node.func, ast.Attribute) and last in UNWRAPS:
            yield step._replace(node=node.func.value, unwraps=1)
        elif last in ADAPTER_WRAPPERS or is_adapter_load(name):
            root = self._folder.results.get(node, -1)
            yield from self._trace_argument(node, _wrap(step, root), get_model_position(name))
        elif last in HANDS_BACK:
            if node in self._folder.results:
                yield Source(self._folder.results[node], wrapped=step.wrapped)
            many = len(node.args) > 1 and step.part is not None
            index = step.part if many and step.part is not None else 0
            yield from self._trace_argument(node, step._replace(part=None), index)
        elif node in self._folder.results and not step.part:
            yield Source(self._folder.results[node], wrapped=step.wrapped)
        else:
            yield self._build_unknown(node)

    def _trace_argument(self, node: ast.Call, step: _Step, index: int) -> Iterator[Source | _Step]:
        keyword_value = next((k.value for k in node.keywords if k.arg == "model"), None)
        positional = node.args[index] if index < len(node.args) else None
        argument = positional if positional is not None else keyword_value
        if argument is None or isinstance(argument, ast.Starred):
            yield self._build_unknown(node)
        else:
            yield step._replace(node=argument)

    def _find_classes(self, node: ast.expr, scope: Scope) -> list[ast.ClassDef]:
        """The class of the file that an object belongs to, with those that it inherits from."""
        if not isinstance(node, ast.Name):
            return []
        bodies: list[ast.ClassDef] = []
        if node.id in ("self", "cls"):
            within = scope.find_enclosing_class()
            bodies = [body for body, inner in self._module.classes.items() if inner is within]
        else:
            owner = scope.find_owner(node.id)
            bindings = owner.bindings[node.id] if owner is not None else []
            if owner is not None and len(bindings) == 1:
                source = bindings[0].source
                constructor = source.func if isinstance(source, ast.Call) else node
                body = self._find_class(constructor, owner)
                bodies = [body] if body is not None else []
        for body in bodies:  # grows
            for base in body.bases:
                above = self._find_class(base, self._module.scope)
                if above is not None and above not in bodies:
                    bodies.append(above)
        return bodies

    def _find_class(self, node: ast.expr, scope: Scope) -> ast.ClassDef | None:
        owner = scope.find_owner(node.id) if isinstance(node, ast.Name) else None
        if owner is None or not isinstance(node, ast.Name):
            return None
        return next(
            (b.class_definition for b in owner.bindings[node.id] if b.class_definition is not None),
            None,
        )

    def _find_called_functions(self, node: ast.expr, scope: Scope) -> list[ast.AST]:
        """The functions of the file that a call may mean."""
        if isinstance(node, ast.Name):
            owner = scope.find_owner(node.id)
            bindings = owner.bindings[node.id] if owner is not None else []
            return [b.function for b in bindings if b.function in self._module.functions]
        if isinstance(node, ast.Attribute):
            for body in self._find_classes(node.value, scope):
                bindings = self._module.classes[body].bindings.get(node.attr, [])
                functions = [b.function for b in bindings if b.function in self._module.functions]
                if functions:
                    return [one for one in functions if one is not None]
        return []
