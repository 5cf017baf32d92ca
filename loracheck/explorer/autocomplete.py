"""A line to type in, with what may be meant below it: models, releases, servers, files."""

from __future__ import annotations

from textual.binding import Binding, BindingType
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from loracheck.type_checking import TYPE_CHECKING

from .dialogs import Dialog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import ClassVar

    from textual.app import ComposeResult

MAX_ENTRIES = 200
"""Entries that are listed at once."""


class AutocompleteDialog(Dialog[str]):
    """Answers with an entry; what was typed is the last one of them where it may be anything."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next", show=False, priority=True),
        Binding("up", "move(-1)", "Previous", show=False, priority=True),
        Binding("pagedown", "move(8)", "Page down", show=False, priority=True),
        Binding("pageup", "move(-8)", "Page up", show=False, priority=True),
        Binding("tab", "complete", "Complete", show=False, priority=True),
    ]
    KEYS = "type · ↑ ↓ · Tab complete · Enter choose · Esc back"

    def __init__(
        self,
        title: str,
        subtitle: str,
        entries: Callable[[str], Sequence[tuple[str, str]]],
        *,
        text: str = "",
        free: bool = True,
        first: int = 0,
    ) -> None:
        super().__init__()
        self.TITLE_TEXT = title
        self._subtitle = subtitle
        self._entries = entries
        self._text = text
        self._free = free
        self._first = first
        self._answers: list[str] = []

    def parts(self) -> ComposeResult:
        """What it is about, the line, the list."""
        yield Static(self._subtitle, markup=False, classes="subtitle")
        yield Input(self._text, compact=True, select_on_focus=False)
        entries = OptionList(markup=False)
        entries.can_focus = False
        yield entries

    def on_mount(self) -> None:
        """List what fits the text there is."""
        self._list_entries(self._text)
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """List what fits."""
        self._list_entries(event.value)

    def _list_entries(self, text: str) -> None:
        entries = list(self._entries(text))[:MAX_ENTRIES]
        text = text.strip()
        answers = [answer for answer, _ in entries]
        at = answers.index(text) if text in answers else 0 if text else self._first
        if self._free and text and text not in answers:
            entries.append((text, f"{text}  (as it is typed)"))
        self._answers = [answer for answer, _ in entries]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(label) for _, label in entries])
        if entries:
            options.highlighted = min(at, len(entries) - 1)

    def action_move(self, step: int) -> None:
        """Another entry."""
        entries = self.query_one(OptionList)
        if self._answers:
            here = entries.highlighted
            at = 0 if here is None else here + step
            entries.highlighted = max(0, min(at, len(self._answers) - 1))

    def action_complete(self) -> None:
        """Write the entry into the line, to go on from there."""
        at = self.query_one(OptionList).highlighted
        if self._answers:
            line = self.query_one(Input)
            line.value = self._answers[at or 0]
            line.cursor_position = len(line.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The entry under the cursor."""
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._answers):
            self.dismiss(self._answers[at])


def filter_names(names: Sequence[str], text: str) -> list[str]:
    """The names that have all words of the text; first those that begin with it, their owner left
    out.
    """
    words = text.lower().split()
    matches = [name for name in names if all(word in name.lower() for word in words)]
    low = text.lower()

    def order(name: str) -> tuple[bool, str]:
        lowered = name.lower()
        return not (lowered.startswith(low) or lowered.rpartition("/")[2].startswith(low)), lowered

    return sorted(matches, key=order)
