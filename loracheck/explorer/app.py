"""The explorer: panes that show a view, and keys that give the state its next value."""

from __future__ import annotations

import os

from textual.app import App
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Footer, Input, Static

from loracheck.type_checking import TYPE_CHECKING

from . import state as transitions
from .dialog_actions import DialogActions
from .dialogs import QuestionDialog
from .field_edit import ABSENT, EditRefusal
from .field_row import FieldEdited
from .form import Form
from .header_text import format_header, format_preview, is_light_terminal
from .number_lines import KeyNumbers, read_numbers
from .preview_match import TARGET
from .printable_filter import PrintableFilter
from .repaint import InputLine, show_text
from .state import State
from .toggle_target import toggle_line
from .tree_pane import TreePane
from .value_text import IncompleteValue
from .verdict_pane import FindingList, NumbersPane
from .view import View, build_view, find_model
from .view_options import ViewOptions, may_build

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import ClassVar

    from textual import events
    from textual.app import ComposeResult
    from textual.filter import LineFilter
    from textual.geometry import Size

    from loracheck.findings import Finding


BROAD, TALL = 150, 32
"""Columns (for the form) and rows from which on there is room for more."""

PANE_ACTIONS = frozenset(
    {
        "copy", "help", "fix", "fix_all", "model", "next", "open", "pane", "peft", "redo", "save",
        "serve", "tree", "try", "undo",
    }
)  # fmt: skip
"""Actions that wait until a dialog is closed."""

PANES = ("#tree", "#form", "#findings")


