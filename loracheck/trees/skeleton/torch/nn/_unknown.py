"""Layers that this torch does not have: they can be named, not made."""

from __future__ import annotations

import sys
from typing import Any

from .._permissive import NotModelledError
from .modules.module import Module


def unknown_layer(name: str, module: str, kept: dict[str, Any]) -> Any:
    """A class for `module.name` whose making raises NotModelledError; a known submodule is given as
    it is.

    Raises AttributeError for names that are no class names: nothing in torch.nn is guessed.
    """
    found = sys.modules.get(f"{module}.{name}")
    if found is not None:
        return found
    if not name[:1].isupper():
        raise AttributeError(f"module '{module}' has no attribute '{name}'")

    def __init__(self: object, *_: object, **__: object) -> None:  # noqa: N807
        raise NotModelledError(f"the stand-in for torch does not have {module}.{name}")

    made = type(name, (Module,), {"__init__": __init__, "__module__": module})
    return kept.setdefault(name, made)
