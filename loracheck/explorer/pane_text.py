"""What the panes say, as plain text: marks of the tree, findings, what a field's entries reach."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .value_text import format_value

if TYPE_CHECKING:
    from loracheck.config.field_table import Field
    from loracheck.findings import Finding

    from .tree_lines import Mark, TreeLine
    from .view import View

FULL, PART, NONE, SAVED = "●", "◐", "○", "■"
"""Adapted, adapted in part, could be adapted, trained in full."""

MAX_ADVICE = 160
"""Characters of advice; lists of names can be long, and the form shows them again."""

SIGNS = {"error": "✗", "warning": "▲", "note": "·"}


class TonedText(NamedTuple):
    """A piece of text and how it is meant: "good", "part", "idle", "full", "hit", "bad", "dim"."""

    text: str
    tone: str


def describe_mark(line: TreeLine, mark: Mark) -> TonedText:
    """What stands beside a line of the tree."""
    if mark.saved:
        return TonedText(f"{SAVED} full", "full")
    if mark.adapted:
        rank = _format_ranks(mark.ranks)
        if mark.adapted >= line.modules:
            return TonedText(f"{FULL} {rank}", "good")
        return TonedText(f"{PART} {mark.adapted}/{line.modules} {rank}", "part")
    if mark.tokens:
        return TonedText(f"{SAVED} {mark.tokens} tokens", "full")
    if line.wrappable:
        return TonedText(NONE, "idle")
    if mark.linear:
        tone = "good" if mark.below == mark.linear else "part" if mark.below else "dim"
        return TonedText(f"{mark.below}/{mark.linear}", tone)
    return TonedText("", "dim")


def _format_ranks(ranks: tuple[int, ...]) -> str:
    return f"r{ranks[0]}" if len(ranks) == 1 else f"r{min(ranks)}-{max(ranks)}"


def abbreviate(number: int) -> str:
    """A number in thousands, millions or billions: `3.1M`."""
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.1f}{unit}"
    return str(number)


def format_headline(finding: Finding) -> str:
    """A finding in one sentence."""
    return f"{SIGNS[finding.severity]} {finding.code} {finding.message}"


def format_advice(finding: Finding) -> str:
    """What to do about it; empty where there is no advice."""
    if finding.fix is not None and finding.fix.changes:
        return f"mend: {finding.fix.title}"
    text = finding.help or (finding.notes[0] if finding.notes else "")
    return text if len(text) <= MAX_ADVICE else f"{text[: MAX_ADVICE - 1]}…"


def describe_entries(view: View, field: str) -> list[TonedText]:
    """What each entry of a field reaches."""
    texts = []
    for reach in view.list_matches(field):
        if reach.effect:
            texts.append(TonedText(f"{reach.entry} {reach.effect:,}", "good"))
        elif reach.matched:
            texts.append(TonedText(f"{reach.entry} {reach.matched:,}, no effect", "part"))
        else:
            texts.append(TonedText(f"{reach.entry} 0", "bad"))
    return texts


def format_placeholder(view: View, field: Field) -> str:
    """What an empty field stands for."""
    default = view.get_default(field)
    return format_value(default, field) or "null"


def format_field_hint(field: Field) -> str:
    """Default, usual values and age of a field, in one line."""
    parts = [f"default {format_value(field.default, field) or 'null'}"]
    if field.typical:
        parts.append(f"usual: {field.typical.text}")
    if field.choices:
        parts.append("one of " + ", ".join(map(str, field.choices)))
    elif field.examples:
        parts.append(
            "e.g. " + "  or  ".join(format_value(example, field) for example in field.examples[:2])
        )
    parts.append(f"since PEFT {field.since}")
    return " · ".join(parts)
