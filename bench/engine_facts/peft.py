"""PEFT as a loader: LoraConfig's fields, what becomes of fields that it does not know, how the
sides of weights of `target_parameters` are laid.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from .reading import find_class, find_function, list_fields, parse, read_value

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "peft"
FOLDERS = ("peft/config.py", "peft/tuners/lora/", "peft/utils/")


def extract(folder: Path) -> dict[str, Any]:
    """The facts of one release, from its unpacked sources."""
    root = folder / "peft"
    config = find_class(parse(root / "tuners/lora/config.py"), "LoraConfig")
    layer = parse(root / "tuners/lora/layer.py")
    constants = parse(root / "utils/constants.py")
    known = [name for name in list_fields(config) if not name.startswith("_")]
    return {
        "fields": sorted(known),
        "inits": sorted(_inits(config)),
        "embedding_names": _constant(constants, "EMBEDDING_LAYER_NAMES"),
        "passes_over_unknown_fields": find_function(
            parse(root / "config.py"), "_check_and_remove_unused_kwargs"
        )
        is not None,
        "parameters": find_class(layer, "ParamWrapper") is not None,
        "rewrites_names": (root / "utils/transformers_weight_conversion.py").is_file(),
    }


def _inits(config: ast.ClassDef | None) -> set[str]:
    """The words that the field's annotation lists."""
    for line in config.body if config is not None else ():
        if isinstance(line, ast.AnnAssign) and ast.unparse(line.target) == "init_lora_weights":
            return {
                one.value
                for one in ast.walk(line.annotation)
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
    return set()


def _constant(module: ast.Module | None, name: str) -> Any:
    for line in module.body if module is not None else ():
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == name:
            return read_value(line.value)
    return None
