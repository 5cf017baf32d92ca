"""The fields of a text's dataclasses, which option parsers (HfArgumentParser, tyro) read their
options from: what comes out is each field's annotation and default, by the field's name.
"""

from __future__ import annotations

import ast

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .functions import is_dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from loracheck.documents.tree_document import Place
    from loracheck.documents.values import Value

    from .parsed_module import ParsedModule


class DeclaredField(NamedTuple):
    """One field of a dataclass."""

    owner: str
    """The class."""

    annotation: str
    """As it is written."""

    default: Value
    """The default, where it is a constant or a display of constants; None for any other."""

    place: Place
    """Where the field stands, its default included."""


def read_declared_fields(module: ParsedModule) -> Mapping[str, DeclaredField]:
    """The fields of all dataclasses; a name that two of them have is left out."""
    fields: dict[str, DeclaredField | None] = {}
    for owner, node in _iterate_fields(module):
        if isinstance(node.target, ast.Name):
            field = DeclaredField(
                owner.name,
                ast.unparse(node.annotation),
                _evaluate_default(node.value),
                module.find_place(node),
            )
            fields[node.target.id] = None if node.target.id in fields else field
    return {name: field for name, field in fields.items() if field is not None}


def _iterate_fields(module: ParsedModule) -> Iterator[tuple[ast.ClassDef, ast.AnnAssign]]:
    for owner in module.find_nodes(ast.ClassDef):
        if any(map(is_dataclass, owner.decorator_list)):
            for node in owner.body:
                if isinstance(node, ast.AnnAssign):
                    yield owner, node


def _evaluate_default(node: ast.expr | None) -> Value:
    """The default of a field: its value, or what `field(default=...)` is given."""
    if isinstance(node, ast.Call):
        node = next((word.value for word in node.keywords if word.arg == "default"), None)
    try:
        default: Value = ast.literal_eval(node) if node is not None else None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return default
