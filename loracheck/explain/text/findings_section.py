"""What the entries reached, what was added, what trains in full, and the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loracheck.explain.file.components import ORDER, TITLES
from loracheck.explain.file.entries import worth_telling
from loracheck.rules.support.phrases import count_noun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.explain.file.entries import Entry
    from loracheck.explain.file.impact import Effect
    from loracheck.explain.file.module_rows import Row
    from loracheck.explain.file.serving import Served
    from loracheck.findings import Finding

    from .style import Look

_SHOWN = 14
"""Entries of one field that are listed; PEFT's own long lists say no more."""

_WHAT = {
    "target_modules": "wrapped",
    "target_parameters": "wrapped",
    "exclude_modules": "kept out",
    "modules_to_save": "trained in full",
    "rank_pattern": "with this rank",
    "alpha_pattern": "with this alpha",
    "layers_to_transform": "wrapped in this layer",
    "layers_pattern": "wrapped through it",
}


def entries(effect: Effect, look: Look) -> Iterator[str]:
    """What each entry reached, the findings about a field below it."""
    shown = worth_telling(effect.entries)
    fields = list(dict.fromkeys(entry.field for entry in shown))
    if fields:
        yield look.title("What the entries reach")
    for field in fields:
        yield f"  {field}"
        own = [entry for entry in shown if entry.field == field]
        names = [_clipped(str(entry.entry), 60, look) for entry in own[:_SHOWN]]
        width = max(22, min(max(map(len, names)), look.width - 46))
        for name, entry in zip(names, own, strict=False):
            yield from _entry(name, width, entry, effect, look)
        if len(own) > _SHOWN:
            yield f"    and {len(own) - _SHOWN} more"


def _entry(name: str, width: int, entry: Entry, effect: Effect, look: Look) -> Iterator[str]:
    where = f" (line {entry.line}{_codes(entry, effect)})" if entry.line else ""
    if entry.effect and effect.judged:
        what = _WHAT.get(entry.field, "reached")
        text = f"{count_noun(entry.effect, 'module')} {what}"
    elif effect.refusal is not None or not effect.judged:
        text = f"matches {count_noun(entry.matched, 'name') if entry.matched else 'no name'}"
    elif entry.matched:
        text = (
            look.paint.level("warning", "no effect")
            + f", though it matches {count_noun(entry.matched, 'name')}"
        )
    else:
        text = look.paint.level("warning", "no effect") + ", it matches no name"
    # A name that is longer stands alone, and what it came to below it.
    if len(name) > width:
        yield from look.wrapped(name, " " * 6, " " * 4)
        name = ""
    yield from look.wrapped(f"{text}{where}", " " * (width + 5), f"    {name:<{width}} ")


def _codes(entry: Entry, effect: Effect) -> str:
    """The findings that stand at the entry."""
    spelled = {value.field: value.spelled for value in effect.values}
    names = (entry.field, spelled.get(entry.field))
    here = (f for f in effect.findings if f.span.line == entry.line and f.field in names)
    codes = dict.fromkeys(f.code for f in here if str(entry.entry) in f.message)
    return "".join(f", {code}" for code in codes)


def values(effect: Effect, look: Look) -> Iterator[str]:
    """The fields of the file as they stand, for a setting without a model."""
    own = [value for value in effect.values if value.line is not None]
    if own:
        yield look.title("Fields")
    for value in own:
        spelled = (
            value.field if value.spelled == value.field else f"{value.field} ({value.spelled})"
        )
        yield from look.wrapped(
            f"{_brief(value.value)}  line {value.line}", " " * 27, f"  {spelled:<24} "
        )


def names(effect: Effect, look: Look) -> Iterator[str]:
    """What the model's modules are called, for a config that reaches nothing."""
    if effect.rows:
        yield look.title("What the model has")
    for part in ORDER:
        own = [row for row in effect.rows if row.component == part]
        leaves = dict.fromkeys(_short(row) for row in own)
        if leaves:
            title = TITLES.get(part, part)
            yield from look.wrapped(", ".join(leaves), " " * 15, f"  {title:<12} ")


