"""The step that adds a key to a mapping, beside one that is there already."""

from __future__ import annotations

from loracheck.findings import Change
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .document_text import DocumentText
from .edits import Step
from .literals import write_key

if TYPE_CHECKING:
    import re

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Value

_COMMENT = compile_when_used(r"[ \t]*(?:[ \t]#[^\r\n]*)?")
_COMMA = compile_when_used(r"[ \t]*,[ \t]*(?:#[^\r\n]*)?")
_SIGN = compile_when_used(r"[ \t]*[:=][ \t]?")
"""What stands between a key and its value."""

_QUOTED = {"json": '""', "yaml": "[]", "toml": "[]", "python": '""'}
"""For each format a literal that `literals.py` can imitate, where the neighbour shows no quotes."""


def insert_key(document: Document, after: Path, key: str, value: Value) -> Step | None:
    """Write `key` with its value into the mapping of `after`, behind that entry and divided from it
    as its neighbours are. None where the mapping has the key already, or where the text beside the
    entry cannot be kept.
    """
    text = DocumentText(document)
    mapping = text.get_value_at(after[:-1])
    if not isinstance(mapping, dict) or key in mapping or after[-1] not in mapping:
        return None
    name, old = text.find_offsets(after, key=True), text.find_offsets(after)
    if name is None or old is None or name == old:
        return None
    like = text.get_source_between(*name)
    new_key = write_key(key, text.format, like)
    new = text.write_value(value, _get_value_to_imitate(text, old))
    if new_key is None or new is None or str(after[-1]) not in like:
        return None
    sign = _SIGN.match(text.get_source_between(name[1], old[0]))
    if sign is None:
        return None
    place, between, end = _find_room(text, after, name[0], old[1])
    if place is None or between is None or "#" in between or "\0" in between:
        return None
    divider = ": " if text.is_block(after[:-1]) else sign[0]
    edit = text.make_edit(place, place, f"{between}{new_key}{divider}{new}{end}")
    return Step((edit,), (Change("add", after, (key, value)),))


def _find_room(
    text: DocumentText, after: Path, start: int, end: int
) -> tuple[int | None, str | None, str]:
    """Where the new entry goes, and what stands before and after it."""
    lines = _build_line_break_and_indent(text, start)
    if text.is_block(after[:-1]) or (text.format == "toml" and _has_own_line(text, start)):
        return _end_of_line(text, end, _COMMENT), lines, ""
    if lines is not None and not text.in_notebook and _has_own_line(text, start):
        place = _end_of_line(text, end, _COMMA)
        if place is not None:
            return place, lines, ","
    if text.get_rest_of_line(end).lstrip().startswith("#"):
        return None, None, ""  # the comment beside the entry would move to another
    return end, _find_separator(text, after, start), ""


def _get_value_to_imitate(text: DocumentText, old: tuple[int, int]) -> str:
    """The neighbour's value as text where it shows which quotes the file uses, else a literal."""
    like = text.get_source_between(*old)
    return like if like[:1] in "\"'" and len(like) > 1 else _QUOTED.get(text.format, "")


def _has_own_line(text: DocumentText, start: int) -> bool:
    return not _get_text_before(text, start).strip()


def _get_text_before(text: DocumentText, start: int) -> str:
    """What stands on the line before an offset."""
    first = text.lines.starts[text.lines.span(start, start).line - 1]
    return text.text[first:start]


def _build_line_break_and_indent(text: DocumentText, start: int) -> str | None:
    """A line break and what stands before a key on its line; None where that is more than white
    space.
    """
    before = _get_text_before(text, start)
    newline = "\r\n" if "\r\n" in text.text else "\n"
    if before.strip(" \t-"):
        return None
    return newline + before.replace("-", " ")


def _end_of_line(text: DocumentText, end: int, rest: re.Pattern[str]) -> int | None:
    """The end of the line that an entry ends on; None where more than `rest` follows it there."""
    end = len(text.text[:end].rstrip())
    after = text.get_rest_of_line(end)
    return end + len(after) if rest.fullmatch(after) else None


def _find_separator(text: DocumentText, after: Path, start: int) -> str | None:
    """A comma and the white space that divides the entries of a mapping in brackets."""
    names = text.list_siblings(after)
    here = names.index(after[-1])
    if here:
        before = text.find_offsets((*after[:-1], names[here - 1]))
        between = text.get_source_between(before[1], start) if before else ""
        return between if between.strip() == "," else None
    if _get_text_before(text, start).strip():
        return ", "
    # In a notebook the start of the line lies in another string.
    return "," if text.in_notebook else f",{_build_line_break_and_indent(text, start)}"