class Explorer(DialogActions, App[None], inherit_bindings=False):
    """One session; `state` is all that it knows."""

    CSS_PATH = os.path.join(os.path.dirname(__file__), "style.tcss")
    TITLE = "loracheck explain"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+f", "fix", "Mend", priority=True),
        Binding("ctrl+s", "save", "Save", priority=True),
        Binding("ctrl+o", "open", "Open", priority=True),
        Binding("ctrl+b", "model", "Model", priority=True),
        Binding("ctrl+y", "copy", "Copy", priority=True),
        Binding("ctrl+z", "undo", "Undo", priority=True),
        Binding("f1", "help", "Help", priority=True),
        Binding("ctrl+q", "finish", "Quit", priority=True),
        Binding("ctrl+c", "help_quit", show=False, system=True),
        Binding("question_mark", "help", "Help", show=False),
        Binding("ctrl+g", "fix_all", "Mend all", show=False, priority=True),
        Binding("ctrl+r", "redo", "Redo", show=False, priority=True),
        Binding("ctrl+p", "peft", "PEFT", show=False, priority=True),
        Binding("ctrl+l", "serve", "Server", show=False, priority=True),
        Binding("ctrl+n", "next", "Next setting", show=False, priority=True),
        Binding("ctrl+t", "colours", "Light or dark", show=False, priority=True),
        Binding("tab", "pane(1)", "Next pane", show=False, priority=True),
        Binding("shift+tab", "pane(-1)", "Previous pane", show=False, priority=True),
        Binding("slash", "try", "Try", show=False, priority=True),
        Binding("escape", "tree", "Tree", show=False),
    ]

    def __init__(self, state: State | None, options: ViewOptions | None = None) -> None:
        super().__init__()
        self.state = state
        self.options = options or (state.options if state else ViewOptions())
        self.view: View | None = None
        self.before: KeyNumbers | None = None
        self._built_models: set[str] = set()
        self._started = False
        self.theme = "textual-light" if is_light_terminal() else "textual-dark"

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Also one that lets no control character of a file reach the terminal."""
        return [*super().get_line_filters(), PrintableFilter()]

    def compose(self) -> ComposeResult:
        """The panes."""
        yield Static("", id="head")
        with Horizontal(id="middle"):
            with Vertical(id="left"):
                yield TreePane(id="tree")
                with Horizontal(id="try-row"):
                    yield Static("/ try", id="try-label")
                    yield InputLine(compact=True, id="try", placeholder="names or a regex")
                    yield Static("", id="try-result")
            yield Form(id="form")
        yield NumbersPane(id="numbers")
        yield FindingList(id="findings")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Show the file, or ask for one."""
        self._set_size_classes(self.size)
        if self.state is None:
            self.action_open()
        else:
            self.start(self.state)

    def start(self, state: State) -> None:
        """Begin with a file or a new config."""
        self.query_one("#try", Input).value = ""
        self.before = None
        self._started = False
        self.apply(state)

    def apply(self, state: State) -> None:
        """Show another state, at once unless its model's tree has yet to be built."""
        self.state = state
        trial, model = self.query_one("#try", Input).value, find_model(state)
        if model in self._built_models or not may_build(model):
            self._show_view(state, build_view(state, trial))
            return
        message = Content.styled(f"building the tree of {model} ...", "$text-warning")
        show_text(self.query_one("#numbers", Static), message)

        def work() -> None:
            view = build_view(state, trial)
            self._built_models.add(model)
            self.call_from_thread(self._show_view, state, view)

        self.run_worker(work, thread=True, exclusive=True, group="view")

    def _show_view(self, state: State, view: View) -> None:
        """Draw all panes from the one view, unless another one is asked for by now."""
        if state is not self.state:
            return
        self.view = view
        if not self._started:
            self._started = True
            self.before = read_numbers(view.impact)
            self._focus("#findings" if view.findings else "#tree")
        self.query_one(TreePane).show(view)
        self.query_one(Form).show(view)
        self.query_one(NumbersPane).show(view, self.before)
        self.query_one(FindingList).show(view)
        show_text(self.query_one("#head", Static), format_header(state, view, self.size.width))
        result = self.query_one("#try-result", Static)
        result.set_class(view.preview is not None, "filled")  # else its room is for the line itself
        show_text(result, format_preview(view))

    def on_resize(self, event: events.Resize) -> None:
        """More room, more to see. (The app's own size is still the old one here.)"""
        self._set_size_classes(event.size)
        if self.state is not None and self.view is not None:
            self.call_after_refresh(lambda: self.apply(self.state) if self.state else None)

    def _set_size_classes(self, size: Size) -> None:
        self.screen_stack[0].set_class(size.width >= BROAD, "broad")
        self.screen_stack[0].set_class(size.height >= TALL, "tall-screen")

    def on_field_edited(self, message: FieldEdited) -> None:
        """A keystroke in the form."""
        if self.state is None or message.stale:
            return
        if isinstance(message.value, IncompleteValue):
            self.query_one(Form).show(self.view, message.value.reason) if self.view else None
            return
        self.apply(transitions.set_value(self.state, message.field, message.value))

    def on_tree_pane_target_toggled(self, message: TreePane.TargetToggled) -> None:
        """Space on a line of the tree."""
        if self.state is None or self.view is None:
            return
        value = toggle_line(self.view, message.line)
        if value is None:
            self.notify("LoRA has nothing to do with this module", severity="warning")
        else:
            self.apply(transitions.end_edit(transitions.set_value(self.state, TARGET, value)))

    def on_finding_list_selected(self, message: FindingList.Selected) -> None:
        """Enter on a finding: mend it, or go to its field."""
        finding = message.finding
        if finding.fix is None or not finding.fix.changes:
            self.query_one(Form).enter(finding.field)
        else:
            self._apply_fix(finding)

    def on_input_changed(self, event: Input.Changed) -> None:
        """A keystroke in the line that tries names out."""
        if event.input.id == "try" and self.state is not None:
            self.apply(self.state)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """What was tried out becomes the targets."""
        if event.input.id != "try" or self.state is None or self.view is None:
            return
        trial = self.view.preview
        if trial is None or trial.reason or trial.value is ABSENT:
            return
        event.input.value = ""
        self.apply(transitions.end_edit(transitions.set_value(self.state, TARGET, trial.value)))
        self._focus("#tree")

    def action_fix(self) -> None:
        """Apply one suggested fix."""
        fixable = self.query_one(FindingList).find_fixable()
        if fixable is None:
            self.notify("no finding here has a fix that can be written")
        else:
            self._apply_fix(fixable)

    def _apply_fix(self, finding: Finding) -> None:
        if self.state is None:
            return
        new = transitions.apply_fix(self.state, finding)
        if isinstance(new, EditRefusal):
            self.notify(finding.help or new.reason, title=finding.code, severity="warning")
            return
        self.apply(new)
        self.notify(f"{finding.fix.title if finding.fix else ''}  (Ctrl+Z undoes it)")

    def action_fix_all(self) -> None:
        """Apply every suggested fix."""
        if self.state is None:
            return
        new, count = transitions.apply_all_fixes(self.state)
        self.apply(new)
        self.notify(f"{count} mended  (Ctrl+Z undoes it)" if count else "there is nothing to mend")

    def action_undo(self) -> None:
        """One step back."""
        if self.state is not None:
            self.apply(transitions.undo(self.state))

    def action_redo(self) -> None:
        """One step forward."""
        if self.state is not None:
            self.apply(transitions.redo(self.state))

    def action_next(self) -> None:
        """The file's next setting."""
        if self.state is not None and self.view is not None and self.view.settings > 1:
            self.start(transitions.show_next_setting(self.state, 1))

    def action_pane(self, step: int) -> None:
        """The next pane."""
        at = next((n for n, name in enumerate(PANES) if self._has_focus(name)), 0)
        name = PANES[(at + step) % len(PANES)]
        if name == "#form":
            self.query_one(Form).enter()
        else:
            self._focus(name)

    def _focus(self, name: str) -> None:
        """Give the focus away at once: keys that are waiting already are meant for it."""
        self.screen_stack[0].set_focus(self.query_one(name))

    def _has_focus(self, name: str) -> bool:
        return bool(self.query_one(name).has_focus_within)

    def action_tree(self) -> None:
        """Back to the tree; what was tried out is forgotten."""
        self.query_one("#try", Input).value = ""
        self._focus("#tree")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A dialog keeps the keys to itself. A slash is a letter where text is typed; elsewhere it
        is taken before the keys behind it, however fast they come.
        """
        if self.screen.is_modal and action in PANE_ACTIONS:
            return False
        if action == "finish":
            return not isinstance(self.screen, QuestionDialog)
        return not (action == "try" and isinstance(self.focused, Input))

    def action_try(self) -> None:
        """Type a regular expression and see what it matches."""
        self._focus("#try")

    def action_colours(self) -> None:
        """Dark on light, or light on dark."""
        self.theme = "textual-dark" if self.theme == "textual-light" else "textual-light"
