"""Coverage bars: a share as a bar, and the layers of a kind of module as a strip."""

from __future__ import annotations

from itertools import pairwise

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.explain.file.layer_map import LayerCell

    from .style import TextStyle

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def draw_bar(share: float, width: int, style: TextStyle) -> str:
    """A bar of `width` columns.

    Any share above 0 shows something, any share below 1 leaves something empty.
    """
    share = max(0.0, min(share, 1.0))
    if not style.blocks:
        full = round(share * width)
        full = min(max(full, 1), width - 1) if 0 < share < 1 else full
        return "#" * full + "." * (width - full)
    eighths = round(share * width * 8)
    eighths = min(max(eighths, 1), width * 8 - 1) if 0 < share < 1 else eighths
    full, rest = divmod(eighths, 8)
    bar = "█" * full + (_EIGHTHS[rest] if rest else "")
    return bar + "·" * (width - len(bar))


def draw_strip(cells: Sequence[LayerCell | None], width: int, style: TextStyle) -> str:
    """One character for each layer, or for several where they do not fit: adapted, adapted in part,
    trained in full, untouched, absent.
    """
    if len(cells) <= width:
        return "".join(_mark([cell], style) for cell in cells)
    ends = [len(cells) * i // width for i in range(width + 1)]
    return "".join(_mark(cells[a:b], style) for a, b in pairwise(ends))


def _mark(cells: Sequence[LayerCell | None], style: TextStyle) -> str:
    there = [cell for cell in cells if cell is not None]
    if not there:
        return " "
    adapted = sum(min(cell.adapted, cell.modules) for cell in there)
    saved = sum(cell.saved for cell in there)
    every = sum(cell.modules for cell in there)
    marks = "█▒▓·" if style.blocks else "#+S."
    if saved and saved >= adapted:
        return marks[2]
    if not adapted:
        return marks[3]
    return marks[0] if adapted >= every else marks[1]


def format_legend(style: TextStyle) -> str:
    """The meaning of the marks of `draw_strip`."""
    full, part, saved, none = "█▒▓·" if style.blocks else "#+S."
    return f"{full} LoRA  {part} in part  {saved} trained in full  {none} untouched"
