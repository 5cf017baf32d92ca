"""The step that adds a key to a mapping, beside one that is there already."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from loracheck.findings import Change

from .document_text import Source
from .edits import Step
from .spelling import spell_key

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path

_COMMENT = re.compile(r"[ \t]*(?:[ \t]#[^\r\n]*)?")
_COMMA = re.compile(r"[ \t]*,[ \t]*(?:#[^\r\n]*)?")
_SIGN = re.compile(r"[ \t]*[:=][ \t]?")
"""What divides a key from its value."""

_QUOTED = {"json": '""', "yaml": "[]", "toml": "[]", "python": '""'}
"""A text that each format's speller takes for one where a new value may stand."""


def insert(document: Document, after: Path, key: str, value: Any) -> Step | None:
    """Write `key` with its value into the mapping of `after`, behind that entry and divided from it
    as its neighbours are. None where the mapping has the key already, or where the text beside the
    entry cannot be kept.
    """
    text = Source(document)
    mapping = text.at(after[:-1])
    if not isinstance(mapping, dict) or key in mapping or after[-1] not in mapping:
        return None
    name, old = text.place(after, key=True), text.place(after)
    if name is None or old is None or name == old:
        return None
    like = text.source(*name)
    new_key = spell_key(key, text.format, like)
    new = text.spell(value, _like(text, old))
    if new_key is None or new is None or str(after[-1]) not in like:
        return None
    sign = _SIGN.match(text.source(name[1], old[0]))
    if sign is None:
        return None
    place, between, end = _room(text, after, name[0], old[1])
    if place is None or between is None or "#" in between or "\0" in between:
        return None
    divider = ": " if text.is_block(after[:-1]) else sign[0]
    edit = text.edit(place, place, f"{between}{new_key}{divider}{new}{end}")
    return Step((edit,), (Change("add", after, (key, value)),))


def _room(text: Source, after: Path, start: int, end: int) -> tuple[int | None, str | None, str]:
    """Where the new entry goes, and what stands before and after it."""
    lines = _indent(text, start)
    if text.is_block(after[:-1]) or (text.format == "toml" and _own_line(text, start)):
        return _next_line(text, end, _COMMENT), lines, ""
    if lines is not None and not text.cell and _own_line(text, start):
        place = _next_line(text, end, _COMMA)
        if place is not None:
            return place, lines, ","
    if text.rest(end).lstrip().startswith("#"):
        return None, None, ""  # the comment beside the entry would move to another
    return end, _between(text, after, start), ""


def _like(text: Source, old: tuple[int, int]) -> str:
    """The neighbour's value where it shows which quotes the file uses, else a literal."""
    like = text.source(*old)
    return like if like[:1] in "\"'" and len(like) > 1 else _QUOTED.get(text.format, "")


def _own_line(text: Source, start: int) -> bool:
    return not _before(text, start).strip()


def _before(text: Source, start: int) -> str:
    """What stands on the line before an offset."""
    first = text.lines.starts[text.lines.span(start, start).line - 1]
    return text.text[first:start]


def _indent(text: Source, start: int) -> str | None:
    """A line break and what stands before a key on its line; None where that is more than white
    space.
    """
    before = _before(text, start)
    newline = "\r\n" if "\r\n" in text.text else "\n"
    if before.strip(" \t-"):
        return None
    return newline + before.replace("-", " ")


def _next_line(text: Source, end: int, rest: re.Pattern[str]) -> int | None:
    """The end of the line that an entry ends on; None where more than `rest` follows it there."""
    end = len(text.text[:end].rstrip())
    after = text.rest(end)
    return end + len(after) if rest.fullmatch(after) else None


def _between(text: Source, after: Path, start: int) -> str | None:
    """A comma and the white space that divides the entries of a mapping in brackets."""
    names = text.siblings(after)
    here = names.index(after[-1])
    if here:
        before = text.place((*after[:-1], names[here - 1]))
        between = text.source(before[1], start) if before else ""
        return between if between.strip() == "," else None
    if _before(text, start).strip():
        return ", "
    # In a notebook the start of the line lies in another string.
    return "," if text.cell else f",{_indent(text, start)}"
