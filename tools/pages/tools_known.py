"""The key maps of all tools, as the dialects hold them."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from loracheck import dialects
from loracheck.dialects.tool import Tool


@cache
def tools() -> tuple[Tool, ...]:
    """Every key map, in the order of the dialects' names; a tool may have more than one."""
    found: list[Tool] = []
    for module in sorted(m.name for m in pkgutil.iter_modules(dialects.__path__)):
        names = vars(import_module(f"{dialects.__name__}.{module}"))
        found += [
            value
            for value in names.values()
            if isinstance(value, Tool) and value.name.replace("-", "_") == module
        ]
    return tuple(found)
