"""What leaves modules out of a setting: `exclude_modules`, or what the tool makes it of."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .phrases import quote_names

if TYPE_CHECKING:
    from loracheck.documents.model import Path
    from loracheck.rules.context import RuleContext


class Exclusion(NamedTuple):
    """How the user meets an exclusion."""

    words: str
    """The keys of the file in backticks, or the tool that does it by itself."""

    place: Path
    """Where to point at."""

    help: str
    """How to take less out."""


def describe_exclusion(context: RuleContext) -> Exclusion:
    """The exclusion of a setting in the words of its file. A tool that leaves modules out by itself
    has no `exclude_modules` in the file that one could point at.
    """
    setting = context.setting
    if "exclude_modules" in setting.places or setting.tool is None:
        return Exclusion(
            "exclude_modules",
            context.place("exclude_modules"),
            "take out of exclude_modules what is to get LoRA",
        )
    keys = setting.behaviour.excluded_by
    if keys:
        words = quote_names(list(keys))
        return Exclusion(words, next(iter(keys.values())), f"switch {words} off")
    tool = setting.tool.title.partition(" (")[0]
    return Exclusion(
        f"{tool} by itself",
        context.place("target_modules"),
        f"{tool} freezes these parts unless its switches for them are off",
    )
