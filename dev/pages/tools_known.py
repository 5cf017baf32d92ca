"""The key maps of all tools, as the dialects hold them."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from loracheck import tools as package
from loracheck.tools.core.registry import key_maps

if TYPE_CHECKING:
    from loracheck.tools.core.tool import Tool


@cache
def tools() -> tuple[Tool, ...]:
    """Every key map, in the order of the dialects' names; a tool may have more than one."""
    found: list[Tool] = []
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        if hasattr(import_module(f"{package.__name__}.{module}"), "TOOL"):
            found += key_maps(module)
    return tuple(found)
