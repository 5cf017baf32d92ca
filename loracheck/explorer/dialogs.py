"""The dialogs' common frame, and the plain ones: help and a question with a few answers."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.content import Content

Answer = TypeVar("Answer")


class Dialog(ModalScreen["Answer | None"], Generic[Answer]):
    """A box over the panes. Escape leaves it without an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back")]
    TITLE_TEXT = ""
    KEYS = "Esc back"

    def compose(self) -> ComposeResult:
        """The frame with the dialog's own parts."""
        with Vertical(classes="box") as box:
            box.border_title = self.TITLE_TEXT
            box.border_subtitle = self.KEYS
            yield from self.parts()

    def on_screen_resume(self) -> None:
        """What was last said would lie over the box, and over its keys."""
        self.app.clear_notifications()

    def parts(self) -> ComposeResult:
        """What stands in the box."""
        yield Static("")

    def action_leave(self) -> None:
        """No answer."""
        self.dismiss(None)


class HelpDialog(Dialog[None]):
    """A text to scroll through."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,f1,q,enter", "leave", "Back")]
    TITLE_TEXT = "Help"
    KEYS = "↑ ↓ scroll · Esc back"

    def __init__(self, text: Content) -> None:
        super().__init__()
        self._text = text

    def parts(self) -> ComposeResult:
        """The text."""
        with VerticalScroll():
            yield Static(self._text)


class QuestionDialog(Dialog[str]):
    """A question with a few answers."""

    KEYS = "Enter choose · Esc back"

    def __init__(self, question: str, answers: dict[str, str]) -> None:
        super().__init__()
        self._question = question
        self._answers = answers

    def parts(self) -> ComposeResult:
        """Question and answers."""
        yield Static(self._question, markup=False, classes="subtitle")
        yield OptionList(*(Option(text, id=name) for name, text in self._answers.items()))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """The answer's name."""
        self.dismiss(event.option.id)
