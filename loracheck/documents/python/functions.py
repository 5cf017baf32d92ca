"""Facts of functions, of their calls and their decorators: the defaults of parameters, what makes a
marimo cell or a dataclass, what opens a file.
"""

from __future__ import annotations

import ast


def get_parameter_defaults(arguments: ast.arguments) -> dict[str, ast.expr]:
    """The default of each parameter that has one."""
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = dict(
        zip([a.arg for a in reversed(positional)], reversed(arguments.defaults), strict=False)
    )
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            defaults[argument.arg] = default
    return defaults


def is_marimo_cell(decorator: ast.expr) -> bool:
    """Whether a decorator is marimo's `@app.cell` or `@app.cell(...)`."""
    if isinstance(decorator, ast.Call):
        decorator = decorator.func
    return (
        isinstance(decorator, ast.Attribute)
        and decorator.attr == "cell"
        and isinstance(decorator.value, ast.Name)
        and decorator.value.id == "app"
    )


def is_opening(node: ast.expr | None) -> bool:
    """Whether an expression opens a file: `open(path)`, `Path(path).open()`."""
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr == "open"
    return isinstance(function, ast.Name) and function.id == "open"


def is_dataclass(decorator: ast.expr) -> bool:
    """Whether a decorator makes a dataclass of the class, called or not."""
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name == "dataclass"
