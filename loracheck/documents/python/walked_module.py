"""What the walk through a module's syntax tree gives: names, calls and changes."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    import ast

    from .bindings import Scope
    from .branches import Branches
    from .mutations import MutationTracker


class WalkedModule(NamedTuple):
    """What one walk over a module's syntax tree found."""

    scope: Scope
    calls: list[tuple[ast.Call, Scope]]
    """All calls, each with the scope that it stands in."""
    changes: MutationTracker
    """What is changed after it was written."""
    classes: dict[ast.ClassDef, Scope]
    """The scope of each class's body."""
    failing: list[ast.stmt]
    """Statements in which an error is expected (`with pytest.raises`)."""
    functions: dict[ast.AST, Scope]
    """The scope inside of each function."""
    returns: dict[Scope, list[ast.expr]]
    """What the function of a scope may give back."""
    attributes: dict[str, list[AttributeBinding]]
    """Where an attribute of this name of any object gets a value."""
    branches: Branches
    """The parts of statements of which not all run."""


class AttributeBinding(NamedTuple):
    """One place where an attribute gets a value."""

    owner: ast.expr
    """The object whose attribute it is."""
    source: ast.expr
    """The expression that the value comes from."""
    part: int | None
    """Which part of `source` it is, where several are bound at once."""
    scope: Scope
