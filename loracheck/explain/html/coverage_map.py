"""The coverage map as SVG: layers from left to right, kinds of modules from top to bottom, the
rank as colour, a part of a cell filled where only some of its modules are adapted.
"""

from __future__ import annotations

from importlib.resources import files

from loracheck.explain.file.components import TITLES
from loracheck.explain.file.layer_map import KindLine, LayerCell, LayerStack
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .elements import build_element, serialize
from .rank_colours import get_css_class

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from loracheck.explain.file.impact import Impact
    from loracheck.explain.file.module_rows import ModuleRow

WIDTH = 960
"""Width of the whole map in pixels."""

EDGE, ROW, GLYPH = 16, 20, 7.9
"""Pixels: outer margin, height of a line of cells, width of a letter in a name."""

BASE = 13.5
"""Pixels from the top of a line of cells to the foot of its letters."""

NAMES, COUNTS = 290, 108
"""Pixels: the widest column of names on the left, and the column of counts on the right."""

WIDEST, NARROWEST = 24, 2
"""Pixels: the widest and the narrowest cell."""


def render_svg(impact: Impact) -> str:
    """The map of one setting as an SVG document; without a module tree, the reason why."""
    return serialize(draw_map(impact, titled=True)) + "\n"


def draw_map(impact: Impact, *, titled: bool = False) -> Element:
    """The map of one setting as an element; `titled` writes model and file above it."""
    drawing = Drawing(_lay_out_columns(impact))
    name = impact.model or impact.cls or "?"
    if titled:
        drawing.write_line(EDGE, f"{name} \u00b7 {impact.path}", "head")
        drawing.add_space(6)
    if not impact.rows:
        drawing.write_line(
            EDGE, f"not held against a model: {impact.reason or 'no module tree'}", "soft"
        )
    for stack in impact.stacks:
        _draw_stack(drawing, stack)
    outside = [row for row in impact.rows if row.stack is None and _is_drawn(row)]
    if outside:
        _draw_outside_layers(drawing, outside)
    if impact.rows:
        _draw_legend(drawing, impact)
    return drawing.finish(f"Coverage of {name}: {_format_text_alternative(impact)}")


class Columns(NamedTuple):
    """Pixels: where the cells begin, and the width of one with its gap."""

    start: float
    pitch: float


def _lay_out_columns(impact: Impact) -> Columns:
    names = [line.name for stack in impact.stacks for line in stack.lines]
    names += [row.name for row in impact.rows if row.stack is None and _is_drawn(row)]
    label = min(max((len(name) for name in names), default=0) * GLYPH + 12, NAMES)
    most = max((len(stack.layers) for stack in impact.stacks), default=1)
    room = WIDTH - 2 * EDGE - label - COUNTS
    return Columns(EDGE + label, max(min(room / most, WIDEST), NARROWEST))


