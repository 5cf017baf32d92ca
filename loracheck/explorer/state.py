"""The model of a session: a file's text with what was changed, and how it is looked at.

A `State` is a value; every action gives a new one, and `view.build_view` works out what it shows.
The text itself is what is edited, by edits in place, so that saving is writing it. A value that
cannot be written safely is `held` beside the text with the reason, and judged all the same.
"""

from __future__ import annotations

import os

from loracheck.documents import LIMITS, read
from loracheck.documents.model import Document
from loracheck.documents.source import MAX_BYTES, decode
from loracheck.fixes.apply import apply_edits, apply_fixes
from loracheck.fixes.verify import find_fault, is_same_value
from loracheck.named_tuple import NamedTuple
from loracheck.pipeline import build_contexts, find_problems
from loracheck.tools import find_settings
from loracheck.type_checking import TYPE_CHECKING

from .field_edit import ABSENT, EditRefusal, set_field
from .field_order import MODEL
from .key_locations import find_own_place
from .view_options import ViewOptions, make_lint_settings

if TYPE_CHECKING:
    from typing import Any

    from loracheck.findings import Finding

MAX_UNDO = 200
"""Steps that can be taken back."""

NEW_NAME = "adapter_config.json"
"""Under what name a config is read that has no file yet and no tool."""


class HeldValue(NamedTuple):
    """A value that the file cannot take, and why."""

    value: Any
    reason: str


class UndoStep(NamedTuple):
    """What undo goes back to."""

    text: str
    held_values: dict[str, HeldValue]


class State(NamedTuple):
    """One moment of a session.

    `path` is the file ("" for a config without one), `disk` its content as it was read, `number`
    which of its settings is shown. `text` is the file's text now, `ground` the one before the edit
    of the field `editing`, so that typing goes on from there and leaves no traces. `held` maps
    fields to values that are not in the text. `new` is the name for a config that has no file yet.
    """

    path: str
    disk: bytes | None
    text: str
    base_text: str
    number: int = 0
    options: ViewOptions = ViewOptions()
    held_values: dict[str, HeldValue] = {}  # noqa: RUF012  # never changed in place
    edited_field: str | None = None
    past: tuple[UndoStep, ...] = ()
    future: tuple[UndoStep, ...] = ()
    new_name: str = NEW_NAME

    @property
    def name(self) -> str:
        """The path under which the text is read."""
        return self.path or self.new_name

    @property
    def document(self) -> Document:
        """The text as it stands."""
        return read(self.name, self.text)

    @property
    def is_changed(self) -> bool:
        """Whether the text is another than the file's."""
        return self.disk is None or decode(self.disk, get_size_limit(self.path)) != self.text


def get_size_limit(path: str) -> int:
    """The largest file that is read under a name."""
    return LIMITS.get(os.path.splitext(path)[1].lower(), MAX_BYTES)


def set_value(state: State, field: str, value: Any) -> State:
    """The state after a field (or "model") is given a value; ABSENT takes it out of the file."""
    ground = state.base_text if state.edited_field == field else state.text
    held_values = {name: one for name, one in state.held_values.items() if name != field}
    new = set_field(read(state.name, ground), state.number, field, value)
    text = ground
    if isinstance(new, EditRefusal):
        if not _is_in_file(state, ground, field, value):
            held_values[field] = HeldValue(value, new.reason)
    else:
        text = new.text
    if text == state.text and held_values == state.held_values:
        return state
    return _remember(state, state.edited_field == field)._replace(
        text=text, base_text=ground, held_values=held_values, edited_field=field
    )


def _is_in_file(state: State, ground: str, field: str, value: object) -> bool:
    """Whether the value is the one that the file has already, read or worked out."""
    setting = find_settings(read(state.name, ground))[state.number]
    if value is ABSENT:
        return find_own_place(setting, field) is None
    old = setting.model if field == MODEL else setting.fields.get(field, ABSENT)
    return is_same_value(old, value)


def _remember(state: State, same_edit: bool) -> State:
    """With the moment before remembered; all keystrokes in one field are one step."""
    if same_edit and state.past:
        return state._replace(future=())
    past = (*state.past, UndoStep(state.text, state.held_values))[-MAX_UNDO:]
    return state._replace(past=past, future=())


def end_edit(state: State) -> State:
    """The state with the edit under way ended."""
    return state._replace(base_text=state.text, edited_field=None)


def apply_fix(state: State, finding: Finding) -> State | EditRefusal:
    """The state with the finding's fix applied to the text."""
    fix = finding.fix
    if fix is None or not fix.changes:
        return EditRefusal("there is no fix that could be written by itself")
    document = state.document
    text = apply_edits(document.text, list(fix.edits))
    reason = find_fault(document, text, fix.changes, lambda new: read(state.name, new))
    if reason is None and len(find_settings(read(state.name, text))) <= state.number:
        reason = "the file would set no LoRA up any more"
    return EditRefusal(reason) if reason is not None else replace_text(state, text)


def apply_all_fixes(state: State) -> tuple[State, int]:
    """The state after every fix that can be applied, and how many were."""
    lint_settings = make_lint_settings(state.options, state.name)

    def check(text: str) -> tuple[Finding, ...]:
        document = read(state.name, text)
        return find_problems(
            document, build_contexts(document, lint_settings), lint_settings, state.name
        )

    result = apply_fixes(state.text, check, lambda text: read(state.name, text), unsafe=True)
    return replace_text(state, result.text), len(result.applied)


def replace_text(state: State, text: str) -> State:
    """The state with another text, as one step."""
    if text == state.text:
        return state
    return end_edit(_remember(state, same_edit=False)._replace(text=text))


def undo(state: State) -> State:
    """One step back; the same state where there is none."""
    if not state.past:
        return state
    *past, last = state.past
    future = (UndoStep(state.text, state.held_values), *state.future)
    back = state._replace(
        past=tuple(past), future=future, text=last.text, held_values=last.held_values
    )
    return end_edit(back)


def redo(state: State) -> State:
    """One step forward again."""
    if not state.future:
        return state
    first, *rest = state.future
    past = (*state.past, UndoStep(state.text, state.held_values))
    forth = state._replace(
        past=past, future=tuple(rest), text=first.text, held_values=first.held_values
    )
    return end_edit(forth)


def set_options(state: State, options: ViewOptions) -> State:
    """The state looked at in another way."""
    return end_edit(state)._replace(options=options)


def show_next_setting(state: State, step: int) -> State:
    """The state showing another setting of the same file; what is held stays with the old one."""
    total = len(find_settings(state.document))
    return end_edit(state)._replace(number=(state.number + step) % total, held_values={})
