"""The names that a Python text imports from one package, and the packages that it imports one after
another, each with its place. Read on demand.
"""

from __future__ import annotations

import ast

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.tree_document import Place

    from .parsed_module import ParsedModule


class ImportedName(NamedTuple):
    """A name of `from package import name`."""

    name: str
    """As the package calls it."""

    place: Place
    """Where it stands."""


def read_imported_names(module: ParsedModule | None, package: str) -> tuple[ImportedName, ...]:
    """The names that a module takes from the top of `package`, in its order; those in a `try` are
    left out, as another way may follow, and so are those below a condition. Nothing for None, a
    text that cannot be read.
    """
    if module is None:
        return ()
    found: list[ImportedName] = []
    statements: list[ast.stmt] = list(module.tree.body)
    for statement in statements:  # grows
        if isinstance(statement, ast.ImportFrom) and statement.module == package:
            found += [
                ImportedName(alias.name, module.find_place(alias))
                for alias in statement.names
                if statement.level == 0
            ]
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            statements += statement.body
    return tuple(sorted(found, key=lambda one: one.place.start))


def list_imported_packages(module: ParsedModule | None) -> tuple[ImportedName, ...]:
    """The packages that a module imports, in the order in which it does when it runs: the first
    part of each name. Imports in functions, conditions and the like are left out. Nothing for
    None, a text that cannot be read.
    """
    if module is None:
        return ()
    found: list[ImportedName] = []
    for statement in module.tree.body:
        place = module.find_place(statement)
        if isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            found.append(ImportedName(statement.module.partition(".")[0], place))
        elif isinstance(statement, ast.Import):
            found += [ImportedName(one.name.partition(".")[0], place) for one in statement.names]
    return tuple(found)
