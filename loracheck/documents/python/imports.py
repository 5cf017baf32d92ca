"""The names that a Python text imports from one package, each with its place. Read on demand, by a
parse of its own.
"""

from __future__ import annotations

import ast

from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError
from loracheck.documents.tree_document import Place
from loracheck.named_tuple import NamedTuple

from .spans import compute_node_offsets
from .syntax import parse_syntax


class ImportedName(NamedTuple):
    """A name of `from package import name`."""

    name: str
    """As the package calls it."""

    place: Place
    """Where it stands."""


def read_imported_names(text: str, package: str) -> tuple[ImportedName, ...]:
    """The names that a text takes from the top of `package`, in its order; those in a `try` are
    left out, as another way may follow, and so are those below a condition. Nothing of a text that
    cannot be read.
    """
    try:
        tree = parse_syntax(text)
    except DocumentError:
        return ()
    lines = Lines(text)
    found: list[ImportedName] = []
    statements: list[ast.stmt] = list(tree.body)
    for statement in statements:  # grows
        if isinstance(statement, ast.ImportFrom) and statement.module == package:
            found += [
                ImportedName(alias.name, Place(*compute_node_offsets(lines, alias)))
                for alias in statement.names
                if statement.level == 0
            ]
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            statements += statement.body
    return tuple(sorted(found, key=lambda one: one.place.start))
