"""The model of a session: a file's text with what was changed, and how it is looked at.

A `State` is a value; every action gives a new one, and `view.view` works out what it shows. The
text itself is what is edited, by edits in place, so that saving is writing it. A value that cannot
be written safely is `held` beside the text with the reason, and judged all the same.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.documents import LIMITS, read
from loracheck.documents.model import Document
from loracheck.documents.source import MAX_BYTES, decode
from loracheck.fixes.apply import edited, mend
from loracheck.fixes.verify import fault, same
from loracheck.pipeline import build_contexts, find_problems
from loracheck.tools import find_settings

from .field_edit import ABSENT, Refused, written
from .field_order import MODEL
from .key_locations import own_place
from .view_options import Look, job

if TYPE_CHECKING:
    from loracheck.findings import Finding

UNDO = 200
"""Steps that can be taken back."""

NEW = "adapter_config.json"
"""Under what name a config is read that has no file yet and no tool."""


class Held(NamedTuple):
    """A value that the file cannot take, and why."""

    value: Any
    reason: str


class Step(NamedTuple):
    """What undo goes back to."""

    text: str
    held: dict[str, Held]


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
    ground: str
    number: int = 0
    look: Look = Look()
    held: dict[str, Held] = {}  # noqa: RUF012  # never changed in place
    editing: str | None = None
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()
    new: str = NEW

    @property
    def name(self) -> str:
        """The path under which the text is read."""
        return self.path or self.new

    @property
    def document(self) -> Document:
        """The text as it stands."""
        return read(self.name, self.text)

    @property
    def changed(self) -> bool:
        """Whether the text is another than the file's."""
        return self.disk is None or decode(self.disk, limit(self.path)) != self.text


def limit(path: str) -> int:
    """The largest file that is read under a name."""
    return LIMITS.get(os.path.splitext(path)[1].lower(), MAX_BYTES)


def changed(state: State, field: str, value: Any) -> State:
    """The state after a field (or "model") is given a value; ABSENT takes it out of the file."""
    ground = state.ground if state.editing == field else state.text
    held = {name: one for name, one in state.held.items() if name != field}
    new = written(read(state.name, ground), state.number, field, value)
    text = ground
    if isinstance(new, Refused):
        if not _as_in_file(state, ground, field, value):
            held[field] = Held(value, new.reason)
    else:
        text = new.text
    if text == state.text and held == state.held:
        return state
    return _stepped(state, state.editing == field)._replace(
        text=text, ground=ground, held=held, editing=field
    )


def _as_in_file(state: State, ground: str, field: str, value: Any) -> bool:
    """Whether the value is the one that the file has already, read or worked out."""
    setting = find_settings(read(state.name, ground))[state.number]
    if value is ABSENT:
        return own_place(setting, field) is None
    old = setting.model if field == MODEL else setting.fields.get(field, ABSENT)
    return same(old, value)


def _stepped(state: State, same_edit: bool) -> State:
    """With the moment before remembered; all keystrokes in one field are one step."""
    if same_edit and state.past:
        return state._replace(future=())
    past = (*state.past, Step(state.text, state.held))[-UNDO:]
    return state._replace(past=past, future=())


def settled(state: State) -> State:
    """The state with the edit under way ended."""
    return state._replace(ground=state.text, editing=None)


def mended(state: State, finding: Finding) -> State | Refused:
    """The state with the finding's fix applied to the text."""
    fix = finding.fix
    if fix is None or not fix.changes:
        return Refused("there is no fix that could be written by itself")
    document = state.document
    text = edited(document.text, list(fix.edits))
    reason = fault(document, text, fix.changes, lambda new: read(state.name, new))
    if reason is None and len(find_settings(read(state.name, text))) <= state.number:
        reason = "the file would set no LoRA up any more"
    return Refused(reason) if reason is not None else replaced(state, text)


def all_mended(state: State) -> tuple[State, int]:
    """The state after every fix that can be applied, and how many were."""
    asked = job(state.look, state.name)

    def check(text: str) -> tuple[Finding, ...]:
        document = read(state.name, text)
        found = build_contexts(document, asked, on_disk=True)
        return find_problems(document, found, asked, state.name)

    found = mend(state.text, check, lambda text: read(state.name, text), unsafe=True)
    return replaced(state, found.text), len(found.done)


def replaced(state: State, text: str) -> State:
    """The state with another text, as one step."""
    if text == state.text:
        return state
    return settled(_stepped(state, same_edit=False)._replace(text=text))


def undone(state: State) -> State:
    """One step back; the same state where there is none."""
    if not state.past:
        return state
    *past, last = state.past
    future = (Step(state.text, state.held), *state.future)
    back = state._replace(past=tuple(past), future=future, text=last.text, held=last.held)
    return settled(back)


def redone(state: State) -> State:
    """One step forward again."""
    if not state.future:
        return state
    first, *rest = state.future
    past = (*state.past, Step(state.text, state.held))
    forth = state._replace(past=past, future=tuple(rest), text=first.text, held=first.held)
    return settled(forth)


def looked(state: State, look: Look) -> State:
    """The state looked at in another way."""
    return settled(state)._replace(look=look)


def turned(state: State, step: int) -> State:
    """The state showing another setting of the same file; what is held stays with the old one."""
    total = len(find_settings(state.document))
    return settled(state)._replace(number=(state.number + step) % total, held={})