def _short(row: Row) -> str:
    """The last part of a name that is no number; of a parameter also its module's."""
    parts = [part for part in row.below.split(".") if part != "*" and not part.isdecimal()]
    return ".".join(parts[-2 if row.parameter else -1 :]) or row.below


def additions(effect: Effect, look: Look) -> Iterator[str]:
    """What nobody wrote, and happens."""
    if effect.added:
        yield look.title("Set without the file saying so")
    for one in effect.added:
        text = f"{one.field} = {_brief(one.value)}: by {one.by}, {one.why}"
        yield from look.wrapped(text, "    ", "  ")


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 76 else f"{text[:73]}..."


def full(effect: Effect, look: Look) -> Iterator[str]:
    """Modules and token rows that train beside LoRA."""
    biases = effect.disk.biases if effect.disk else 0
    if effect.full or effect.tokens or biases:
        yield look.title("Trained beside LoRA")
    for one in effect.full:
        count = f"{one.modules} modules, " if one.modules > 1 else ""
        shared = ", shares the embedding's copy" if one.tied else ""
        why = f"(entry {one.entry!r}{shared})"
        text = f"{one.name}: in full, {count}{one.parameters:,} parameters {why}"
        yield from look.wrapped(text, "    ", "  ")
    if biases:
        yield f"  biases of the base model: {biases:,} parameters"
    for row in effect.tokens:
        text = f"{row.name}: {row.indices} rows, {row.parameters:,} parameters"
        yield from look.wrapped(text, "    ", "  ")


def findings(effect: Effect, look: Look) -> Iterator[str]:
    """The findings, a line or two each."""
    if not effect.findings:
        return
    yield look.title(f"Findings ({len(effect.findings)})")
    for finding in effect.findings:
        yield from _finding(finding, look)


def _finding(finding: Finding, look: Look) -> Iterator[str]:
    label = look.paint.level(finding.severity, f"{finding.severity}[{finding.code}]")
    plain = f"{finding.severity}[{finding.code}]"
    lines = look.wrapped(f"line {finding.span.line}: {finding.message}", "    ", f"  {plain} ")
    yield lines[0].replace(plain, label, 1)
    yield from lines[1:]
    if finding.help:
        yield from look.wrapped(finding.help, "          ", "    help: ")


def warnings(effect: Effect, look: Look) -> Iterator[str]:
    """PEFT's own warnings."""
    if effect.warnings:
        yield look.title("PEFT will warn")
    for text in effect.warnings:
        yield from look.wrapped(_clipped(text, 300, look), "    ", "  ")


def _clipped(text: str, most: int, look: Look) -> str:
    """At most so many characters of it."""
    dots = "…" if look.blocks else ".."
    return text if len(text) <= most else text[: most - len(dots)] + dots


def served(effect: Effect, look: Look) -> Iterator[str]:
    """What each engine would make of the adapter."""
    if not effect.served:
        return
    yield look.title("Served by")
    names = [f"{one.title} {one.version}" if one.version else one.title for one in effect.served]
    width = max(map(len, names)) + 1
    for name, one in zip(names, effect.served, strict=True):
        reasons = [f"{reason.text} ({reason.help})" for reason in one.reasons]
        text = f"{answer(one)} {'; '.join(reasons)}"
        yield from look.wrapped(text, " " * 6, f"  {name:<{width}} ")


def answer(one: Served) -> str:
    """The verdict in a word or two."""
    if one.verdict == "takes" and not one.model_known:
        return "yes, if it serves the model"
    return _VERDICTS[one.verdict]


_VERDICTS = {
    "takes": "yes",
    "takes with an option": "with an option:",
    "takes in part": "in part:",
    "refuses": "no:",
}
