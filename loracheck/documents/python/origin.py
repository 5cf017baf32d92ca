"""The result of folding an expression: its value, and the syntax nodes that it was written with."""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from typing import Any


class Origin:
    """The syntax that a value was written with, and the key's; the same for its entries. Of a
    constant that is used, `written` is what gives it its value.
    """

    __slots__ = ("children", "key", "node", "written")

    def __init__(self, node: ast.AST, key: ast.AST | None = None) -> None:
        self.node = node
        self.key = key
        self.written: ast.AST | None = None
        self.children: dict[Any, Origin] = {}


class FoldedValue(NamedTuple):
    """A value and where it was written."""

    value: Any
    origin: Origin


class CallResult(Unknown):
    """The value of another call of the document: `call` is that call's root."""

    __slots__ = ("call",)

    def __init__(self, text: str, call: int) -> None:
        super().__init__(text)
        self.call = call


class DefaultText(str):
    """A text that is only the default of an option, a field or a parameter: whoever runs the file
    may give another.
    """

    __slots__ = ()


class AssignedLater(Unknown):
    """An attribute of a call's result to which the program assigns after the call, so that the
    argument no longer counts.
    """

    __slots__ = ()


def with_key(origin: Origin, key: ast.AST) -> Origin:
    """The same origin under a key of its own."""
    keyed = Origin(origin.node, key)
    keyed.children, keyed.written = origin.children, origin.written
    return keyed
