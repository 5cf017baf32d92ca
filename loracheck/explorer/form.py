"""The config as a form: every field of LoraConfig, with the help of the one at hand."""

from __future__ import annotations

from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from loracheck.config.field_table import get_lora_fields
from loracheck.type_checking import TYPE_CHECKING

from .field_order import MODEL, SECTIONS
from .field_row import FieldRow
from .pane_text import describe_entries, format_field_hint
from .repaint import show_text

if TYPE_CHECKING:
    from typing import ClassVar

    from textual.app import ComposeResult
    from textual.events import DescendantFocus

    from .view import View

TONES = {"good": "$text-success", "part": "$text-warning", "bad": "$text-error"}

MODEL_HELP = (
    "The base model: a Hub id, a folder or a config.json. Ctrl+B looks for one; the tree and all "
    "numbers are this model's."
)


class FieldList(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The fields; arrows go from one to the next instead of scrolling."""


class Form(Vertical):
    """Rows for all fields, and below them what the field at hand means and reaches."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "go(-1)", "Previous field", show=False),
        Binding("down", "go(1)", "Next field", show=False),
        Binding("enter", "go(1)", "Next field", show=False),
        Binding("pageup", "go(-8)", "Fields up", show=False),
        Binding("pagedown", "go(8)", "Fields down", show=False),
    ]

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.border_title = "Config"
        fields = get_lora_fields()
        self._rows = [FieldRow(MODEL, None)]
        self._parts: list[Static | FieldRow] = [self._rows[0]]
        for title, names in SECTIONS.items():
            self._parts.append(Static(title, classes="section", markup=False))
            rows = [FieldRow(name, fields[name]) for name in names]
            self._rows += rows
            self._parts += rows
        self._help = Static("", id="field-help")
        self._view: View | None = None
        self._here = 0
        self._note = ""

    def compose(self) -> ComposeResult:
        """Rows, then the help."""
        yield FieldList(*self._parts, id="rows")
        yield self._help

    @property
    def field(self) -> str:
        """The field at hand."""
        return self._rows[self._here].field_name

    def show(self, view: View, note: str = "") -> None:
        """Show another moment; `note` is what the field at hand is waiting for."""
        self._view = view
        self._note = note
        for row in self._rows:
            row.show(view, here=row.has_focus_within)
        self._show_help()

    def enter(self, field: str | None = None) -> None:
        """Give the focus to a field, or to the one at hand."""
        names = [row.field_name for row in self._rows]
        if field in names:
            self._here = names.index(field)
        editor = self._rows[self._here].editor
        if isinstance(editor, Input):
            editor.cursor_position = len(editor.value)
        self.screen.set_focus(editor)  # at once: keys may be waiting

    def action_go(self, step: int) -> None:
        """To another field."""
        self._here = max(0, min(self._here + step, len(self._rows) - 1))
        self.enter()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Another field is at hand."""
        for number, row in enumerate(self._rows):
            if row.has_focus_within and number != self._here:
                self._here, self._note = number, ""
        self._show_help()

    def _show_help(self) -> None:
        view, row = self._view, self._rows[self._here]
        if view is None:
            return
        parts: list[Content] = []
        if self._note:
            parts.append(Content.styled(self._note, "$text-warning"))
        held_value = view.held_values.get(row.field_name)
        if held_value is not None:
            parts.append(Content.styled(f"only tried out: {held_value.reason}", "$text-warning"))
        reached = describe_entries(view, row.field_name)
        if reached:
            lines = [Content.styled(entry.text, TONES[entry.tone]) for entry in reached]
            parts.append(Content.styled(" · ", "$text-muted").join(lines))
        if row.field is None:
            parts.append(Content(MODEL_HELP))
        else:
            parts.append(Content(row.field.help))
            parts.append(Content.styled(format_field_hint(row.field), "$text-muted"))
        show_text(self._help, Content("\n").join(parts))
