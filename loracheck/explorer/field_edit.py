"""One LoraConfig field of a file set, added or taken out, in the file's own spelling.

Each attempt is an edit in place that is read back: it counts only where the tool's own reading then
gives the very value, and every other value, comment and line is as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice

from loracheck.documents import read
from loracheck.documents.model import Document, Unknown
from loracheck.fixes import edits
from loracheck.fixes.apply import apply_edits
from loracheck.fixes.insert import insert_key
from loracheck.fixes.verify import find_fault, is_same_value
from loracheck.named_tuple import NamedTuple
from loracheck.tools import find_settings
from loracheck.type_checking import TYPE_CHECKING

from .field_order import MODEL
from .key_locations import (
    find_neighbours,
    find_own_place,
    find_switch,
    get_value,
    has_path,
    list_all_linear_switches,
    list_candidate_keys,
    takes_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.model import Path
    from loracheck.documents.values import Value
    from loracheck.fixes.edits import Step
    from loracheck.tools.core.setting import Setting


MAX_NEIGHBOURS = 12
"""Entries behind which a new key is tried."""

Attempt = Callable[[Document], Document | None]


class Absent:
    """The type of ABSENT."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()
"""In the place of a value: the field does not stand in the file, so that the default holds."""


class EditRefusal(NamedTuple):
    """Why a value cannot be written into the file."""

    reason: str


def set_field(document: Document, number: int, field: str, value: Value) -> Document | EditRefusal:
    """The document with the field of its setting `number` set to `value` (ABSENT takes it out).

    `field` is a LoraConfig field, or "model" for the base model.
    """
    setting = find_settings(document)[number]
    if _is_already_set(setting, field, value):
        return document
    for attempt in _list_attempts(setting, field, value):
        new = attempt(document)
        if new is not None and _is_faithful(setting, new, number, field, value):
            return new
    return EditRefusal(_explain_refusal(setting, field, value))


def apply_step(document: Document, step: Step | None) -> Document | None:
    """The document after a step that is proved to change nothing else."""
    if step is None:
        return None
    text = apply_edits(document.text, list(step.edits))
    documents: list[Document] = []

    def reread(text: str) -> Document:
        documents.append(read(document.path, text))
        return documents[-1]

    return documents[-1] if find_fault(document, text, step.changes, reread) is None else None


def _read_value(setting: Setting, field: str) -> Value:
    return setting.model if field == MODEL else setting.fields.get(field, ABSENT)


def _is_already_set(setting: Setting, field: str, value: object) -> bool:
    """Whether the file says so already."""
    if value is ABSENT:
        return find_own_place(setting, field) is None
    return find_own_place(setting, field) is not None and is_same_value(
        _read_value(setting, field), value
    )


def _list_attempts(setting: Setting, field: str, value: object) -> Iterator[Attempt]:
    place = find_own_place(setting, field)
    if value is ABSENT:
        if place is not None:
            yield lambda document: apply_step(document, edits.remove_entry(document, place))
        return
    switch = find_switch(setting, field, place)
    for text in _spell_value(setting, field, value, place):
        for write in _list_writes(setting, field, place, list_candidate_keys(setting, field), text):
            if switch is not None:
                yield partial(_switch_off_and_write, switch=switch, write=write)
            yield write
    for name in list_all_linear_switches(setting) if value == "all-linear" else ():
        path = (*setting.path, name)
        yield from _list_writes(
            setting, field, path if has_path(setting, path) else None, [name], True
        )


def _list_writes(
    setting: Setting, field: str, place: Path | None, keys: list[str], value: Value
) -> Iterator[Attempt]:
    """The value in its place, else under a key of its own beside other fields."""
    if place is not None:
        yield partial(_replace_value, place=place, value=value)
        return
    for key in keys:
        for after in islice(find_neighbours(setting, field), MAX_NEIGHBOURS):
            yield partial(_insert_key, after=after, key=key, value=value)


def _insert_key(document: Document, after: Path, key: str, value: Value) -> Document | None:
    return apply_step(document, insert_key(document, after, key, value))


def _spell_value(setting: Setting, field: str, value: object, place: Path | None) -> list[Any]:
    """The value as PEFT takes it and as the tool's file may say it, the likeliest first."""
    spellings = [value]
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        text = ",".join(value)
        old = get_value(setting, place)
        spellings = (
            [text, value] if isinstance(old, str) or takes_text(setting, field) else spellings
        )
        spellings.append(text)
    if value == "all-linear":
        spellings.insert(0, "all")
    return spellings


def _switch_off_and_write(document: Document, switch: Path, write: Attempt) -> Document | None:
    """The value written after the switch that stood above it is off."""
    off = apply_step(document, edits.replace_value(document, switch, False))
    return write(off) if off is not None else None


def _replace_value(document: Document, place: Path, value: Value) -> Document | None:
    """The value in the place of the old one; a list keeps the style and the entries it has."""
    old: Any = document.roots
    for step in place:
        old = old[step]
    if isinstance(old, (list, tuple)) and isinstance(value, list) and value and old:
        return _edit_list(document, place, list(old), value) or apply_step(
            document, edits.replace_value(document, place, value)
        )
    return apply_step(document, edits.replace_value(document, place, value))


def _edit_list(document: Document, place: Path, old: list[Any], new: list[Any]) -> Document | None:
    removed = _find_removed_indices(old, new)
    if removed is None:
        if not all(isinstance(item, str) for item in [*old, *new]):
            return None
        return apply_step(document, edits.replace_list(document, place, new))
    edited: Document | None = document
    for index in reversed(removed):
        if edited is not None:
            edited = apply_step(edited, edits.remove_entry(edited, (*place, index)))
    return edited


def _find_removed_indices(old: list[Value], new: list[Value]) -> list[int] | None:
    """The indices of `old` without which it is `new`; None where that is not all."""
    removed, rest = [], list(new)
    for index, item in enumerate(old):
        if rest and is_same_value(rest[0], item):
            rest.pop(0)
        else:
            removed.append(index)
    return None if rest else removed


def _is_faithful(setting: Setting, new: Document, number: int, field: str, value: object) -> bool:
    """Whether the file now says the value, and as much as before of all else."""
    settings_after = find_settings(new)
    if len(settings_after) <= number:
        return False
    after = settings_after[number]
    now = _read_value(after, field)
    if value is ABSENT:
        if find_own_place(after, field) is not None:
            return False
    elif not is_same_value(now, value):
        return False
    place = find_own_place(setting, field)
    return all(
        is_same_value(setting.fields.get(name), after.fields.get(name))
        for name in setting.places
        if name != field and name in after.places
        # What the tool works out from the changed key alone may follow it.
        if find_own_place(setting, name) not in (None, place)
    )


def _explain_refusal(setting: Setting, field: str, value: object) -> str:
    now, place, tool = _read_value(setting, field), find_own_place(setting, field), setting.tool
    if setting.document.format == "shell":
        return "shell scripts are only read"
    if isinstance(now, Unknown):
        return f"the file works it out: {now.text}" if now.text else "the file works it out"
    if place is None and field == MODEL:
        return "the file names no base model in a place of its own"
    if tool is not None and field != MODEL and not list_candidate_keys(setting, field):
        return f"{tool.title.partition(' (')[0]} has no key for it"
    if place is None:
        return "there is no place in the file where it could be added safely"
    line = setting.document.span(place).line
    if value is ABSENT:
        return f"more than the value would go from line {line}"
    if tool is not None:
        return f"line {line} says it in the tool's own way"
    return f"line {line} cannot be changed without touching something else"
