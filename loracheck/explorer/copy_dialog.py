"""The copy dialog: the config in another tool's words, to the clipboard or to a file."""

from __future__ import annotations

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from loracheck.type_checking import TYPE_CHECKING

from .dialogs import Dialog
from .export import WRITABLE_TOOLS, describe_left_out, export_config
from .save_file import SaveError, write_new_file

if TYPE_CHECKING:
    from typing import ClassVar

    from textual.app import ComposeResult

    from loracheck.explain.write import WriteResult

    from .view import View


class CopyDialog(Dialog[None]):
    """Enter copies (OSC 52: the terminal must allow it), S writes a file."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("s", "name", "To a file", show=False)]
    TITLE_TEXT = "Copy as"
    KEYS = "↑ ↓ · Enter copy · S to a file · Esc back"

    def __init__(self, view: View) -> None:
        super().__init__()
        self._view = view
        self._forms = list(WRITABLE_TOOLS)

    def parts(self) -> ComposeResult:
        """Tools on the left, the text on the right."""
        with Horizontal(classes="columns"):
            yield OptionList(*(Option(form.title) for form in WRITABLE_TOOLS.values()))
            with VerticalScroll(can_focus=False):
                yield Static("", markup=False, classes="code", id="text")
        yield Static("", markup=False, classes="subtitle", id="left-out")
        yield Input(compact=True, placeholder="file name", id="file")

    def on_mount(self) -> None:
        """The first one is shown."""
        self.query_one("#file").display = False
        tools = self.query_one(OptionList)
        tools.focus()
        tools.highlighted = 0

    @property
    def text(self) -> str:
        """The config in the words of the tool at hand."""
        at = self.query_one(OptionList).highlighted or 0
        return self._export(at).text

    def _export(self, at: int) -> WriteResult:
        return export_config(self._view, self._forms[at])

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Another tool."""
        export = self._export(event.option_index)
        self.query_one("#text", Static).update(export.text)
        line = self.query_one("#left-out", Static)
        line.update(describe_left_out(export))
        line.display = bool(export.unwritten_fields)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Copy it."""
        self.app.copy_to_clipboard(self.text)
        self.notify("copied, where the terminal lets programs do so (OSC 52); S writes a file")

    def action_name(self) -> None:
        """Ask for a file name."""
        line = self.query_one("#file", Input)
        at = self.query_one(OptionList).highlighted or 0
        line.value = WRITABLE_TOOLS[self._forms[at]].file
        line.display = True
        line.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Write it."""
        try:
            write_new_file(event.value.strip(), self.text)
        except SaveError as error:
            self.notify(str(error), severity="error")
            return
        self.notify(f"written to {event.value.strip()}")
        self.dismiss(None)
