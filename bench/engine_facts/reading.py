"""What the extractors ask of a Python file: its classes, functions and constants, as text."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Function = (ast.FunctionDef, ast.AsyncFunctionDef)


def parse(*files: Path) -> ast.Module | None:
    """The first of the files that is there, parsed; None where none is. SyntaxError for a file of
    another Python.
    """
    found = next((file for file in files if file.is_file()), None)
    return ast.parse(found.read_text("utf-8")) if found is not None else None


def find_class(tree: ast.AST | None, name: str) -> ast.ClassDef | None:
    """The class of that name, wherever it stands."""
    return next((c for c in _walk(tree) if isinstance(c, ast.ClassDef) and c.name == name), None)


def find_function(tree: ast.AST | None, name: str) -> ast.AST | None:
    """The first function or method of that name."""
    return next((f for f in _walk(tree) if isinstance(f, Function) and f.name == name), None)


def list_fields(cls: ast.ClassDef | None) -> dict[str, ast.expr | None]:
    """The annotated names of a class body, with what they are set to."""
    body = cls.body if cls is not None else []
    return {
        line.target.id: line.value
        for line in body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    }


def read_value(node: ast.expr | None) -> Any:
    """The literal that an expression is; None for any other."""
    try:
        return ast.literal_eval(node) if node is not None else None
    except ValueError:
        return None


def strings(node: ast.AST | None) -> list[str]:
    """All literal texts in it, in order, without those that stand alone (docstrings)."""
    alone = {id(line.value) for line in _walk(node) if isinstance(line, ast.Expr)}
    return [
        one.value
        for one in _walk(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in alone
    ]


def attributes(node: ast.AST | None, owner: str) -> list[str]:
    """The attributes that it takes from a name: `x` of `owner.x`."""
    return [
        one.attr
        for one in _walk(node)
        if isinstance(one, ast.Attribute)
        and isinstance(one.value, ast.Name)
        and one.value.id == owner
    ]


def keys(node: ast.AST | None, owner: str) -> list[str]:
    """The literal keys that it takes from a mapping: `owner["x"]`, `owner.get("x")`."""
    found = []
    for one in _walk(node):
        holder: ast.expr | None = None
        if isinstance(one, ast.Subscript):
            holder, key = one.value, one.slice
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.args:
            holder, key = (one.func.value, one.args[0]) if one.func.attr == "get" else (None, one)
        if holder is not None and ast.unparse(holder) == owner:
            value = read_value(key)
            found += [value] if isinstance(value, str) else []
    return found


def compared_strings(function: ast.AST | None, name: str) -> list[str]:
    """The texts that a function compares `name` with: `name == "x"`, `name in ("x", "y")`."""
    found = []
    for one in _walk(function):
        if isinstance(one, ast.Compare) and ast.unparse(one.left) == name:
            found += [text for other in one.comparators for text in strings(other)]
    return found


def guards(function: ast.AST | None) -> Iterator[ast.If]:
    """The branches of a function that refuse: they raise, or add to a list of complaints."""
    for one in _walk(function):
        if isinstance(one, ast.If) and any(map(_refuses, _own_steps(one))):
            yield one


def _own_steps(branch: ast.If) -> Iterator[ast.AST]:
    for line in branch.body:
        yield from _walk(line)


def _refuses(node: ast.AST) -> bool:
    if isinstance(node, ast.Raise):
        return True
    call = node.func if isinstance(node, ast.Call) else None
    return (
        isinstance(call, ast.Attribute) and call.attr == "append" and "error" in ast.unparse(call)
    )


def _walk(node: ast.AST | None) -> Iterator[ast.AST]:
    return ast.walk(node) if node is not None else iter(())
