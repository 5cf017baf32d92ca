"""One LoraConfig field of a file set, added or taken out, in the file's own spelling.

Each attempt is an edit in place that is read back: it counts only where the tool's own reading then
gives the very value, and every other value, comment and line is as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.dialects import settings
from loracheck.documents import read
from loracheck.documents.model import Document, Unknown
from loracheck.fixes import edits
from loracheck.fixes.insert import insert
from loracheck.fixes.mend import edited
from loracheck.fixes.verify import fault, same

from .fieldlist import ORDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.dialects.setting import Setting
    from loracheck.documents.model import Path
    from loracheck.fixes.edits import Step


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
    setting = settings(document)[number]
    if _says(setting, field, value):
        return document
    for attempt in _attempts(setting, field, value):
        new = attempt(document)
        if new is not None and _kept(setting, new, number, field, value):
            return new
    return Refused(_reason(setting, field))


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
    return setting.model if field == "model" else setting.fields.get(field, ABSENT)


def own_place(setting: Setting, field: str) -> Path | None:
    """Where the field stands under its own key; None where it does not, or where another key (a
    switch of the tool's) sets it.
    """
    if field == "model":
        return setting.model_place
    place = setting.places.get(field)
    names = _names(setting, field)
    if place is not None and place[-1] in names and _holds(setting, place):
        return place
    path = setting.path if place is None else place[:-1]
    return next(((*path, name) for name in names if _holds(setting, (*path, name))), None)


def _names(setting: Setting, field: str) -> list[str]:
    """The keys that set the field in this file, the one that stands there first."""
    own = [setting.keys[field]] if field in setting.keys else []
    if setting.tool is None:
        return own or [field]
    return own + [key.name for key in setting.tool.keys if key.field == field]


def _holds(setting: Setting, path: Path) -> bool:
    value: Any = setting.document.roots
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return False
    return True


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
    switch = _switch(setting, field, place)
    for text in _spellings(setting, field, value, place):
        write = partial(_put, setting=setting, field=field, place=place, value=text)
        if switch is not None:
            yield partial(_switched, switch=switch, write=write)
        yield write
    if value == "all-linear":
        for name in _names_of_switches(setting):
            yield partial(_put, setting=setting, field=field, place=None, value=True, key=name)


def _spellings(setting: Setting, field: str, value: Any, place: Path | None) -> list[Any]:
    """The value as PEFT takes it and as the tool's file may say it, the likeliest first."""
    found = [value]
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        joined = ",".join(value)
        old = _at(setting, place)
        found = [joined, value] if isinstance(old, str) or _text_key(setting, field) else found
        found.append(joined)
    if value == "all-linear":
        found.insert(0, "all")
    return found


def _at(setting: Setting, place: Path | None) -> Any:
    value: Any = setting.document.roots
    for step in place or ():
        value = value[step]
    return value


def _text_key(setting: Setting, field: str) -> bool:
    """Whether the tool's key for the field holds one string."""
    keys = setting.tool.keys if setting.tool else ()
    return any(k.field == field and (isinstance(k.default, str) or k.type == "str") for k in keys)


def _names_of_switches(setting: Setting) -> list[str]:
    keys = setting.tool.keys if setting.tool else ()
    return [key.name for key in keys if key.field is None and key.name.endswith("target_linear")]


def _switch(setting: Setting, field: str, place: Path | None) -> Path | None:
    """A switch of the tool's that sets the field instead of its own key."""
    other = setting.places.get(field)
    if other is None or other == place or not _holds(setting, other):
        return None
    return other if _at(setting, other) is True else None


def _switched(document: Document, switch: Path, write: Attempt) -> Document | None:
    """The value written after the switch that stood above it is off."""
    off = applied(document, edits.replace(document, switch, False))
    return write(off) if off is not None else None


def _put(
    document: Document,
    setting: Setting,
    field: str,
    place: Path | None,
    value: Any,
    key: str | None = None,
) -> Document | None:
    """The value written where the field stands, else under its key beside its nearest field."""
    if key is not None and _holds(setting, (*setting.path, key)):
        place = (*setting.path, key)
    if place is not None:
        return _replaced(document, place, value)
    for name in [key] if key else _names(setting, field) if field != "model" else ["model"]:
        for after in _neighbours(setting, field):
            found = applied(document, insert(document, after, name, value))
            if found is not None:
                return found
    return None


def _neighbours(setting: Setting, field: str) -> Iterator[Path]:
    """Entries that a new key may stand behind: the fields before it, then those after it."""
    here = ORDER.index(field) if field in ORDER else 0
    names = [*reversed(ORDER[:here]), *ORDER[here + 1 :]]
    places = [own_place(setting, name) for name in names]
    yield from (place for place in places if place is not None)
    yield from ((*setting.path, key) for key in reversed(list(setting.mapping)))


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
    found = settings(new)
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


def _reason(setting: Setting, field: str) -> str:
    value, place = _value(setting, field), own_place(setting, field)
    if isinstance(value, Unknown):
        return f"the file works it out (`{value.text}`)" if value.text else "the file works it out"
    if setting.document.format == "shell":
        return "shell scripts are only read"
    if place is None:
        return "there is no place in the file where it could be added safely"
    line = setting.document.span(place).line
    return f"what stands in line {line} cannot be changed without touching something else"
