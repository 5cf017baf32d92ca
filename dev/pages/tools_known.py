"""The key maps of all tools."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from loracheck.tools.core.build_index import list_all_tools
from loracheck.tools.core.registry import load_key_maps

if TYPE_CHECKING:
    from loracheck.tools.core.tool import Tool


@cache
def list_key_maps() -> tuple[Tool, ...]:
    """Every key map, in the order of the tools' names; a tool may have more than one."""
    names = sorted(tool.name.replace("-", "_") for tool in list_all_tools() if tool.keys)
    return tuple(one for name in names for one in load_key_maps(name))
