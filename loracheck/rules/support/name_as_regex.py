"""A module name, or names with commas, that a tool passes to PEFT as one regular expression.

Rule LC703 reports it; the rules of target_modules and of the field's type are silent then.
"""

from __future__ import annotations

import re

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.rules.context import RuleContext

TRAP = "one-name-is-a-regex"
"""The trap of a tool whose target_modules is read so."""

_NAME = r"\w+"
_LIST = r"\w+(?:\s*,\s*\w+)+"


def find_single_name(context: RuleContext) -> str | None:
    """The one plain name that stands in place of an expression; None where there is none."""
    target = _find_target(context)
    return target if target is not None and re.fullmatch(_NAME, target) else None


def find_joined_names(context: RuleContext) -> list[str]:
    """The names of a string with commas; empty where the target is none."""
    target = _find_target(context)
    if target is None or not re.fullmatch(_LIST, target):
        return []
    return [part.strip() for part in target.split(",")]


def is_single_name_regex(context: RuleContext) -> bool:
    """Whether LC703 reports the targets, so that other rules need not."""
    return find_single_name(context) is not None or bool(find_joined_names(context))


def _find_target(context: RuleContext) -> str | None:
    """target_modules where the tool has the trap and the value is text."""
    target = context.setting.fields.get("target_modules")
    return target if TRAP in context.setting.traps and isinstance(target, str) else None
