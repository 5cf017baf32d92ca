"""The table of module kinds: per stack of layers a strip along them, reach, rank, parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from loracheck.explain.file.components import ORDER, TITLES

from .bars import bar, legend, strip
from .number_format import listed, span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.explain.file.impact import Effect
    from loracheck.explain.file.layer_map import Line, Stack
    from loracheck.explain.file.module_rows import Row

    from .style import Look

_NUMBERS = (13, 7, 9)
"""Columns of reach, rank and scaling; that of parameters is as wide as they are."""


def coverage(effect: Effect, look: Look) -> Iterator[str]:
    """A bar per component."""
    if not effect.components:
        return
    yield look.title("Coverage")
    width = 20 if look.width < 100 else 40
    for part in effect.components:
        name = TITLES.get(part.name, part.name)
        drawn = look.lit(bar(part.share, width, look))
        full = f" + {part.saved:,} in full" if part.saved else ""
        reach = f"{part.adapted:,} of {part.modules:,}{full}"
        number = part.lora_parameters + part.full_parameters
        more = f"{number:,} parameters" if number else ""
        room = look.width - width - len(reach) - 17
        yield f"  {name:<11} {drawn}  {reach} {more:>{room}}".rstrip()


class Table(NamedTuple):
    """Widths in columns: of all but the numbers, of the names in it, of the strip beside them, and
    of the parameters.
    """

    left: int
    names: int
    strips: int
    parameters: int


def _table(effect: Effect, look: Look) -> Table:
    longest = max((len(row.below) for row in effect.rows), default=6)
    widest = max((len(f"{_parameters(row):,}") for row in effect.rows), default=1)
    parameters = max(widest + 1, len(_HEADS[-1]) + 1, 13)
    left = look.width - sum(_NUMBERS) - parameters - 3
    names = min(longest, left - 12)
    return Table(left, names, left - names - 1, parameters)


_HEADS = ("adapted", "rank", "scaling", "parameters")


def _parameters(row: Row) -> int:
    return row.lora_parameters + row.full_parameters


def modules(effect: Effect, look: Look) -> Iterator[str]:
    """The whole table: every stack of layers, then what stands outside of them."""
    table = _table(effect, look)
    for stack in effect.stacks:
        yield from _stack(stack, effect, look, table)
    rest = sorted(
        (row for row in effect.rows if row.stack is None), key=lambda r: ORDER.index(r.component)
    )
    if rest:
        title = look.title("outside of layers")
        yield _columns(title, 17, table, table.left, *_heads(not effect.stacks))
        for row in rest:
            yield _line(row, None, look, table)
    if effect.stacks and (effect.targeted or effect.full):
        yield f"  {legend(look)}"


def _heads(wanted: bool) -> tuple[str, ...]:
    return _HEADS if wanted else ("",) * len(_HEADS)


def _stack(stack: Stack, effect: Effect, look: Look, table: Table) -> Iterator[str]:
    lines = {line.name: line for line in stack.lines}
    number = look.cut(f"{stack.name}, {listed(stack.layers)}", table.left)
    heads = _heads(stack is effect.stacks[0])
    yield _columns(look.title(number), len(number), table, table.left, *heads)
    for row in effect.rows:
        if row.stack == stack.name:
            yield _line(row, lines[row.below], look, table)


def _line(row: Row, line: Line | None, look: Look, table: Table) -> str:
    width, strips = table.names, table.strips
    drawn = strip(line.cells, strips, look) if line else ""
    whole = width + 1 + strips
    name = f"{look.cut(row.below, width):<{width}} {drawn:<{strips}}"
    if line is None:
        name = f"{look.cut(row.below, whole):<{whole}}"
    reach = f"{row.adapted:,} of {row.modules:,}" if row.adapted else f"- of {row.modules:,}"
    if row.saved:
        reach = f"{row.saved:,} in full"
    number = _parameters(row)
    shown = len(name)
    name = name.replace(drawn, look.lit(drawn)) if drawn.strip() else name
    ranks, scalings = span(row.ranks), span(row.scalings)
    cells = (reach, ranks, scalings, f"{number:,}" if number else "-")
    return "  " + _columns(name, shown, table, shown, *cells)


def _columns(text: str, shown: int, table: Table, width: int, *cells: str) -> str:
    """The text padded (it may hold colour codes, `shown` columns are seen) and the numbers."""
    widths = (*_NUMBERS, table.parameters)
    rest = "".join(f"{cell:>{w}}" for cell, w in zip(cells, widths, strict=True))
    return f"{text}{' ' * (width - shown)}{rest}".rstrip()
