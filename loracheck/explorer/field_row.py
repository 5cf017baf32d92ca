"""One field of the form: its name, and a line to type its value in or a choice to turn."""

from __future__ import annotations

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from loracheck.type_checking import TYPE_CHECKING

from .field_edit import ABSENT
from .key_locations import list_candidate_keys
from .pane_text import format_placeholder
from .repaint import InputLine, show_text
from .value_text import IncompleteValue, format_value, get_value_types, parse_value
from .view_options import list_models

if TYPE_CHECKING:
    from typing import Any, ClassVar

    from textual import events
    from textual.app import ComposeResult

    from loracheck.config.field_table import Field
    from loracheck.documents.values import Value

    from .view import View

TALL_FIELDS = frozenset({"target_modules"})
"""Fields whose value gets a line of its own."""


class FieldEdited(Message):
    """A field got another value: ABSENT, Unfinished, or what PEFT would be given."""

    def __init__(self, row: FieldRow, text: str, value: Value) -> None:
        super().__init__()
        self.field = row.field_name
        self.value = value
        self._row = row
        self._text = text

    @property
    def stale(self) -> bool:
        """Whether more was typed since, of which another message tells: a view of this one would
        write an old text over the new.
        """
        return self._row.editor.value != self._text


class ChoiceInput(Static, can_focus=True):
    """A value out of a few; left and right turn it, backspace leaves it out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space", "turn(1)", "Next value", show=False),
        Binding("left", "turn(-1)", "Previous value", show=False),
        Binding("backspace,delete", "leave_out", "Leave out", show=False),
    ]

    class Changed(Message):
        """Another value is chosen."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, options: list[str]) -> None:
        super().__init__("", markup=False)
        self.options = ["", *options]
        self.value = ""
        self.default = ""

    def set_value(self, value: str, default: str) -> None:
        """Show a value; `default` is what holds without one."""
        if value not in self.options:
            self.options.append(value)
        self.value, self.default = value, default
        self._redraw()

    def _redraw(self) -> None:
        text = self.value or self.default
        self.set_class(not self.value, "unset")
        show_text(self, f"{text}  ← →" if self.has_focus else text)

    def on_focus(self) -> None:
        """Show that it turns."""
        self._redraw()

    def on_blur(self) -> None:
        """Show the value alone."""
        self._redraw()

    def action_turn(self, step: int) -> None:
        """The next value, round and round."""
        value = self.value or self.default
        here = self.options.index(value) if value in self.options else 0
        at = (here + step) % len(self.options)
        at = at or (1 if step > 0 else len(self.options) - 1)
        self.value = self.options[at]
        self._redraw()
        self.post_message(self.Changed(self.value))

    def action_leave_out(self) -> None:
        """No value: the default holds."""
        self.value = ""
        self._redraw()
        self.post_message(self.Changed(""))


class FieldRow(Container):
    """The row. Typing posts `FieldEdited`; `show` brings it in line with a view."""

    def __init__(self, name: str, field: Field | None) -> None:
        super().__init__(id=f"row-{name}", classes="tall" if name in TALL_FIELDS else "")
        self.field_name = name
        self.field = field
        self._value: Any = ABSENT
        self._label = Static(name, classes="label", markup=False)
        self._entry: Input | ChoiceInput = self._make_editor()

    def _make_editor(self) -> Input | ChoiceInput:
        field = self.field
        if field is None:
            suggester = SuggestFromList(list_models(), case_sensitive=False)
            return InputLine(compact=True, suggester=suggester, select_on_focus=False)
        takes = get_value_types(field)
        options = [format_value(choice, field) for choice in field.choices]
        if "bool" in takes:
            options = ["true", "false", *options]
        if options and takes <= {"bool", "null", "str"}:
            return ChoiceInput(options)
        words = ["all-linear"] if field.name == "target_modules" else []
        return InputLine(compact=True, suggester=SuggestFromList(words), select_on_focus=False)

    @property
    def editor(self) -> Input | ChoiceInput:
        """What has the focus when the field is edited."""
        return self._entry

    def compose(self) -> ComposeResult:
        """Name and value."""
        yield self._label
        yield self._entry

    def show(self, view: View, here: bool) -> None:
        """The value of the moment. A text that means it already is left as it is typed."""
        value = view.get_value(self.field_name)
        if self.field is None:
            text, default = _format_model(value), "no model"
        else:
            text, default = format_value(value, self.field), format_placeholder(view, self.field)
        if isinstance(self._entry, ChoiceInput):
            self._entry.set_value(text, default)
        else:
            self._entry.placeholder = default
            if not (here and self._is_typed(value)) and self._entry.value != text:
                with self._entry.prevent(Input.Changed):
                    self._entry.value = text
        self._style_label(view, value)

    def _is_typed(self, value: Value) -> bool:
        """Whether what is typed means the value, or is not finished."""
        typed = self._parse(self._entry.value)
        if isinstance(typed, IncompleteValue):
            return True
        from loracheck.fixes.verify import is_same_value

        return typed is value or is_same_value(typed, value)

    def _style_label(self, view: View, value: object) -> None:
        """The label says whether the field is set, held back, or complained about."""
        levels = {finding.severity for finding in view.list_findings_about(self.field_name)}
        self.set_class(value is not ABSENT, "set")
        self.set_class(self.field_name in view.held_values, "held")
        self.set_class("error" in levels, "error")
        self.set_class("warning" in levels, "warning")
        sign = (
            "!"
            if levels & {"error", "warning"}
            else "*"
            if self.field_name in view.held_values
            else ""
        )
        setting = view.context.setting
        keys = (
            list_candidate_keys(setting, self.field_name)
            if self.field is not None
            else [self.field_name]
        )
        self.set_class(not keys, "foreign")
        key = keys[0] if keys else self.field_name
        show_text(self._label, f"{key}{f' {sign}' if sign else ''}")

    def _parse(self, text: str) -> Any:
        if self.field is not None:
            return parse_value(text, self.field)
        return text.strip() or ABSENT

    def on_input_changed(self, event: Input.Changed) -> None:
        """A keystroke."""
        event.stop()
        self.post_message(FieldEdited(self, event.value, self._parse(event.value)))

    def on_choice_input_changed(self, event: ChoiceInput.Changed) -> None:
        """Another choice."""
        event.stop()
        self.post_message(FieldEdited(self, event.text, self._parse(event.text)))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Told to the form, so that it shows the help."""
        self.add_class("here")

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Not here any more."""
        self.remove_class("here")


def _format_model(value: Value) -> str:
    """The base model as its row shows it."""
    return value if isinstance(value, str) else format_value(value)
