"""Names that mlx-lm's models have and transformers' models of the same type have not.

    python -m bench.mlx_names FOLDER

FOLDER is a clone of mlx-lm (or an installed `mlx_lm`). Its model files are parsed, never run: an
attribute that a class gives itself by a call may be a module. What a model takes from another file
of the folder counts as its own. Written for the types that the bundle has a tree of, into
`loracheck/tools/mlx_lm_names.json`; a type that is not there is one whose names cannot be compared.
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

from loracheck.tools.mlx_lm import NAMES
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import Request, TreeOptions

SHARED = frozenset({"cache"})
"""Files of the folder that hold no layers."""


def main() -> None:
    """Write the table."""
    (folder,) = (Path(argument) for argument in sys.argv[1:])
    files = {path.stem: ast.parse(path.read_text()) for path in find_models(folder)}
    table = {}
    for kind in sorted(files):
        tree = resolve(Request(f"type:{kind}"), TreeOptions(local=False)).tree
        if tree is not None:
            names = {part for module in tree.modules() for part in module.name.split(".")}
            table[kind] = sorted(collect_names(kind, files, set()) - names)
    Path(NAMES).write_text(json.dumps(table, indent=0) + "\n")
    print(f"{len(table)} of {len(files)} files")


def find_models(folder: Path) -> list[Path]:
    """The files of models in a clone or an installed package."""
    return sorted(next(iter(folder.rglob("switch_layers.py"))).parent.glob("*.py"))


def collect_names(kind: str, files: dict[str, ast.Module], seen: set[str]) -> set[str]:
    """The names of all attributes that the classes of a file, and of those that it imports from,
    give themselves.
    """
    if kind in seen or kind in SHARED or kind not in files:
        return set()
    seen.add(kind)
    found: set[str] = set()
    for node in ast.walk(files[kind]):
        if isinstance(node, ast.Assign) and any(
            isinstance(part, ast.Call) for part in ast.walk(node.value)
        ):
            found.update(
                target.attr
                for target in node.targets
                if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
            )
        elif isinstance(node, ast.ImportFrom) and node.level == 1:
            others = [node.module] if node.module else [name.name for name in node.names]
            for other in others:
                found |= collect_names(other, files, seen)
    return found


if __name__ == "__main__":
    main()
