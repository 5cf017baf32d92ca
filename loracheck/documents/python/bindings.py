"""The names of a Python module: where each gets a value, and which of these values a use of the
name may have.
"""

from __future__ import annotations

from bisect import bisect_right

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable


class Binding(NamedTuple):
    """One place where a name gets a value; at most one of the first four attributes is set."""

    value: ast.expr | None = None
    """The expression of a plain assignment outside of loops."""
    origin: str | None = None
    """The dotted name of an import."""
    body: ast.ClassDef | None = None
    """A class definition."""
    parameter: Parameter | None = None
    """A parameter of a function."""
    end: tuple[int, int] | None = None
    """Line and column behind which it holds; None where that cannot be told (in a loop, from
    another scope).
    """
    sure: bool = False
    """Whether it is under no condition."""
    source: ast.expr | None = None
    """The expression that the value comes from, in loops too; None where there is none."""
    part: int | None = None
    """Which part of `source` it is, where several names are bound at once (`a, b = f()`)."""
    function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    """A function's definition."""
    class_definition: ast.ClassDef | None = None
    """A class definition, whatever its bases are."""
    iterated: ast.expr | None = None
    """What a loop runs over whose variable it is."""


class Parameter(NamedTuple):
    """A function's parameter; `default` is None where it has none."""

    function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    name: str
    default: ast.expr | None


class BindingOrder:
    """The bindings of one name in the order of the text, prepared for fast look-ups."""

    def __init__(self, bindings: list[Binding]) -> None:
        self.bindings = bindings
        ends = [binding.end for binding in bindings if binding.end is not None]
        self._ends = ends if len(ends) == len(bindings) and ends == sorted(ends) else None
        self._sure = [0]
        """For each number of first bindings, which of them is the last under no condition."""
        for number, binding in enumerate(bindings):
            self._sure.append(number if binding.sure else self._sure[-1])

    def at(self, place: tuple[int, int]) -> list[Binding]:
        """The bindings that may hold at a line and column; all of them where the order does not
        tell.
        """
        if self._ends is None:
            return self.bindings
        count = bisect_right(self._ends, place)
        return self.bindings[self._sure[count] : count] or self.bindings


class Scope:
    """A module, class, function or comprehension."""

    def __init__(self, parent: Scope | None, is_class: bool = False) -> None:
        self.parent = parent
        self.is_class = is_class
        self.bindings: dict[str, list[Binding]] = {}
        self.elsewhere: set[str] = set()
        self.mutated: set[str] = set()
        self.orders: dict[tuple[str, Callable[[Binding], bool] | None], BindingOrder] = {}

    def bind(self, name: str, binding: Binding) -> None:
        """Note that `name` gets a value here (in the scope that a `global` names, if there is
        one).
        """
        home = self
        if name in self.elsewhere:
            home, binding = self.module(), binding._replace(end=None, sure=False)
        home.bindings.setdefault(name, []).append(binding)

    def find_enclosing_class(self) -> Scope | None:
        """The outermost class that this scope is, or is part of; None outside of classes."""
        scope: Scope | None = self
        enclosing = None
        while scope is not None:
            enclosing = scope if scope.is_class else enclosing
            scope = scope.parent
        return enclosing

    def find_owner(self, name: str) -> Scope | None:
        """The scope that a name used here belongs to; None for a name that nothing binds."""
        scope: Scope | None = self.module() if name in self.elsewhere else self
        start = scope
        while scope is not None:
            if name in scope.bindings and (scope is start or not scope.is_class):
                return scope
            scope = scope.parent
        return None

    def find_reaching_bindings(
        self,
        name: str,
        owner: Scope,
        at: tuple[int, int],
        among: Callable[[Binding], bool] | None = None,
    ) -> list[Binding]:
        """The bindings of `name` in `owner` that may hold where this scope uses it: the last one
        under no condition before the place, and those after that one. All of them where that cannot
        be told, as in a function, which may be called at any time. Only those `among` count.
        """
        if (name, among) not in owner.orders:
            bindings = owner.bindings[name]
            some = bindings if among is None else [one for one in bindings if among(one)]
            owner.orders[name, among] = BindingOrder(some)
        order = owner.orders[name, among]
        return order.at(at) if owner is self else order.bindings

    def module(self) -> Scope:
        """The outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope
