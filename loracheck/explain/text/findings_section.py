"""The parts of a report below its tables: entries, values, additions, findings, engines."""

from __future__ import annotations

from loracheck.explain.file.components import ORDER, TITLES
from loracheck.explain.file.entries import select_notable
from loracheck.rules.support.phrases import count_noun
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.values import Value
    from loracheck.explain.file.entries import Entry
    from loracheck.explain.file.impact import Impact
    from loracheck.explain.file.module_rows import ModuleRow
    from loracheck.explain.file.serving import EngineVerdict
    from loracheck.findings import Finding

    from .style import TextStyle

_SHOWN = 14
"""Most entries of one field that are listed."""

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


def format_entry_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """What each entry reached, with the findings about its field below."""
    entries = select_notable(impact.entries)
    fields = list(dict.fromkeys(entry.field for entry in entries))
    if fields:
        yield style.title("What the entries reach")
    for field in fields:
        field_entries = [entry for entry in entries if entry.field == field]
        by_tool = field == "exclude_modules" and not any(entry.line for entry in field_entries)
        yield "  left out by the tool" if by_tool else f"  {field}"
        names = [_clip(str(entry.entry), 60, style) for entry in field_entries[:_SHOWN]]
        width = max(22, min(max(map(len, names)), style.width - 46))
        for name, entry in zip(names, field_entries, strict=False):
            yield from _format_entry(name, width, entry, impact, style)
        if len(field_entries) > _SHOWN:
            yield f"    and {len(field_entries) - _SHOWN} more"


def _format_entry(
    name: str, width: int, entry: Entry, impact: Impact, style: TextStyle
) -> Iterator[str]:
    where = f" (line {entry.line}{_format_rule_codes(entry, impact)})" if entry.line else ""
    if entry.effect and impact.judged:
        what = _WHAT.get(entry.field, "reached")
        text = f"{count_noun(entry.effect, 'module')} {what}"
    elif impact.refusal is not None or not impact.judged:
        text = describe_match(entry.matched, counted=impact.counted)
    elif entry.matched:
        text = (
            style.paint.level("warning", "no effect")
            + f", though it matches {count_noun(entry.matched, 'name')}"
        )
    else:
        text = style.paint.level("warning", "no effect") + ", it matches no name"
    # A name that is longer stands alone, and what it came to below it.
    if len(name) > width:
        yield from style.wrap(name, " " * 6, " " * 4)
        name = ""
    yield from style.wrap(f"{text}{where}", " " * (width + 5), f"    {name:<{width}} ")


def describe_match(matched: int, *, counted: bool) -> str:
    """What an entry matches, in words; the number of names only where it is known."""
    if matched and not counted:
        return "matches"
    return f"matches {count_noun(matched, 'name') if matched else 'no name'}"


def _format_rule_codes(entry: Entry, impact: Impact) -> str:
    """The codes of the findings about the entry."""
    spellings = {value.field: value.spelled for value in impact.values}
    names = (entry.field, spellings.get(entry.field))
    here = (f for f in impact.findings if f.span.line == entry.line and f.field in names)
    codes = dict.fromkeys(f.code for f in here if str(entry.entry) in f.message)
    return "".join(f", {code}" for code in codes)


def format_value_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """The fields of the file as they stand, for a setting without a model."""
    set_values = [value for value in impact.values if value.line is not None]
    if set_values:
        yield style.title("Fields")
    for value in set_values:
        assignment = (
            value.field if value.spelled == value.field else f"{value.field} ({value.spelled})"
        )
        yield from style.wrap(
            f"{shorten_value(value.value)}  line {value.line}", " " * 27, f"  {assignment:<24} "
        )


def format_name_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """The names of the model's linear layers, for a config that reaches nothing."""
    if impact.rows:
        yield style.title("What the model has")
    for part in ORDER:
        part_rows = [row for row in impact.rows if row.component == part]
        leaves = dict.fromkeys(_get_last_name(row) for row in part_rows)
        if leaves:
            title = TITLES.get(part, part)
            yield from style.wrap(", ".join(leaves), " " * 15, f"  {title:<12} ")


