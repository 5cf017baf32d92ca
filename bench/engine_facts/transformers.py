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
    return {
        "peft_at_least": read_least_peft(folder),
        "options": [name for name in named if name != "self"],
        "rewrites_names": "conversion" in ast.unparse(loads),
    }


def read_least_peft(folder: Path) -> str | None:
    """MIN_PEFT_VERSION of the sources in a folder; None where there is none."""
    module = parse(folder / "transformers/integrations/peft.py")
    for line in module.body if module is not None else ():
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "MIN_PEFT_VERSION":
            return str(read_value(line.value))
    return None
