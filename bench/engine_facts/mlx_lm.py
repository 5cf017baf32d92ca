"""mlx-lm: the files and the fields that its loader reads."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from .reading import attributes, find_function, guards, parse, strings

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "mlx-lm"
FOLDERS = ("mlx_lm/tuner/",)


def extract(folder: Path) -> dict[str, Any]:
    """The facts of one release, from its unpacked sources."""
    loads = find_function(parse(folder / "mlx_lm/tuner/utils.py"), "load_adapters")
    texts = strings(loads)
    return {
        "fields": sorted(set(attributes(loads, "config"))),
        "files": sorted(
            {text for text in texts if text.endswith((".json", ".safetensors", ".npz"))}
        ),
        "refuses_unknown_tensors": any(
            ast.unparse(branch.test) == "errors" for branch in guards(loads)
        ),
    }
