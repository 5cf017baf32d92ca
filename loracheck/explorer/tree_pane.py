"""The model's tree with the marks of what is adapted."""

from __future__ import annotations

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from loracheck.type_checking import TYPE_CHECKING

from .pane_text import abbreviate, describe_mark

if TYPE_CHECKING:
    from typing import ClassVar

    from rich.style import Style
    from textual import events

    from .tree_lines import TreeLine
    from .view import View

WIDE = 64
"""Columns from which on a line shows the class and the parameters as well."""

TONES = ("good", "part", "idle", "full", "bad", "dim", "hit", "cursor")


class TreePane(ScrollView, can_focus=True):
    """One line for modules that are alike. Arrows move and fold, space targets."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tree--{tone}" for tone in TONES}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "move(-10)", "Page up", show=False),
        Binding("pagedown", "move(10)", "Page down", show=False),
        Binding("home", "move(-100000)", "First", show=False),
        Binding("end", "move(100000)", "Last", show=False),
        Binding("left", "fold", "Fold", show=False),
        Binding("right", "unfold", "Unfold", show=False),
        Binding("space,enter", "target", "Target"),
        Binding("a", "everything", "All modules", show=False),
    ]

    class TargetToggled(Message):
        """A line is to be adapted, or not any more."""

        def __init__(self, row: TreeLine) -> None:
            super().__init__()
            self.line = row

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.border_title = "Model"
        self._view: View | None = None
        self._folded: set[str] = set()
        self._visible: list[int] = []
        self._cursor = 0
        self._shows_all = False

    @property
    def current_line(self) -> TreeLine | None:
        """The line under the cursor."""
        if self._view is None or not self._visible:
            return None
        return self._view.lines[self._visible[self._cursor]]

    def show(self, view: View) -> None:
        """Show another moment; the cursor and the folds stay where they were."""
        if self._view is None or self._view.lines is not view.lines:
            self._folded.clear()
            self._visible, self._cursor = [], 0
        before, self._view = self.current_line, view
        self._choose_visible(before)

    def _choose_visible(self, before: TreeLine | None) -> None:
        """Work out which lines are to be seen; the cursor stays at the line `before`."""
        if self._view is None:
            return
        lines, visible, skip = self._view.lines, [], 0
        worth = set(range(len(lines))) if self._shows_all else _find_relevant_lines(self._view)
        for number, line in enumerate(lines):
            if number < skip or number not in worth:
                continue
            visible.append(number)
            if _fold_key(line) in self._folded:
                skip = line.end
        self._visible = visible
        if before is not None and before in lines:
            place = lines.index(before)
            self._cursor = max((i for i, n in enumerate(visible) if n <= place), default=0)
        self._cursor = max(0, min(self._cursor, len(visible) - 1))
        self._set_virtual_size()
        self._set_title()
        self.refresh()

    def _set_title(self) -> None:
        """The title says what the line under the cursor is."""
        line = self.current_line
        shapes = (
            [p for p in line.node.parameters if p.name in (line.parameter, "weight")]
            if line
            else []
        )
        shape = "×".join(map(str, shapes[0].shape)) if shapes else ""
        title = f"{line.node.class_name} {shape}".strip() if line and not line.parameter else shape
        self.border_title = f"Model: {title}" if title else "Model"

    def _set_virtual_size(self) -> None:
        size = Size(self.size.width, max(len(self._visible), 1))
        if size != self.virtual_size:  # to set it lays the screen out anew
            self.virtual_size = size

    def on_resize(self, event: events.Resize) -> None:
        """Lines fill the width."""
        self._set_virtual_size()

    def action_move(self, lines: int) -> None:
        """Move the cursor."""
        self._cursor = max(0, min(self._cursor + lines, len(self._visible) - 1))
        self.scroll_to_region(Region(0, self._cursor, 1, 1), animate=False, force=True)
        self._set_title()
        self.refresh()

    def action_fold(self) -> None:
        """Close the line, or go to the one above it."""
        line = self.current_line
        if line is None or self._view is None:
            return
        if not line.leaf and _fold_key(line) not in self._folded:
            self._folded.add(_fold_key(line))
            self._choose_visible(line)
        elif line.parent in self._visible:
            self.action_move(self._visible.index(line.parent) - self._cursor)

    def action_unfold(self) -> None:
        """Open the line, or go to the first one below it."""
        line = self.current_line
        if line is None:
            return
        if _fold_key(line) in self._folded:
            self._folded.discard(_fold_key(line))
            self._choose_visible(line)
        elif not line.leaf:
            self.action_move(1)

    def action_target(self) -> None:
        """Adapt what is under the cursor, or stop adapting it."""
        if self.current_line is not None:
            self.post_message(self.TargetToggled(self.current_line))

    def action_everything(self) -> None:
        """Also modules that LoRA has nothing to do with, or not."""
        self._shows_all = not self._shows_all
        self._choose_visible(self.current_line)

    def render_line(self, y: int) -> Strip:
        """One line of the pane."""
        width, number = self.size.width, self.scroll_offset.y + y
        base = self.rich_style
        if self._view is None or number >= len(self._visible):
            text = self._get_empty_text() if number == 0 and not self._visible else ""
            return Strip([Segment(text.ljust(width), base)], width)
        here = number == self._cursor
        if here:
            base += self.get_component_rich_style("tree--cursor")
        return self._draw_line(self._visible[number], width, base, here)

    def _get_empty_text(self) -> str:
        return " no module tree" if self._view is not None else ""

    def _draw_line(self, number: int, width: int, base: Style, here: bool) -> Strip:
        assert self._view is not None
        line, mark = self._view.lines[number], self._view.marks[number]
        text = describe_mark(line, mark)
        sign = " " if line.leaf else "▸" if _fold_key(line) in self._folded else "▾"
        style = base if line.wrappable or mark.linear else base + self._get_tone_style("dim")
        if mark.hits:
            style += self._get_tone_style("hit")
        name = f"{line.label}"
        right = f"{text.text} "
        middle = ""
        if width >= WIDE:
            middle = f" {line.node.class_name}" if not line.parameter else " parameter"
            right = f"{text.text:<14} {_format_added_parameters(mark.parameters):>8} "
        space = width - 2 - 2 * line.depth - len(right)
        label = name if len(name) <= space else "…" + name[len(name) - space + 1 :]
        fill = max(space - len(label), 0)
        middle = middle[:fill].ljust(fill)
        tone = base + self._get_tone_style(text.tone)
        return Strip(
            [
                Segment(f"{'>' if here else ' '}{'  ' * line.depth}{sign}", base),
                Segment(label, style),
                Segment(middle, base + self._get_tone_style("dim")),
                Segment(right, tone),
            ]
        ).crop_extend(0, width, base)

    def _get_tone_style(self, name: str) -> Style:
        return self.get_component_rich_style(f"tree--{name}", partial=True)


def _find_relevant_lines(view: View) -> set[int]:
    """The lines that LoRA has something to do with, and those above them."""
    relevant: set[int] = set()
    for number, (line, mark) in enumerate(zip(view.lines, view.marks, strict=True)):
        if line.wrappable or mark.saved or mark.hits:
            at = number
            while at >= 0 and at not in relevant:
                relevant.add(at)
                at = view.lines[at].parent
    return relevant


def _fold_key(line: TreeLine) -> str:
    return f"{line.template}:{min(line.indices[-1]) if line.indices else ''}:{line.parameter}"


def _format_added_parameters(parameters: int) -> str:
    return f"+{abbreviate(parameters)}" if parameters else ""
