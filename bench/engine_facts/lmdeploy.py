"""LMDeploy's PyTorch engine: the names of tensors that it takes and the fields that it reads."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from .reading import attributes, find_function, parse, strings

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "lmdeploy"
FOLDERS = ("lmdeploy/pytorch/adapter/",)


def extract(folder: Path) -> dict[str, Any]:
    """The facts of one release, from its unpacked sources."""
    adapter = parse(folder / "lmdeploy/pytorch/adapter/adapter.py")
    loads = find_function(adapter, "load_lora_weights")
    claims = [one for one in ast.walk(loads) if isinstance(one, ast.Assert)] if loads else []
    return {
        "fields": sorted(set(attributes(find_function(adapter, "get_ranks_and_scalings"), "cfg"))),
        "tensors": sorted({text for claim in claims for text in strings(claim)}),
    }
