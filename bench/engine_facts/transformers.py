"""transformers' `load_adapter`: the PEFT that it asks for, its options, the rewriting of names."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from .reading import find_function, parse, read_value

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "transformers"
FOLDERS = ("transformers/integrations/peft.py",)


def extract(folder: Path) -> dict[str, Any]:
    """The facts of one release, from its unpacked sources."""
    module = parse(folder / "transformers/integrations/peft.py")
    loads = find_function(module, "load_adapter")
    assert module is not None
    assert isinstance(loads, ast.FunctionDef)
    named = [one.arg for one in (*loads.args.args, *loads.args.kwonlyargs)]
    least = [
        read_value(line.value)
        for line in module.body
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "MIN_PEFT_VERSION"
    ]
    return {
        "peft_at_least": least[0] if least else None,
        "options": [name for name in named if name != "self"],
        "rewrites_names": "conversion" in ast.unparse(loads),
    }
