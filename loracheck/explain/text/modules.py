"""The table of module kinds: per stack of layers a strip along them, reach, rank, parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.explain.components import ORDER, TITLES

from .bars import bar, legend, strip
from .numbers import listed, span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.explain.effect import Effect
    from loracheck.explain.layers import Line, Stack
    from loracheck.explain.rows import Row

    from .look import Look

_NUMBERS = (13, 7, 9, 13)
"""Columns of reach, rank, scaling and parameters."""


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
        more = f"{part.lora_parameters:,} parameters" if part.lora_parameters else ""
        yield f"  {name:<11} {drawn}  {reach:<18} {more:>24}".rstrip()


def modules(effect: Effect, look: Look) -> Iterator[str]:
    """The whole table: every stack of layers, then what stands outside of them."""
    lines = {(stack.name, line.name): line for stack in effect.stacks for line in stack.lines}
    longest = max((len(row.below) for row in effect.rows), default=6)
    left = look.width - sum(_NUMBERS) - 3
    width = min(longest, left - 12)
    strips = left - width - 1
    for stack in effect.stacks:
        yield from _stack(stack, effect, lines, look, width, strips)
    rest = sorted(
        (row for row in effect.rows if row.stack is None), key=lambda r: ORDER.index(r.component)
    )
    if rest:
        yield _columns(look.title("outside of layers"), 17, left, *_heads(not effect.stacks))
        for row in rest:
            yield _line(row, None, look, width, strips)
    if effect.stacks and (effect.targeted or effect.full):
        yield f"  {legend(look)}"


def _heads(wanted: bool) -> tuple[str, ...]:
    return ("adapted", "rank", "scaling", "parameters") if wanted else ("", "", "", "")


def _stack(
    stack: Stack,
    effect: Effect,
    lines: dict[tuple[str, str], Line],
    look: Look,
    width: int,
    strips: int,
) -> Iterator[str]:
    number = f"{stack.name}, {listed(stack.layers)}"
    left = look.width - sum(_NUMBERS) - 3
    number = look.cut(number, left)
    yield _columns(look.title(number), len(number), left, *_heads(stack is effect.stacks[0]))
    for row in effect.rows:
        if row.stack == stack.name:
            yield _line(row, lines[stack.name, row.below], look, width, strips)


def _line(row: Row, line: Line | None, look: Look, width: int, strips: int) -> str:
    drawn = strip(line.cells, strips, look) if line else ""
    whole = width + 1 + strips
    name = f"{look.cut(row.below, width):<{width}} {drawn:<{strips}}"
    if line is None:
        name = f"{look.cut(row.below, whole):<{whole}}"
    reach = f"{row.adapted:,} of {row.modules:,}" if row.adapted else f"- of {row.modules:,}"
    if row.saved:
        reach = f"{row.saved:,} in full"
    parameters = f"{row.lora_parameters:,}" if row.lora_parameters else "-"
    shown = len(name)
    name = name.replace(drawn, look.lit(drawn)) if drawn.strip() else name
    return "  " + _columns(
        name, shown, shown, reach, span(row.ranks), span(row.scalings), parameters
    )


def _columns(text: str, shown: int, width: int, *numbers: str) -> str:
    """The text padded (it may hold colour codes, `shown` columns are seen) and the numbers."""
    rest = "".join(f"{n:>{w}}" for n, w in zip(numbers, _NUMBERS, strict=True))
    return f"{text}{' ' * (width - shown)}{rest}".rstrip()
