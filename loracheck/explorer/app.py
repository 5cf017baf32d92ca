"""The explorer: panes that show a view, and keys that give the state its next value."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Footer, Input, Static

from . import state as moves
from .actions import Dialogs
from .dialogs import Ask
from .field_edit import ABSENT, Refused
from .field_row import Edited
from .form import Form
from .number_lines import Numbers, numbers
from .preview_match import TARGET
from .repaint import Line, put
from .state import State
from .toggle_target import with_row
from .tree_pane import TreePane
from .value_text import Unfinished
from .verdict_pane import Findings, NumbersPane
from .view import View, model_of, view
from .view_options import Look, may_build

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.geometry import Size

    from loracheck.findings import Finding

WIDE, BROAD, TALL = 110, 150, 32
"""Columns (for the head, for the form) and rows from which on there is room for more."""

IN_THE_PANES = frozenset(
    {
        "copy", "help", "mend", "mend_all", "model", "next", "open", "pane", "peft", "redo", "save",
        "serve", "tree", "try", "undo",
    }
)  # fmt: skip
"""Actions that wait until a dialog is closed."""

PANES = ("#tree", "#form", "#findings")


class Explorer(Dialogs, App[None], inherit_bindings=False):
    """One session; `state` is all that it knows."""

    CSS_PATH = os.path.join(os.path.dirname(__file__), "style.tcss")
    TITLE = "loracheck explain"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+f", "mend", "Mend", priority=True),
        Binding("ctrl+s", "save", "Save", priority=True),
        Binding("ctrl+o", "open", "Open", priority=True),
        Binding("ctrl+b", "model", "Model", priority=True),
        Binding("ctrl+y", "copy", "Copy", priority=True),
        Binding("ctrl+z", "undo", "Undo", priority=True),
        Binding("f1", "help", "Help", priority=True),
        Binding("ctrl+q", "finish", "Quit", priority=True),
        Binding("ctrl+c", "help_quit", show=False, system=True),
        Binding("question_mark", "help", "Help", show=False),
        Binding("ctrl+g", "mend_all", "Mend all", show=False, priority=True),
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

    def __init__(self, state: State | None, look: Look | None = None) -> None:
        super().__init__()
        self.state = state
        self.look = look or (state.look if state else Look())
        self.view: View | None = None
        self.before: Numbers | None = None
        self._known: set[str] = set()
        self._started = False
        self.theme = "textual-light" if _light() else "textual-dark"

    def compose(self) -> ComposeResult:
        """The panes."""
        yield Static("", id="head")
        with Horizontal(id="middle"):
            with Vertical(id="left"):
                yield TreePane(id="tree")
                with Horizontal(id="try-row"):
                    yield Static("/ try", id="try-label")
                    yield Line(compact=True, id="try", placeholder="names or a regex")
                    yield Static("", id="try-told")
            yield Form(id="form")
        yield NumbersPane(id="numbers")
        yield Findings(id="findings")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Show the file, or ask for one."""
        self._fit(self.size)
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
        trial, model = self.query_one("#try", Input).value, model_of(state)
        if model in self._known or not may_build(model):
            self._draw(state, view(state, trial))
            return
        told = Content.styled(f"building the tree of {model} ...", "$text-warning")
        put(self.query_one("#numbers", Static), told)

        def work() -> None:
            shown = view(state, trial)
            self._known.add(model)
            self.call_from_thread(self._draw, state, shown)

        self.run_worker(work, thread=True, exclusive=True, group="view")

    def _draw(self, state: State, shown: View) -> None:
        """Draw all panes from the one view, unless another one is asked for by now."""
        if state is not self.state:
            return
        self.view = shown
        if not self._started:
            self._started = True
            self.before = numbers(shown.impact)
            self._go("#findings" if shown.findings else "#tree")
        self.query_one(TreePane).show(shown)
        self.query_one(Form).show(shown)
        self.query_one(NumbersPane).show(shown, self.before)
        self.query_one(Findings).show(shown)
        put(self.query_one("#head", Static), _head(state, shown, self.size.width))
        told = self.query_one("#try-told", Static)
        told.set_class(shown.trial is not None, "told")  # else its room is for the line itself
        put(told, _tried(shown))

    def on_resize(self, event: events.Resize) -> None:
        """More room, more to see. (The app's own size is still the old one here.)"""
        self._fit(event.size)
        if self.state is not None and self.view is not None:
            self.call_after_refresh(lambda: self.apply(self.state) if self.state else None)

    def _fit(self, size: Size) -> None:
        self.screen_stack[0].set_class(size.width >= BROAD, "broad")
        self.screen_stack[0].set_class(size.height >= TALL, "tall-screen")

    def on_edited(self, message: Edited) -> None:
        """A keystroke in the form."""
        if self.state is None or message.stale:
            return
        if isinstance(message.value, Unfinished):
            self.query_one(Form).show(self.view, message.value.reason) if self.view else None
            return
        self.apply(moves.changed(self.state, message.field, message.value))

    def on_tree_pane_targeted(self, message: TreePane.Targeted) -> None:
        """Space on a line of the tree."""
        if self.state is None or self.view is None:
            return
        value = with_row(self.view, message.row)
        if value is None:
            self.notify("LoRA has nothing to do with this module", severity="warning")
        else:
            self.apply(moves.settled(moves.changed(self.state, TARGET, value)))

    def on_findings_chosen(self, message: Findings.Chosen) -> None:
        """Enter on a finding: mend it, or go to its field."""
        finding = message.finding
        if finding.fix is None or not finding.fix.changes:
            self.query_one(Form).enter(finding.field)
        else:
            self._mend(finding)

    def on_input_changed(self, event: Input.Changed) -> None:
        """A keystroke in the line that tries names out."""
        if event.input.id == "try" and self.state is not None:
            self.apply(self.state)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """What was tried out becomes the targets."""
        if event.input.id != "try" or self.state is None or self.view is None:
            return
        trial = self.view.trial
        if trial is None or trial.reason or trial.value is ABSENT:
            return
        event.input.value = ""
        self.apply(moves.settled(moves.changed(self.state, TARGET, trial.value)))
        self._go("#tree")

    def action_mend(self) -> None:
        """Apply one suggested fix."""
        found = self.query_one(Findings).mendable()
        if found is None:
            self.notify("no finding here has a fix that can be written")
        else:
            self._mend(found)

    def _mend(self, finding: Finding) -> None:
        if self.state is None:
            return
        new = moves.mended(self.state, finding)
        if isinstance(new, Refused):
            self.notify(finding.help or new.reason, title=finding.code, severity="warning")
            return
        self.apply(new)
        self.notify(f"{finding.fix.title if finding.fix else ''}  (Ctrl+Z undoes it)")

    def action_mend_all(self) -> None:
        """Apply every suggested fix."""
        if self.state is None:
            return
        new, done = moves.all_mended(self.state)
        self.apply(new)
        self.notify(f"{done} mended  (Ctrl+Z undoes it)" if done else "there is nothing to mend")

    def action_undo(self) -> None:
        """One step back."""
        if self.state is not None:
            self.apply(moves.undone(self.state))

    def action_redo(self) -> None:
        """One step forward."""
        if self.state is not None:
            self.apply(moves.redone(self.state))

    def action_next(self) -> None:
        """The file's next setting."""
        if self.state is not None and self.view is not None and self.view.settings > 1:
            self.start(moves.turned(self.state, 1))

    def action_pane(self, step: int) -> None:
        """The next pane."""
        at = next((n for n, name in enumerate(PANES) if self._inside(name)), 0)
        name = PANES[(at + step) % len(PANES)]
        if name == "#form":
            self.query_one(Form).enter()
        else:
            self._go(name)

    def _go(self, name: str) -> None:
        """Give the focus away at once: keys that are waiting already are meant for it."""
        self.screen_stack[0].set_focus(self.query_one(name))

    def _inside(self, name: str) -> bool:
        return bool(self.query_one(name).has_focus_within)

    def action_tree(self) -> None:
        """Back to the tree; what was tried out is forgotten."""
        self.query_one("#try", Input).value = ""
        self._go("#tree")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A dialog keeps the keys to itself. A slash is a letter where text is typed; elsewhere it
        is taken before the keys behind it, however fast they come.
        """
        if self.screen.is_modal and action in IN_THE_PANES:
            return False
        if action == "finish":
            return not isinstance(self.screen, Ask)
        return not (action == "try" and isinstance(self.focused, Input))

    def action_try(self) -> None:
        """Type a regular expression and see what it matches."""
        self._go("#try")

    def action_colours(self) -> None:
        """Dark on light, or light on dark."""
        self.theme = "textual-dark" if self.theme == "textual-light" else "textual-light"


def _head(state: State, shown: View, width: int) -> Content:
    """File, dialect, model, and how it is looked at."""
    setting = shown.context.setting
    name = (os.path.basename(state.path) or "new config") + ("*" if state.changed else "")
    if shown.settings > 1:
        name += f" {state.number + 1}/{shown.settings} (Ctrl+N)"
    other = shown.job.model
    model = f"{other} (looked at)" if other else shown.model or "no model"
    parts = [name, setting.tool_name, model]
    parts += [f"PEFT {shown.job.peft}"] if shown.job.peft else []
    parts += [", ".join(shown.job.serve)] if shown.job.serve else []
    if width >= WIDE and shown.impact.transformers:
        parts.append(f"transformers {shown.impact.transformers}")
    return Content("  │  ".join(parts))


def _tried(shown: View) -> str:
    if shown.trial is None:
        return ""
    if shown.trial.reason:
        return shown.trial.reason.partition(",")[0]
    return f"{shown.trial.modules:,} match"


def _light() -> bool:
    """Whether the terminal says that its background is light (COLORFGBG, as rxvt sets it)."""
    return os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
