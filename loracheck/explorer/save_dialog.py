"""The save dialog: the changes as a diff, what cannot be written, and the file's name."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from loracheck.type_checking import TYPE_CHECKING

from .dialogs import Dialog
from .save_file import diff_lines
from .value_text import format_value

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from .state import State

STYLES = {"+": "$text-success", "-": "$text-error", "@": "$text-muted"}


class SaveDialog(Dialog[str]):
    """Answers with the path to write to."""

    TITLE_TEXT = "Save"
    KEYS = "Enter write · Esc back"

    def __init__(self, state: State) -> None:
        super().__init__()
        self._state = state

    def parts(self) -> ComposeResult:
        """Changes, then the name."""
        changes = diff_lines(self._state)
        rows = [Content.styled(row, STYLES.get(row[:1], "")) for row in changes]
        if not rows:
            rows = [Content("The file says all of this already.")]
        with VerticalScroll(can_focus=False):
            yield Static(Content("\n").join(rows), classes="code")
        for name, held_value in self._state.held_values.items():
            value = format_value(held_value.value) or "left out"
            text = f"not written: {name} = {value} ({held_value.reason})"
            yield Static(Content.styled(text, "$text-warning"))
        yield Static("to the file", markup=False, classes="subtitle")
        yield Input(self._state.name, compact=True, select_on_focus=False)

    def on_mount(self) -> None:
        """The name can be changed at once."""
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Write it."""
        if event.value.strip():
            self.dismiss(event.value.strip())
