"""What there is to explain, as plain text, 80 columns wide or as wide as the terminal.

An `Impact`, `Comparison` or `Overview` comes in with a `TextStyle` (width, colours, characters),
the text goes out. Begin with `render` here, the report of one setting; `comparison.py` and
`model_overview.py` have a `render` of their own.
"""

from __future__ import annotations

from loracheck.explain.file.impact import INVALID_CONFIG, OWN_CHOICE
from loracheck.trees.model import name_kind
from loracheck.type_checking import TYPE_CHECKING

from . import findings_section, module_table, sizes
from .printable import clean
from .style import TextStyle, choose_style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.explain.file.entries import AssumedDefault
    from loracheck.explain.file.impact import Impact

__all__ = ["TextStyle", "choose_style", "render"]


def render(impact: Impact, style: TextStyle) -> str:
    """The whole report of one setting."""
    return "\n".join(_format_lines(clean(impact), style)).strip("\n")


def _format_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    yield from format_head_lines(impact, style)
    if not impact.judged:
        yield from _format_block(findings_section.format_entry_lines(impact, style))
        yield from _format_block(findings_section.format_value_lines(impact, style))
        yield from _format_block(findings_section.format_name_lines(impact, style))
    elif impact.refusal is not None:
        yield from _format_block(format_refusal_lines(impact, style))
        yield from _format_block(findings_section.format_entry_lines(impact, style))
        yield from _format_block(findings_section.format_value_lines(impact, style))
        yield from _format_block(findings_section.format_name_lines(impact, style))
    else:
        yield from _format_block(sizes.format_parameter_lines(impact, style))
        yield from _format_block(module_table.format_coverage_lines(impact, style))
        yield from _format_block(module_table.format_stream_lines(impact, style))
        yield from _format_block(module_table.format_module_lines(impact, style))
        yield from _format_block(findings_section.format_entry_lines(impact, style))
        yield from _format_block(findings_section.format_full_training_lines(impact, style))
        yield from _format_block(sizes.format_disk_lines(impact, style))
        yield from _format_block(sizes.format_memory_lines(impact, style))
        yield from _format_block(findings_section.format_warning_lines(impact, style))
    yield from _format_block(findings_section.format_addition_lines(impact, style))
    yield from _format_block(findings_section.format_engine_lines(impact, style))
    yield from _format_block(findings_section.format_finding_lines(impact, style))


def _format_block(lines: Iterator[str]) -> Iterator[str]:
    block_lines = list(lines)
    if block_lines:
        yield ""
        yield from block_lines


def format_head_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """Where the setting stands, which model it is held against."""
    place = f"{impact.path}:{impact.line}"
    yield f"{style.paint.bold(place)} ({impact.dialect})"
    if impact.cls is not None:
        name = f"{impact.model}: " if impact.model else ""
        yield from style.wrap(f"{name}{name_kind(impact.cls, impact.model_type)}", "  ", "")
        yield from style.wrap(f"tree: {impact.source}; as PEFT {impact.peft} does it", "  ", "")
    if impact.assumed:
        assumptions = ", ".join(map(_format_assumed, impact.assumed))
        text = f"assumed: {assumptions}; only the script's defaults, which its options may change"
        yield from style.wrap(text, "  ", "")
    if not impact.judged:
        what = "PEFT refuses it" if impact.reason == INVALID_CONFIG else "not held against a model"
        chosen_by_tool = (impact.reason or "").startswith(OWN_CHOICE)
        lines = style.wrap(
            impact.reason or "" if chosen_by_tool else f"{what}: {impact.reason}", "  ", ""
        )
        if impact.reason == INVALID_CONFIG:
            lines[0] = lines[0].replace(what, style.paint.level("error", what), 1)
        yield from lines
        if impact.help:
            yield from style.wrap(impact.help, "  ", "help: ")


def _format_assumed(one: AssumedDefault) -> str:
    source = f" ({one.text})" if one.text else ""
    return f"{one.field}{source} = {findings_section.shorten_value(one.value)}"


def format_refusal_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """PEFT's error."""
    error = impact.refusal
    if error is None:
        return
    label = style.paint.level("error", "PEFT refuses it")
    at = f" at {error.module}" if error.module else ""
    lines = style.wrap(f"PEFT refuses it: {error.exception}{at}: {error.message}", "  ", "")
    yield lines[0].replace("PEFT refuses it", label, 1)
    yield from lines[1:]
    if error.field:
        yield f"  the field to blame: {error.field}"
    if error.stage in ("wrapping", "after"):
        yield "  the model is left half changed"
