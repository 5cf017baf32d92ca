"""Keys of tools that take a list and nothing else."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.rules.context import RuleContext


def takes_text(context: RuleContext, field: str) -> bool:
    """Whether the file may give a field one string: not where the tool's own schema has a list of
    names, so that no expression can be given there.
    """
    tool = context.setting.tool
    name = context.spelling(field)
    types = {key.type for key in tool.keys if key.name == name} if tool is not None else set()
    return "list[str]" not in types
