"""Which modules a text would match as the value of `target_modules`."""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields
from loracheck.named_tuple import NamedTuple
from loracheck.plan.errors import RefusedError
from loracheck.plan.matching import regexes
from loracheck.trees.groups import group_modules, make_splitter
from loracheck.type_checking import TYPE_CHECKING

from .field_edit import ABSENT
from .value_text import IncompleteValue, parse_value

if TYPE_CHECKING:
    from typing import Any

    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree

TARGET = "target_modules"


class MatchPreview(NamedTuple):
    """The modules that match, folded, or why nothing can be said. `value` is what the text means
    as target_modules.
    """

    value: Any
    groups: tuple[Group, ...] = ()
    reason: str | None = None

    @property
    def modules(self) -> int:
        """How many modules match."""
        return sum(group.count for group in self.groups)


def preview_match(text: str, tree: ModuleTree | None) -> MatchPreview:
    """What the text matches in the tree, by PEFT's rule: names are whole names or ends of them, an
    expression must match the whole name.
    """
    value = parse_value(text, get_lora_fields()[TARGET])
    if isinstance(value, IncompleteValue):
        return MatchPreview(ABSENT, reason=value.reason)
    if value is ABSENT or value is None or value == "all-linear" or tree is None:
        return MatchPreview(value)
    if isinstance(value, str):
        try:
            match = regexes.compile_pattern(value, TARGET, whole=True)
            matches = [
                g for g in group_modules(tree, make_splitter(patterns=[value])) if match(g.name)
            ]
        except RefusedError as error:
            return MatchPreview(value, reason=error.error.message)
        return MatchPreview(value, tuple(matches))
    names = [str(name) for name in value] if isinstance(value, list) else []
    ends = tuple(f".{name}" for name in names)
    every = group_modules(tree, make_splitter(names=names))
    return MatchPreview(value, tuple(g for g in every if g.name in names or g.name.endswith(ends)))
