"""The table of kinds of modules: layers as a strip, how many are adapted, rank, parameters."""

from __future__ import annotations

from loracheck.explain.file.components import ORDER, TITLES
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .bars import draw_bar, draw_strip, format_legend
from .number_format import format_numbers, format_range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.explain.file.coverage import Component
    from loracheck.explain.file.impact import Impact
    from loracheck.explain.file.layer_map import KindLine, LayerStack
    from loracheck.explain.file.module_rows import ModuleRow

    from .style import TextStyle

_NUMBERS = (13, 7, 9)
"""Widths of the columns for adapted modules, rank and scaling."""


def format_coverage_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """A bar per component."""
    if not impact.components:
        return
    yield style.title("Coverage")
    yield from _format_bars(impact.components, style)


def format_stream_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """The same by the way through a model of diffusers."""
    if impact.streams:
        yield style.title("Coverage by stream")
        yield from _format_bars(impact.streams, style)


def _format_bars(parts: tuple[Component, ...], style: TextStyle) -> Iterator[str]:
    width = 20 if style.width < 100 else 40
    longest = max(11, *(len(part.name) for part in parts))
    for part in parts:
        name = TITLES.get(part.name, part.name)
        bar = style.highlight(draw_bar(part.share, width, style))
        full = f" + {part.saved:,} in full" if part.saved else ""
        reach = f"{part.adapted:,} of {part.modules:,}{full}"
        number = part.lora_parameters + part.full_parameters
        more = f"{number:,} parameters" if number else ""
        room = style.width - width - len(reach) - longest - 6
        yield f"  {name:<{longest}} {bar}  {reach} {more:>{room}}".rstrip()


class TableWidths(NamedTuple):
    """Widths in characters: of everything left of the numbers, of the names, of the strips, and of
    the column of parameters.
    """

    left: int
    names: int
    strips: int
    parameters: int


def _measure_table(impact: Impact, style: TextStyle) -> TableWidths:
    longest = max((len(row.below) for row in impact.rows), default=6)
    widest = max((len(f"{_count_trained(row):,}") for row in impact.rows), default=1)
    parameters = max(widest + 1, len(_HEADS[-1]) + 1, 13)
    width = style.width - sum(_NUMBERS) - parameters - 3
    names = min(longest, width - 12)
    return TableWidths(width, names, width - names - 1, parameters)


_HEADS = ("adapted", "rank", "scaling", "parameters")


def _count_trained(row: ModuleRow) -> int:
    return row.lora_parameters + row.full_parameters


def format_module_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """The whole table: every stack of layers, then what stands outside of them."""
    table = _measure_table(impact, style)
    for stack in impact.stacks:
        yield from _format_stack_lines(stack, impact, style, table)
    rest = sorted(
        (row for row in impact.rows if row.stack is None), key=lambda r: ORDER.index(r.component)
    )
    if rest:
        title = style.title("outside of layers")
        yield _join_columns(title, 17, table, table.left, *_get_head_words(not impact.stacks))
        for row in rest:
            yield _format_row(row, None, style, table)
    if impact.stacks and (impact.targeted or impact.full):
        yield f"  {format_legend(style)}"


def _get_head_words(with_parameters: bool) -> tuple[str, ...]:
    return _HEADS if with_parameters else ("",) * len(_HEADS)


def _format_stack_lines(
    stack: LayerStack, impact: Impact, style: TextStyle, table: TableWidths
) -> Iterator[str]:
    lines = {line.name: line for line in stack.lines}
    number = style.cut_left(f"{stack.name}, {format_numbers(stack.layers)}", table.left)
    heads = _get_head_words(stack is impact.stacks[0])
    yield _join_columns(style.title(number), len(number), table, table.left, *heads)
    for row in impact.rows:
        if row.stack == stack.name:
            yield _format_row(row, lines[row.below], style, table)


def _format_row(row: ModuleRow, line: KindLine | None, style: TextStyle, table: TableWidths) -> str:
    width, strips = table.names, table.strips
    strip = draw_strip(line.cells, strips, style) if line else ""
    whole = width + 1 + strips
    name = f"{style.cut_left(row.below, width):<{width}} {strip:<{strips}}"
    if line is None:
        name = f"{style.cut_left(row.below, whole):<{whole}}"
    reach = f"{row.adapted:,} of {row.modules:,}" if row.adapted else f"- of {row.modules:,}"
    if row.saved:
        reach = f"{row.saved:,} in full"
    number = _count_trained(row)
    length = len(name)
    name = name.replace(strip, style.highlight(strip)) if strip.strip() else name
    ranks, scalings = format_range(row.ranks), format_range(row.scalings)
    cells = (reach, ranks, scalings, f"{number:,}" if number else "-")
    return "  " + _join_columns(name, length, table, length, *cells)


def _join_columns(
    text: str, visible_width: int, table: TableWidths, width: int, *cells: str
) -> str:
    """The text, padded by its visible width `shown` (it may hold colour codes), and the numbers."""
    widths = (*_NUMBERS, table.parameters)
    rest = "".join(f"{cell:>{w}}" for cell, w in zip(cells, widths, strict=True))
    return f"{text}{' ' * (width - visible_width)}{rest}".rstrip()