def _get_last_name(row: ModuleRow) -> str:
    """The last part of the name that is no number; of a parameter with its module's."""
    parts = [part for part in row.below.split(".") if part != "*" and not part.isdecimal()]
    return ".".join(parts[-2 if row.parameter else -1 :]) or row.below


def format_addition_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """What the tool and PEFT set without the file saying so."""
    if impact.added:
        yield style.title("Set without the file saying so")
    for one in impact.added:
        text = f"{one.field} = {shorten_value(one.value)}: by {one.by}, {one.why}"
        if one.field == "exclude_modules":  # the tool's own choice of names; no field is written
            text = f"{one.by} passes over the modules that match {shorten_value(one.value)}"
        yield from style.wrap(text, "    ", "  ")


def shorten_value(value: Value) -> str:
    """The value as Python writes it, cut off where it is long."""
    text = repr(value)
    return text if len(text) <= 76 else f"{text[:73]}..."


def format_full_training_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """Modules and token rows that train beside LoRA."""
    biases = impact.disk.biases if impact.disk else 0
    if impact.full or impact.tokens or biases:
        yield style.title("Trained beside LoRA")
    for one in impact.full:
        count = f"{one.modules} modules, " if one.modules > 1 else ""
        shared = ", shares the embedding's copy" if one.tied else ""
        why = f"(entry {one.entry!r}{shared})"
        text = f"{one.name}: in full, {count}{one.parameters:,} parameters {why}"
        yield from style.wrap(text, "    ", "  ")
    if biases:
        yield f"  biases of the base model: {biases:,} parameters"
    for row in impact.tokens:
        text = f"{row.name}: {row.indices} rows, {row.parameters:,} parameters"
        yield from style.wrap(text, "    ", "  ")


def format_finding_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """The findings, a line or two each."""
    if not impact.findings:
        return
    yield style.title(f"Findings ({len(impact.findings)})")
    for finding in impact.findings:
        yield from _format_finding(finding, style)


def _format_finding(finding: Finding, style: TextStyle) -> Iterator[str]:
    label = style.paint.level(finding.severity, f"{finding.severity}[{finding.code}]")
    plain = f"{finding.severity}[{finding.code}]"
    lines = style.wrap(f"line {finding.span.line}: {finding.message}", "    ", f"  {plain} ")
    yield lines[0].replace(plain, label, 1)
    yield from lines[1:]
    if finding.help:
        yield from style.wrap(finding.help, "          ", "    help: ")


def format_warning_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """PEFT's own warnings."""
    if impact.warnings:
        yield style.title("PEFT will warn")
    for text in impact.warnings:
        yield from style.wrap(_clip(text, 300, style), "    ", "  ")


def _clip(text: str, most: int, style: TextStyle) -> str:
    """The text cut to `most` characters."""
    dots = "…" if style.blocks else ".."
    return text if len(text) <= most else text[: most - len(dots)] + dots


def format_engine_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """What each engine would make of the adapter."""
    if not impact.served:
        return
    yield style.title("Served by")
    names = [f"{one.title} {one.version}" if one.version else one.title for one in impact.served]
    width = max(map(len, names)) + 1
    for name, one in zip(names, impact.served, strict=True):
        reasons = [f"{reason.text} ({reason.help})" for reason in one.reasons]
        text = " ".join(
            filter(None, (format_verdict(one), "; ".join(reasons), format_unchecked_parts(one)))
        )
        yield from style.wrap(text, " " * 6, f"  {name:<{width}} ")


def format_verdict(one: EngineVerdict) -> str:
    """The verdict in a word or two."""
    return _VERDICTS[one.verdict]


def format_unchecked_parts(one: EngineVerdict) -> str:
    """What nobody has read of this engine, in brackets; nothing where it refuses in any case."""
    if not one.unchecked or one.verdict == "refuses":
        return ""
    return f"(not checked: {', '.join(one.unchecked)})"


_VERDICTS = {
    "takes": "yes",
    "takes with an option": "with an option:",
    "takes in part": "in part:",
    "refuses": "no:",
    "nothing known against": "nothing known against it",
}
