"""One LoraConfig field of a file set, added or taken out, in the file's own spelling.

Each attempt is an edit in place that is read back: it counts only where the tool's own reading then
gives the very value, and every other value, comment and line is as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.documents import read
from loracheck.documents.model import Document, Unknown
from loracheck.fixes import edits
from loracheck.fixes.apply import edited
from loracheck.fixes.insert import insert
from loracheck.fixes.verify import fault, same
from loracheck.tools import find_settings

from .field_order import MODEL
from .key_locations import (
    holds,
    names,
    neighbours,
    own_place,
    switch_of,
    switches,
    takes_text,
    value_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Path
    from loracheck.fixes.edits import Step
    from loracheck.tools.core.setting import Setting


NEAR = 12
"""Entries behind which a new key is tried."""

Attempt = Callable[[Document], Document | None]


class Absent:
    """The type of ABSENT."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()
"""In the place of a value: the field does not stand in the file, so that the default holds."""


class Refused(NamedTuple):
    """Why a value cannot be written into the file."""

    reason: str


def written(document: Document, number: int, field: str, value: Any) -> Document | Refused:
    """The document with the field of its setting `number` set to `value` (ABSENT takes it out).

    `field` is a LoraConfig field, or "model" for the base model.
    """
    setting = find_settings(document)[number]
    if _says(setting, field, value):
        return document
    for attempt in _attempts(setting, field, value):
        new = attempt(document)
        if new is not None and _kept(setting, new, number, field, value):
            return new
    return Refused(_reason(setting, field, value))


def applied(document: Document, step: Step | None) -> Document | None:
    """The document after a step that is proved to change nothing else."""
    if step is None:
        return None
    text = edited(document.text, list(step.edits))
    found: list[Document] = []

    def reread(text: str) -> Document:
        found.append(read(document.path, text))
        return found[-1]

    return found[-1] if fault(document, text, step.changes, reread) is None else None


def _value(setting: Setting, field: str) -> Any:
    return setting.model if field == MODEL else setting.fields.get(field, ABSENT)


def _says(setting: Setting, field: str, value: Any) -> bool:
    """Whether the file says so already."""
    if value is ABSENT:
        return own_place(setting, field) is None
    return own_place(setting, field) is not None and same(_value(setting, field), value)


def _attempts(setting: Setting, field: str, value: Any) -> Iterator[Attempt]:
    place = own_place(setting, field)
    if value is ABSENT:
        if place is not None:
            yield lambda document: applied(document, edits.remove(document, place))
        return
    switch = switch_of(setting, field, place)
    for text in _spellings(setting, field, value, place):
        for write in _writes(setting, field, place, names(setting, field), text):
            if switch is not None:
                yield partial(_switched, switch=switch, write=write)
            yield write
    for name in switches(setting) if value == "all-linear" else ():
        path = (*setting.path, name)
        yield from _writes(setting, field, path if holds(setting, path) else None, [name], True)


def _writes(
    setting: Setting, field: str, place: Path | None, keys: list[str], value: Any
) -> Iterator[Attempt]:
    """The value in its place, else under a key of its own beside other fields."""
    if place is not None:
        yield partial(_replaced, place=place, value=value)
        return
    for key in keys:
        for after in islice(neighbours(setting, field), NEAR):
            yield partial(_inserted, after=after, key=key, value=value)


def _inserted(document: Document, after: Path, key: str, value: Any) -> Document | None:
    return applied(document, insert(document, after, key, value))


def _spellings(setting: Setting, field: str, value: Any, place: Path | None) -> list[Any]:
    """The value as PEFT takes it and as the tool's file may say it, the likeliest first."""
    found = [value]
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        joined = ",".join(value)
        old = value_at(setting, place)
        found = [joined, value] if isinstance(old, str) or takes_text(setting, field) else found
        found.append(joined)
    if value == "all-linear":
        found.insert(0, "all")
    return found


def _switched(document: Document, switch: Path, write: Attempt) -> Document | None:
    """The value written after the switch that stood above it is off."""
    off = applied(document, edits.replace(document, switch, False))
    return write(off) if off is not None else None


def _replaced(document: Document, place: Path, value: Any) -> Document | None:
    """The value in the place of the old one; a list keeps the style and the entries it has."""
    old: Any = document.roots
    for step in place:
        old = old[step]
    if isinstance(old, (list, tuple)) and isinstance(value, list) and value and old:
        return _relisted(document, place, list(old), value) or applied(
            document, edits.replace(document, place, value)
        )
    return applied(document, edits.replace(document, place, value))


def _relisted(document: Document, place: Path, old: list[Any], new: list[Any]) -> Document | None:
    gone = _left_out(old, new)
    if gone is None:
        if not all(isinstance(item, str) for item in [*old, *new]):
            return None
        return applied(document, edits.relist(document, place, new))
    found: Document | None = document
    for index in reversed(gone):
        if found is not None:
            found = applied(found, edits.remove(found, (*place, index)))
    return found


def _left_out(old: list[Any], new: list[Any]) -> list[int] | None:
    """The indices of `old` without which it is `new`; None where that is not all."""
    gone, rest = [], list(new)
    for index, item in enumerate(old):
        if rest and same(rest[0], item):
            rest.pop(0)
        else:
            gone.append(index)
    return None if rest else gone


def _kept(setting: Setting, new: Document, number: int, field: str, value: Any) -> bool:
    """Whether the file now says the value, and as much as before of all else."""
    found = find_settings(new)
    if len(found) <= number:
        return False
    after = found[number]
    now = _value(after, field)
    if value is ABSENT:
        if own_place(after, field) is not None:
            return False
    elif not same(now, value):
        return False
    changed = own_place(setting, field)
    return all(
        same(setting.fields.get(name), after.fields.get(name))
        for name in setting.places
        if name != field and name in after.places
        # What the tool works out from the changed key alone may follow it.
        if own_place(setting, name) not in (None, changed)
    )


def _reason(setting: Setting, field: str, value: Any) -> str:
    now, place, tool = _value(setting, field), own_place(setting, field), setting.tool
    if setting.document.format == "shell":
        return "shell scripts are only read"
    if isinstance(now, Unknown):
        return f"the file works it out: {now.text}" if now.text else "the file works it out"
    if place is None and field == MODEL:
        return "the file names no base model in a place of its own"
    if tool is not None and field != MODEL and not names(setting, field):
        return f"{tool.title.partition(' (')[0]} has no key for it"
    if place is None:
        return "there is no place in the file where it could be added safely"
    line = setting.document.span(place).line
    if value is ABSENT:
        return f"more than the value would go from line {line}"
    if tool is not None:
        return f"line {line} says it in the tool's own way"
    return f"line {line} cannot be changed without touching something else"
