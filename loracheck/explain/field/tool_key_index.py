"""How each tool spells a field, and its own default, from the tools' key maps."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.tools.core.index import load_index
from loracheck.tools.core.key import UNSET
from loracheck.tools.core.registry import load_key_maps
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.tools.core.tool import Tool


class FieldSpelling(NamedTuple):
    """One tool's key for a field: the keys that lead to it, and its own default; `passed` is False
    where the tool passes nothing, so that PEFT's default holds. `rule` says in words what the
    default is where it is worked out.
    """

    tool: str
    key: str
    default: Any
    passed: bool
    rule: str | None


def find_spellings(field: str) -> tuple[FieldSpelling, ...]:
    """The tools that have a key for the field, in the order of their names."""
    spellings = [
        FieldSpelling(
            tool.title.partition(" (")[0],
            ".".join((*tool.block, key.name)),
            None if key.default is UNSET else key.default,
            key.default is not UNSET,
            _find_default_text(key.help or ""),
        )
        for tool in iter_tools()
        for key in tool.keys
        if key.field == field
    ]
    return tuple(sorted(spellings, key=lambda one: one.tool.lower()))


def _find_default_text(help_: str) -> str | None:
    """ "Default: twice lora_rank." in a key's help."""
    default = help_.partition("Default: ")[2]
    return default.partition(".")[0] or None


def iter_tools() -> Iterator[Tool]:
    """Every tool's key map; some tools have two, for two forms of their file."""
    for name in load_index().signatures:
        yield from load_key_maps(name)
