"""The names that a Python text imports from one package, and the packages that it imports one after
another, each with its place. Read on demand, by a parse of its own.
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


def list_imported_packages(text: str) -> tuple[ImportedName, ...]:
    """The packages that a text imports, in the order in which it does when it runs: the first part
    of each name. Imports in functions, conditions and the like are left out. Nothing of a text that
    cannot be read.
    """
    try:
        tree = parse_syntax(text)
    except DocumentError:
        return ()
    lines = Lines(text)
    found: list[ImportedName] = []
    for statement in tree.body:
        place = Place(*compute_node_offsets(lines, statement))
        if isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            found.append(ImportedName(statement.module.partition(".")[0], place))
        elif isinstance(statement, ast.Import):
            found += [ImportedName(one.name.partition(".")[0], place) for one in statement.names]
    return tuple(found)
