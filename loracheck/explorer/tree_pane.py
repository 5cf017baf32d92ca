"""The model's tree with the marks of what is adapted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from .pane_text import mark_of, short

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events

    from .tree_lines import Row
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

    class Targeted(Message):
        """A line is to be adapted, or not any more."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.border_title = "Model"
        self._view: View | None = None
        self._folded: set[str] = set()
        self._seen: list[int] = []
        self._cursor = 0
        self._all = False

    @property
    def row(self) -> Row | None:
        """The line under the cursor."""
        if self._view is None or not self._seen:
            return None
        return self._view.lines[self._seen[self._cursor]]

    def show(self, view: View) -> None:
        """Show another moment; the cursor and the folds stay where they were."""
        if self._view is None or self._view.lines is not view.lines:
            self._folded.clear()
            self._seen, self._cursor = [], 0
        before, self._view = self.row, view
        self._lay(before)

    def _lay(self, before: Row | None) -> None:
        """Work out which lines are to be seen; the cursor stays at the line `before`."""
        if self._view is None:
            return
        lines, found, skip = self._view.lines, [], 0
        worth = set(range(len(lines))) if self._all else _worth(self._view)
        for number, row in enumerate(lines):
            if number < skip or number not in worth:
                continue
            found.append(number)
            if _key(row) in self._folded:
                skip = row.end
        self._seen = found
        if before is not None and before in lines:
            place = lines.index(before)
            self._cursor = max((i for i, n in enumerate(found) if n <= place), default=0)
        self._cursor = max(0, min(self._cursor, len(found) - 1))
        self._fill()
        self._tell()
        self.refresh()

    def _tell(self) -> None:
        """The title says what the line under the cursor is."""
        row = self.row
        shapes = (
            [p for p in row.node.parameters if p.name in (row.parameter, "weight")] if row else []
        )
        shape = "×".join(map(str, shapes[0].shape)) if shapes else ""
        named = f"{row.node.class_name} {shape}".strip() if row and not row.parameter else shape
        self.border_title = f"Model: {named}" if named else "Model"

    def _fill(self) -> None:
        size = Size(self.size.width, max(len(self._seen), 1))
        if size != self.virtual_size:  # to set it lays the screen out anew
            self.virtual_size = size

    def on_resize(self, event: events.Resize) -> None:
        """Lines fill the width."""
        self._fill()

    def action_move(self, lines: int) -> None:
        """Move the cursor."""
        self._cursor = max(0, min(self._cursor + lines, len(self._seen) - 1))
        self.scroll_to_region(Region(0, self._cursor, 1, 1), animate=False, force=True)
        self._tell()
        self.refresh()

    def action_fold(self) -> None:
        """Close the line, or go to the one above it."""
        row = self.row
        if row is None or self._view is None:
            return
        if not row.leaf and _key(row) not in self._folded:
            self._folded.add(_key(row))
            self._lay(row)
        elif row.parent in self._seen:
            self.action_move(self._seen.index(row.parent) - self._cursor)

    def action_unfold(self) -> None:
        """Open the line, or go to the first one below it."""
        row = self.row
        if row is None:
            return
        if _key(row) in self._folded:
            self._folded.discard(_key(row))
            self._lay(row)
        elif not row.leaf:
            self.action_move(1)

    def action_target(self) -> None:
        """Adapt what is under the cursor, or stop adapting it."""
        if self.row is not None:
            self.post_message(self.Targeted(self.row))

    def action_everything(self) -> None:
        """Also modules that LoRA has nothing to do with, or not."""
        self._all = not self._all
        self._lay(self.row)

    def render_line(self, y: int) -> Strip:
        """One line of the pane."""
        width, number = self.size.width, self.scroll_offset.y + y
        base = self.rich_style
        if self._view is None or number >= len(self._seen):
            text = self._nothing() if number == 0 and not self._seen else ""
            return Strip([Segment(text.ljust(width), base)], width)
        here = number == self._cursor
        if here:
            base += self.get_component_rich_style("tree--cursor")
        return self._strip(self._seen[number], width, base, here)

    def _nothing(self) -> str:
        return " no module tree" if self._view is not None else ""

    def _strip(self, number: int, width: int, base: Style, here: bool) -> Strip:
        assert self._view is not None
        row, mark = self._view.lines[number], self._view.marks[number]
        told = mark_of(row, mark)
        sign = " " if row.leaf else "▸" if _key(row) in self._folded else "▾"
        style = base if row.wrappable or mark.linear else base + self._tone("dim")
        if mark.hits:
            style += self._tone("hit")
        name = f"{row.label}"
        right = f"{told.text} "
        middle = ""
        if width >= WIDE:
            middle = f" {row.node.class_name}" if not row.parameter else " parameter"
            right = f"{told.text:<14} {_added(mark.parameters):>8} "
        space = width - 2 - 2 * row.depth - len(right)
        left = name if len(name) <= space else "…" + name[len(name) - space + 1 :]
        fill = max(space - len(left), 0)
        middle = middle[:fill].ljust(fill)
        tone = base + self._tone(told.tone)
        return Strip(
            [
                Segment(f"{'>' if here else ' '}{'  ' * row.depth}{sign}", base),
                Segment(left, style),
                Segment(middle, base + self._tone("dim")),
                Segment(right, tone),
            ]
        ).crop_extend(0, width, base)

    def _tone(self, name: str) -> Style:
        return self.get_component_rich_style(f"tree--{name}", partial=True)


def _worth(view: View) -> set[int]:
    """The lines that LoRA has something to do with, and those above them."""
    found: set[int] = set()
    for number, (row, mark) in enumerate(zip(view.lines, view.marks, strict=True)):
        if row.wrappable or mark.saved or mark.hits:
            at = number
            while at >= 0 and at not in found:
                found.add(at)
                at = view.lines[at].parent
    return found


def _key(row: Row) -> str:
    return f"{row.template}:{min(row.indices[-1]) if row.indices else ''}:{row.parameter}"


def _added(parameters: int) -> str:
    return f"+{short(parameters)}" if parameters else ""
