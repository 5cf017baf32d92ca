"""One walk over a module's syntax tree: the names that each scope binds, the calls, and what is
changed.
"""

from __future__ import annotations

import ast

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .bindings import Binding, Parameter, Scope
from .branches import Branches
from .functions import get_parameter_defaults, is_dataclass, is_marimo_cell, is_opening
from .mutations import MutationTracker
from .syntax import list_children
from .walked_module import AttributeBinding, WalkedModule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_RAISES = frozenset({"raises", "assertRaises", "assertRaisesRegex"})
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


class _Task(NamedTuple):
    """A node to visit."""

    node: ast.AST
    scope: Scope
    loop: bool
    """Whether it may run more than once."""
    sure: bool = False
    """Whether it runs whenever its scope does."""

    def binding(
        self,
        value: ast.expr | None = None,
        source: ast.expr | None = None,
        part: int | None = None,
    ) -> Binding:
        """What this statement binds a name to: to a value, or to a part of a `source`."""
        source = value if value is not None else source
        if self.loop:
            return Binding(source=source, part=part)
        end = getattr(self.node, "end_lineno", 0), getattr(self.node, "end_col_offset", 0)
        return Binding(value, end=end, sure=self.sure, source=source, part=part)


def walk_module(tree: ast.Module) -> WalkedModule:
    """The names and calls of a module. Does not recurse, so depth costs nothing."""
    return _Walker().walk(tree)