class Drawing:
    """A drawing in the making; each call adds something below what is there."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.y = float(EDGE)
        self.elements: list[Element] = []

    def add_space(self, height: float) -> None:
        """Leave `height` pixels free."""
        self.y += height

    def write_line(
        self, x: float, words: str, kind: str, *, step: float = ROW, up: float = 5
    ) -> None:
        """Write a line of text at `x` and move below it."""
        self.elements.append(build_element("text", words, x=x, y=self.y + ROW - up, class_=kind))
        self.y += step

    def draw_cells(self, name: str, cells: list[tuple[str, LayerCell | None]], count: str) -> None:
        """Draw one line of the map: name, cells (each with its text for hovering), count."""
        start, pitch = self.columns
        label = _shorten(name, start - EDGE)
        self.elements.append(build_element("text", label, x=EDGE, y=self.y + BASE, class_="name"))
        for number, (words, cell) in enumerate(cells):
            if cell is not None:
                self._draw_cell(start + number * pitch, pitch, words, cell)
        right = start + len(cells) * pitch + 10
        self.elements.append(build_element("text", count, x=right, y=self.y + BASE, class_="soft"))
        self.y += ROW

    def _draw_cell(self, x: float, pitch: float, words: str, cell: LayerCell) -> None:
        gap = 2 if pitch > 8 else 1 if pitch > 4 else 0
        width, height = pitch - gap, ROW - 3
        kind, part = _choose_cell_style(cell)
        group = build_element("g", build_element("title", words))
        if part < 1:
            group.append(_draw_box(x, self.y, width, height, "off"))
        if part > 0:
            filled = max(height * part, 2)
            group.append(_draw_box(x, self.y + height - filled, width, filled, kind))
        self.elements.append(group)

    def finish(self, text_alternative: str) -> Element:
        """The finished drawing, with its text for screen readers."""
        height = self.y + EDGE
        return build_element(
            "svg",
            build_element("title", text_alternative),
            build_element(
                "style", files(__package__).joinpath("map.css").read_text(encoding="utf-8")
            ),
            build_element("rect", width=WIDTH, height=height, rx=8, class_="sheet"),
            *self.elements,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {WIDTH} {height:g}",
            width=WIDTH,
            height=height,
            role="img",
            class_="map",
        )


def _draw_box(x: float, y: float, width: float, height: float, kind: str) -> Element:
    return build_element("rect", x=x, y=y, width=width, height=height, rx=1.5, class_=kind)


def _choose_cell_style(cell: LayerCell) -> tuple[str, float]:
    """The colour of a cell and which part of it is filled, 0 to 1."""
    if cell.saved:
        return "full", min(cell.saved / max(cell.modules, 1), 1.0)
    if cell.adapted:
        return get_css_class(max(cell.ranks)), min(cell.adapted / max(cell.modules, 1), 1.0)
    return "off", 0.0


def _draw_stack(drawing: Drawing, stack: LayerStack) -> None:
    drawing.add_space(8)
    layers = f"{len(stack.layers)} layers" if len(stack.layers) != 1 else "1 layer"
    drawing.write_line(EDGE, f"{stack.name} \u00b7 {layers}", "head")
    last = ""
    for line in stack.lines:
        if line.component != last:
            drawing.add_space(4 if last else 0)
            last = line.component
            drawing.write_line(EDGE, TITLES.get(last, last), "soft", step=17, up=6)
        cells = [
            (_format_cell_text(line, layer, cell), cell)
            for layer, cell in zip(stack.layers, line.cells, strict=True)
        ]
        drawing.draw_cells(line.name, cells, _count_text(line))
    _draw_axis(drawing, stack)


def _draw_axis(drawing: Drawing, stack: LayerStack) -> None:
    """Layer numbers under the cells, as many as there is room for."""
    start, pitch = drawing.columns
    every = next(n for n in (1, 2, 4, 8, 16, 32, 64, 128, 10**9) if n * pitch >= 26)
    for number, layer in enumerate(stack.layers):
        if number % every == 0:
            at = start + (number + 0.5) * pitch
            drawing.elements.append(
                build_element("text", str(layer), x=at, y=drawing.y + 12, class_="soft mid")
            )
    drawing.add_space(ROW)


def _draw_outside_layers(drawing: Drawing, rows: list[ModuleRow]) -> None:
    drawing.add_space(8)
    drawing.write_line(EDGE, "outside of layers", "head")
    for row in rows:
        cell = LayerCell(row.modules, row.adapted, row.saved, row.ranks)
        words = f"{row.name}: {_describe_cell_state(cell)}"
        drawing.draw_cells(row.name, [(words, cell)], f"{row.adapted + row.saved} of {row.modules}")


def _draw_legend(drawing: Drawing, impact: Impact) -> None:
    drawing.add_space(10)
    ranks = sorted({rank for row in impact.rows for rank in row.ranks})
    kinds = [(get_css_class(rank), f"rank {rank}") for rank in ranks]
    if any(row.saved for row in impact.rows):
        kinds.append(("full", "trained in full"))
    kinds.append(("off", "untouched"))
    x = float(EDGE)
    for kind, words in kinds:
        if x > WIDTH - 2 * EDGE - 100:
            x = EDGE
            drawing.add_space(ROW)
        drawing.elements.append(_draw_box(x, drawing.y + 2, 13, 13, kind))
        drawing.elements.append(
            build_element("text", words, x=x + 18, y=drawing.y + BASE, class_="soft")
        )
        x += 18 + len(words) * 6.7 + 18
    drawing.add_space(ROW)


def _is_drawn(row: ModuleRow) -> bool:
    """A module that LoRA could take, or that is trained."""
    return bool(row.kind) or bool(row.adapted or row.saved)


def _count_text(line: KindLine) -> str:
    there = [cell for cell in line.cells if cell is not None]
    reached = sum(cell.adapted + cell.saved for cell in there)
    return f"{reached:,} of {sum(cell.modules for cell in there):,}"


def _format_cell_text(line: KindLine, layer: int, cell: LayerCell | None) -> str:
    return f"layer {layer}, {line.name}: {_describe_cell_state(cell)}" if cell else ""


def _describe_cell_state(cell: LayerCell) -> str:
    if cell.saved:
        return "trained in full"
    if not cell.adapted:
        return "untouched"
    ranks = ", ".join(map(str, cell.ranks))
    share = f", {cell.adapted} of {cell.modules}" if cell.modules > 1 else ""
    return f"rank {ranks}{share}"


def _format_text_alternative(impact: Impact) -> str:
    if impact.linear_reached is None:
        return "the layers of the model"
    return f"LoRA reaches {impact.linear_reached:,} of {impact.linear_layers:,} linear layers"


def _shorten(name: str, room: float) -> str:
    """The name cut on its left where it is too long."""
    most = int((room - 12) / GLYPH) + 1
    return name if len(name) <= most else "\u2026" + name[len(name) - most + 1 :]
