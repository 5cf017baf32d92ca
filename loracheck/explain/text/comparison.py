"""A comparison as text: totals side by side, then what is treated differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .number_format import listed, size, span
from .printable import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.explain.compare.difference import Change, Comparison, Kind, Side

    from .style import Look


def render(found: Comparison, look: Look) -> str:
    """The whole comparison."""
    return "\n".join(_lines(clean(found), look))


def _lines(found: Comparison, look: Look) -> Iterator[str]:
    for name, side in (("A", found.first), ("B", found.second)):
        yield f"{name}: {look.paint.bold(f'{side.path}:{side.line}')}"
        model = f"{side.model or 'no model named'}" + (f", {side.cls}" if side.cls else "")
        yield from look.wrapped(model, "   ", "   ")
        problem = side.refusal or side.reason
        if problem:
            yield from look.wrapped(problem, "   ", "   ")
    yield ""
    yield from _totals(found, look)
    yield ""
    if found.alike:
        yield "Both do the same to the same model."
        return
    if found.changes:
        yield look.title("Treated differently")
    for change in found.changes:
        yield from _change(change, look)
    if not found.changes:
        yield "The same modules with the same ranks and scalings."
    for differs in found.fields:
        text = f"{differs.field}: A {differs.first!r}, B {differs.second!r}"
        yield from look.wrapped(text, "    ", "  ")


def _totals(found: Comparison, look: Look) -> Iterator[str]:
    one, two = found.first, found.second
    yield look.title(f"{'':<24}{'A':>18}{'B':>18}{'B - A':>18}")
    rows = (
        ("modules with LoRA", one.targeted, two.targeted),
        ("trainable parameters", one.trainable, two.trainable),
        ("parameters saved", one.saved, two.saved),
    )
    for name, a, b in rows:
        cells = (_number(a), _number(b), _signed(a, b))
        yield f"  {name:<22}" + "".join(f"{cell:>18}" for cell in cells)
    reach = [f"{side.linear_reached:,} of {side.linear_layers:,}" for side in (one, two)]
    yield f"  {'linear layers':<22}{reach[0]:>18}{reach[1]:>18}"
    yield f"  {'share that trains':<22}{_share(one):>18}{_share(two):>18}"
    memory = [size(side.memory) if side.memory is not None else "?" for side in (one, two)]
    yield f"  {'memory, activations out':<22}{memory[0]:>17}{memory[1]:>18}"


def _number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _signed(first: int | None, second: int | None) -> str:
    return "?" if first is None or second is None else f"{second - first:+,}"


def _share(side: Side) -> str:
    if side.trainable is None or not side.total:
        return "?"
    return f"{100 * side.trainable / side.total:.4f} %"


def _change(change: Change, look: Look) -> Iterator[str]:
    yield f"  {look.cut(change.name, look.width - 2)}"
    yield from look.wrapped(_kind(change.first), "       ", "    A: ")
    yield from look.wrapped(_kind(change.second), "       ", "    B: ")


def _kind(kind: Kind | None) -> str:
    if kind is None:
        return "the model has no such module"
    if kind.saved:
        return f"{kind.saved:,} trained in full"
    if not kind.adapted:
        return "left alone"
    layers = f" (layers {listed(kind.layers)})" if kind.adapted < kind.modules else ""
    return (
        f"{kind.adapted:,} of {kind.modules:,}{layers}, rank {span(kind.ranks)}, "
        f"scaling {span(kind.scalings)}, {kind.parameters:,} parameters"
    )
