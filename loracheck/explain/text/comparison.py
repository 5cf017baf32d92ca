"""A comparison as text: totals side by side, then what is treated differently."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .number_format import format_bytes, format_numbers, format_range
from .printable import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.explain.compare.difference import Comparison, KindChange, KindSummary, Side

    from .style import TextStyle


def render(comparison: Comparison, style: TextStyle) -> str:
    """The whole comparison."""
    return "\n".join(_format_lines(clean(comparison), style))


def _format_lines(comparison: Comparison, style: TextStyle) -> Iterator[str]:
    for name, side in (("A", comparison.first), ("B", comparison.second)):
        yield f"{name}: {style.paint.bold(f'{side.path}:{side.line}')}"
        model = f"{side.model or 'no model named'}" + (f", {side.cls}" if side.cls else "")
        yield from style.wrap(model, "   ", "   ")
        problem = side.refusal or side.reason
        if problem:
            yield from style.wrap(problem, "   ", "   ")
    yield ""
    yield from _format_total_lines(comparison, style)
    yield ""
    if comparison.alike:
        yield "Both do the same to the same model."
        return
    if comparison.changes:
        yield style.title("Treated differently")
    for change in comparison.changes:
        yield from _format_change_lines(change, style)
    if not comparison.judged:
        unknown = [n for n, s in (("A", comparison.first), ("B", comparison.second)) if s.reason]
        which = " and ".join(unknown) or "A or B"
        text = f"Which modules differ is not known: {which} could not be held against a model."
        yield from style.wrap(text)
    elif not comparison.changes:
        yield "The same modules with the same ranks and scalings."
    for differs in comparison.fields:
        text = f"{differs.field}: A {differs.first!r}, B {differs.second!r}"
        yield from style.wrap(text, "    ", "  ")


def _format_total_lines(comparison: Comparison, style: TextStyle) -> Iterator[str]:
    one, two = comparison.first, comparison.second
    yield style.title(f"{'':<24}{'A':>18}{'B':>18}{'B - A':>18}")
    rows = (
        ("modules with LoRA", one.targeted, two.targeted),
        ("trainable parameters", one.trainable, two.trainable),
        ("parameters saved", one.saved, two.saved),
    )
    for name, a, b in rows:
        cells = (_number_text(a), _number_text(b), _format_difference(a, b))
        yield f"  {name:<22}" + "".join(f"{cell:>18}" for cell in cells)
    reach = [_format_reach(side) for side in (one, two)]
    yield f"  {'linear layers':<22}{reach[0]:>18}{reach[1]:>18}"
    yield f"  {'share that trains':<22}{_format_share(one):>18}{_format_share(two):>18}"
    memory = [format_bytes(side.memory) if side.memory is not None else "?" for side in (one, two)]
    yield f"  {'memory, activations out':<22}{memory[0]:>17}{memory[1]:>18}"


def _number_text(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _format_reach(side: Side) -> str:
    if side.linear_reached is None or side.linear_layers is None:
        return "?"
    return f"{side.linear_reached:,} of {side.linear_layers:,}"


def _format_difference(first: int | None, second: int | None) -> str:
    return "?" if first is None or second is None else f"{second - first:+,}"


def _format_share(side: Side) -> str:
    if side.trainable is None or not side.total:
        return "?"
    return f"{100 * side.trainable / side.total:.4f} %"


def _format_change_lines(change: KindChange, style: TextStyle) -> Iterator[str]:
    yield f"  {style.cut_left(change.name, style.width - 2)}"
    yield from style.wrap(_describe_kind(change.first), "       ", "    A: ")
    yield from style.wrap(_describe_kind(change.second), "       ", "    B: ")


def _describe_kind(kind: KindSummary | None) -> str:
    if kind is None:
        return "the model has no such module"
    if kind.saved:
        return f"{kind.saved:,} trained in full"
    if not kind.adapted:
        return "left alone"
    layers = f" (layers {format_numbers(kind.layers)})" if kind.adapted < kind.modules else ""
    return (
        f"{kind.adapted:,} of {kind.modules:,}{layers}, rank {format_range(kind.ranks)}, "
        f"scaling {format_range(kind.scalings)}, {kind.parameters:,} parameters"
    )