class _Walker:
    def __init__(self) -> None:
        self.changes = MutationTracker()
        self.module = WalkedModule(Scope(None), [], self.changes, {}, [], {}, {}, {}, Branches())
        self.stack: list[_Task] = []

    def walk(self, tree: ast.Module) -> WalkedModule:
        self._push(tree.body, self.module.scope, False, True)
        visitors: dict[type[ast.AST], Callable[[_Task], None]] = {}
        while self.stack:
            task = self.stack.pop()
            kind = type(task.node)
            visit = visitors.get(kind)
            if visit is None:
                visit = getattr(self, f"_{kind.__name__}", self._push_children)
                visitors[kind] = visit
            visit(task)
        self.changes.spread()
        return self.module

    def _push(self, nodes: Sequence[ast.AST], scope: Scope, loop: bool, sure: bool = False) -> None:
        self.stack += [_Task(node, scope, loop, sure) for node in reversed(nodes)]

    def _push_children(self, task: _Task, sure: bool = False) -> None:
        loop = task.loop or isinstance(task.node, _LOOPS)
        self._push(list_children(task.node), task.scope, loop, sure)

    def _bind_function(self, task: _Task) -> None:
        node = task.node
        assert isinstance(node, _FUNCTIONS)
        if not isinstance(node, ast.Lambda):
            if any(is_marimo_cell(decorator) for decorator in node.decorator_list):
                # A cell of marimo: what it binds is bound in the notebook, once, and its parameters
                # are other cells' names.
                self._push(node.body, task.scope, task.loop)
                return
            task.scope.bind(node.name, Binding(function=node))
            self.changes.defined.add(node.name)
            self._push(node.decorator_list, task.scope, task.loop)
        inner = Scope(task.scope)
        self.module.functions[node] = inner
        args = node.args
        names = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
        defaults = [*args.defaults, *(d for d in args.kw_defaults if d is not None)]
        parameter_defaults = get_parameter_defaults(args)
        for argument in names:
            if argument is not None:
                parameter = Parameter(node, argument.arg, parameter_defaults.get(argument.arg))
                start = (argument.lineno, argument.col_offset)
                inner.bind(argument.arg, Binding(parameter=parameter, end=start, sure=True))
                for default in defaults:  # whose it is, is not worked out
                    self.changes.note_flow(ast.Name(argument.arg), inner, default)
        self._push(defaults, task.scope, task.loop)
        self._push([node.body] if isinstance(node, ast.Lambda) else node.body, inner, False, True)

    _FunctionDef = _AsyncFunctionDef = _Lambda = _bind_function

    def _ClassDef(self, task: _Task) -> None:  # noqa: N802  (named after its node)
        node = task.node
        assert isinstance(node, ast.ClassDef)
        decorated = not all(map(is_dataclass, node.decorator_list))
        plain = not (decorated or node.bases or node.keywords or task.loop)
        task.scope.bind(node.name, Binding(body=node if plain else None, class_definition=node))
        inner = Scope(task.scope, is_class=True)
        self.module.classes[node] = inner
        outside = [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]
        self._push(outside, task.scope, task.loop)
        self._push(node.body, inner, False, True)

    def _ListComp(self, task: _Task) -> None:  # noqa: N802
        self._push_children(_Task(task.node, Scope(task.scope), True))

    _SetComp = _DictComp = _GeneratorExp = _ListComp

    def _Assign(self, task: _Task) -> None:  # noqa: N802
        node = task.node
        assert isinstance(node, ast.Assign)
        for target in node.targets:
            self._assign(target, node.value, task)
            self.changes.note_flow(target, task.scope, node.value)
        self._push([node.value], task.scope, task.loop)

    def _AnnAssign(self, task: _Task) -> None:  # noqa: N802
        node = task.node
        assert isinstance(node, ast.AnnAssign)
        if node.value is not None:
            self._assign(node.target, node.value, task)
            self.changes.note_flow(node.target, task.scope, node.value)
            self._push([node.value], task.scope, task.loop)

    def _assign(self, target: ast.expr, value: ast.expr, task: _Task) -> None:
        """Bind a target; `a, b = 1, 2` binds each name to its part."""
        if isinstance(target, ast.Name):
            task.scope.bind(target.id, task.binding(value))
        elif (
            isinstance(target, (ast.Tuple, ast.List))
            and isinstance(value, (ast.Tuple, ast.List))
            and len(target.elts) == len(value.elts)
            and not any(isinstance(e, ast.Starred) for e in [*target.elts, *value.elts])
        ):
            for one, part in zip(target.elts, value.elts, strict=True):
                self._assign(one, part, task)
        elif isinstance(target, (ast.Tuple, ast.List)):
            plain = not any(isinstance(one, ast.Starred) for one in target.elts)
            for place, one in enumerate(target.elts):
                if isinstance(one, ast.Name):
                    source = value if plain else None
                    task.scope.bind(one.id, task.binding(source=source, part=place))
                    continue
                if isinstance(one, ast.Attribute) and plain:
                    self._bind_attribute(one, value, place, task.scope)
                self._push([one], task.scope, task.loop)
        else:
            if isinstance(target, ast.Attribute):
                self.changes.put(target.attr, value, task.scope)
                self._bind_attribute(target, value, None, task.scope)
            self._push([target], task.scope, task.loop)

    def _bind_attribute(
        self, target: ast.Attribute, source: ast.expr, part: int | None, scope: Scope
    ) -> None:
        bound = AttributeBinding(target.value, source, part, scope)
        self.module.attributes.setdefault(target.attr, []).append(bound)

    def _Return(self, task: _Task) -> None:  # noqa: N802
        assert isinstance(task.node, ast.Return)
        if task.node.value is not None:
            self.module.returns.setdefault(task.scope, []).append(task.node.value)
        self._push_children(task)

    def _If(self, task: _Task) -> None:  # noqa: N802
        node = task.node
        assert isinstance(node, ast.If)
        names = [n.id for n in ast.iter_child_nodes(node.test) if isinstance(n, ast.Name)]
        # A script that is run runs this; as a module it sets no training up.
        main = isinstance(node.test, ast.Compare) and names == ["__name__"] and not node.orelse
        if main:
            self._push(node.body, task.scope, task.loop, task.sure)
        else:
            self.module.branches.add_if(node)
            self._push_children(task)

    def _Try(self, task: _Task) -> None:  # noqa: N802
        node = task.node
        assert isinstance(node, ast.Try)
        for part in (node.body, *(handler.body for handler in node.handlers), node.orelse):
            self.module.branches.add(part)
        self._push_children(task)

    def _Name(self, task: _Task) -> None:  # noqa: N802
        node = task.node
        assert isinstance(node, ast.Name)
        if not isinstance(node.ctx, ast.Load):
            task.scope.bind(node.id, task.binding())

    def _NamedExpr(self, task: _Task) -> None:  # noqa: N802
        node = task.node
        assert isinstance(node, ast.NamedExpr)
        scope: Scope | None = task.scope
        while scope is not None:  # a comprehension's walrus binds further out: bind in all
            scope.bind(node.target.id, Binding())
            self.changes.note_flow(node.target, scope, node.value)
            scope = scope.parent
        self._push([node.value], task.scope, task.loop)

    def _Global(self, task: _Task) -> None:  # noqa: N802
        assert isinstance(task.node, ast.Global)
        task.scope.elsewhere.update(task.node.names)

    def _Nonlocal(self, task: _Task) -> None:  # noqa: N802
        assert isinstance(task.node, ast.Nonlocal)
        for name in task.node.names:
            scope: Scope | None = task.scope
            while scope is not None and scope.parent is not None:
                scope.bind(name, Binding())  # whose it is, is not worked out: it changes in each
                scope = scope.parent

    def _Import(self, task: _Task) -> None:  # noqa: N802
        assert isinstance(task.node, ast.Import)
        for alias in task.node.names:
            first = alias.name.partition(".")[0]
            origin = alias.name if alias.asname else first
            task.scope.bind(alias.asname or first, task.binding()._replace(origin=origin))

    def _ImportFrom(self, task: _Task) -> None:  # noqa: N802
        node = task.node
        assert isinstance(node, ast.ImportFrom)
        source = "." * node.level + (node.module or "")
        for alias in node.names:
            origin = f"{source}.{alias.name}"
            task.scope.bind(alias.asname or alias.name, task.binding()._replace(origin=origin))

    def _ExceptHandler(self, task: _Task) -> None:  # noqa: N802
        self._bind_written_names(task)

    _MatchAs = _MatchStar = _ExceptHandler

    def _MatchMapping(self, task: _Task) -> None:  # noqa: N802
        self._bind_written_names(task)

    def _bind_written_names(self, task: _Task) -> None:
        """Nodes that bind a name written as a plain string."""
        name = getattr(task.node, "name", None) or getattr(task.node, "rest", None)
        if name:
            task.scope.bind(name, Binding())
        self._push_children(task)

    def _For(self, task: _Task) -> None:  # noqa: N802
        node = task.node
        assert isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension))
        self.changes.note_flow(node.target, task.scope, node.iter)
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            task.scope.bind(node.target.id, Binding(iterated=node.iter))
            self._push([node.iter], task.scope, task.loop)
            self._push([*node.body, *node.orelse], task.scope, True)
        else:
            self._push_children(task)

    _AsyncFor = _comprehension = _For

    def _With(self, task: _Task) -> None:  # noqa: N802
        node = task.node
        assert isinstance(node, ast.With)
        calls = [i.context_expr.func for i in node.items if isinstance(i.context_expr, ast.Call)]
        if any(isinstance(call, ast.Attribute) and call.attr in _RAISES for call in calls):
            self.module.failing.append(node)
        self._push_children(task, task.sure)

    def _withitem(self, task: _Task) -> None:
        node = task.node
        assert isinstance(node, ast.withitem)
        if node.optional_vars is not None:
            self.changes.note_flow(node.optional_vars, task.scope, node.context_expr)
        if isinstance(node.optional_vars, ast.Name) and is_opening(node.context_expr):
            task.scope.bind(node.optional_vars.id, Binding(source=node.context_expr))
            self._push([node.context_expr], task.scope, task.loop)
        else:
            self._push_children(task)

    def _Match(self, task: _Task) -> None:  # noqa: N802
        node = task.node
        assert isinstance(node, ast.Match)
        self.module.branches.add(*(case.body for case in node.cases))
        for case in node.cases:
            self.changes.note_flow(case.pattern, task.scope, node.subject)
        self._push_children(task)

    def _AugAssign(self, task: _Task) -> None:  # noqa: N802
        assert isinstance(task.node, ast.AugAssign)
        self.changes.change(task.node.target, task.scope)  # `+=` changes a list in place
        self._push_children(task)

    def _Attribute(self, task: _Task) -> None:  # noqa: N802
        node = task.node
        assert isinstance(node, ast.Attribute)
        if not isinstance(node.ctx, ast.Load):
            self.changes.store(node, task.scope)
        self._push_children(task)

    def _Subscript(self, task: _Task) -> None:  # noqa: N802
        node = task.node
        assert isinstance(node, ast.Subscript)
        if not isinstance(node.ctx, ast.Load):
            self.changes.change(node.value, task.scope)
        self._push_children(task)

    def _Call(self, task: _Task) -> None:  # noqa: N802
        node = task.node
        assert isinstance(node, ast.Call)
        self.module.calls.append((node, task.scope))
        self.changes.call(node, task.scope)
        self._push_children(task)
