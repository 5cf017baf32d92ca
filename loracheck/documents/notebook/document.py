"""Notebooks (nbformat 4): the code of all cells as one Python document.

Roots and calls are those of `python_document`. Spans are places in the .ipynb file itself, as an
editor of text shows it; `where` names the cell and the line in it, as a notebook shows it. Lines
that are IPython's and not Python's (`!pip`, `%env`, `x = !ls`) are read as `pass`, cells of another
language (`%%bash`) are left out. Problems: "broken-cell" (a statement in it speaks of LoRA and is
no Python; all others are read), and those of `python_document`.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.documents.json import document
from loracheck.documents.json.scanner import Scanner
from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError, Problem, Span
from loracheck.documents.python.document import WORDS, Call, PythonDocument
from loracheck.documents.python.document import parse as parse_python
from loracheck.documents.python.ipython_lines import without_magics
from loracheck.documents.python.recovery import salvage, syntax_error
from loracheck.documents.tree_document import Located, Place, TreeDocument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.documents.model import Document

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_TRANSPARENT = frozenset({"capture", "time", "timeit", "prun", "skip"})
"""Cell magics whose cell is Python that runs."""


class Cell(NamedTuple):
    """A code cell: its number among all cells, from 1, and its Python."""

    number: int
    code: str


class NotebookDocument(TreeDocument):
    """A `Document` whose roots are calls. `embedded` are the files that cells write."""

    calls: list[Call]
    embedded: Sequence[Document] = ()

    def where(self, span: Span) -> str | None:
        """ "cell 3, line 2" for a place inside a code cell."""
        offset = self.lines.offset(span.line, span.column)
        for cell in _cells(json.loads(self.text)):
            places = _places(self.text).get(cell.number, [])
            for line, (start, end) in enumerate(_line_places(self.text, places), 1):
                if start <= offset < end:
                    return f"cell {cell.number}, line {line}"
        return None


def parse(path: str, text: str) -> NotebookDocument:
    """The document of a notebook's text. Raises DocumentError where it is no notebook."""
    writes = "%%writefile" in text or "%%file" in text
    if not writes and not any(word in text for word in WORDS):
        return _document(path, text, None, [], [])
    value = _load(path, text)
    cells = _cells(value) if _is_python(value) else []
    good: list[Cell] = []
    broken: list[Cell] = []
    for cell in cells:
        kept, lost = _read(cell)
        good += [kept] if kept is not None else []
        broken += [cell] if any(word in lost for word in WORDS) else []
    code = "".join(cell.code for cell in good)
    document = _document(path, text, parse_python(path, code), good, broken)
    if writes:
        from .written_files import written

        document.embedded = list(written(document, value))
    return document


def _load(path: str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        document.parse(path, text)  # raises with the place of the fault
        raise DocumentError("nested too deep to be read") from None
    if not isinstance(value, dict) or not isinstance(value.get("cells"), list):
        raise DocumentError("this is no notebook of format 4: it has no `cells`")
    return value


def _is_python(value: dict[str, Any]) -> bool:
    metadata = value.get("metadata")
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        entry = metadata.get(key) if isinstance(metadata, dict) else None
        language = entry.get(name) if isinstance(entry, dict) else None
        if isinstance(language, str) and language:
            return language.lower() in ("python", "ipython")
    return True


def _cells(value: dict[str, Any]) -> list[Cell]:
    found = []
    for number, cell in enumerate(value["cells"], 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source")
        parts = [source] if isinstance(source, str) else source
        if isinstance(parts, list) and all(isinstance(part, str) for part in parts):
            found.append(Cell(number, _python("".join(parts)) + "\n"))
    return found


def _python(source: str) -> str:
    """A cell's text as Python: of the same length, so that offsets hold."""
    source = source.replace("\r", " ").replace("\0", " ")
    magic = _CELL_MAGIC.match(source)
    if magic is not None and magic[1] not in _TRANSPARENT:
        return re.sub(r"[^\n]", " ", source)
    return without_magics(source)


def _read(cell: Cell) -> tuple[Cell | None, str]:
    """The cell as far as it is Python, and what of it is not."""
    try:
        error = syntax_error(cell.code)
        if error is None:
            return cell, ""
        found = salvage(cell.code, error, lambda _: True)
    except (ValueError, RecursionError, MemoryError):
        return None, cell.code
    if found is None:
        return None, cell.code
    return cell._replace(code=found.code), "\n".join(found.left_out)


def _document(
    path: str, text: str, inner: PythonDocument | None, good: list[Cell], broken: list[Cell]
) -> NotebookDocument:
    doubled = inner.doubled if inner is not None else []

    def locate(text: str, lines: Lines) -> Located:
        places = _places(text)
        starts: list[int] = []
        offsets: list[int] = []
        at = 0
        for cell in good:
            for start, raw in places.get(cell.number, []):
                starts.append(at)
                offsets.append(start)
                at += len(json.loads(raw))
            at += 1  # the line break between cells
        moved = _Mover(text, starts, offsets)
        roots = inner._located.places if inner is not None else []
        problems = [_broken(cell, places, lines) for cell in broken]
        for two in doubled:
            first, second = moved.place(two.first), moved.place(two.second)
            problems.append(two._replace(first=first, second=second).problem(lines))
        return Located([moved.place(root) for root in roots], problems)

    document = NotebookDocument(
        path, text, "notebook", inner.roots if inner else [], locate, bool(broken or doubled)
    )
    document.calls = inner.calls if inner else []
    return document


def _broken(cell: Cell, places: dict[int, list[tuple[int, str]]], lines: Lines) -> Problem:
    strings = places.get(cell.number) or [(0, "")]
    span = lines.span(strings[0][0], strings[-1][0] + len(strings[-1][1]))
    message = f"cell {cell.number} is not valid Python, so the LoRA settings in it are not read"
    return Problem("broken-cell", message, span)


def _places(text: str) -> dict[int, list[tuple[int, str]]]:
    """Number of each cell -> offset and raw text of the JSON strings of its source."""
    cells = Scanner(text).scan().children.get("cells")
    found: dict[int, list[tuple[int, str]]] = {}
    for index, cell in (cells.children if cells is not None else {}).items():
        source = cell.children.get("source")
        if source is not None:
            parts = list(source.children.values()) or [source]
            found[index + 1] = [
                (part.start, text[part.start : part.end])
                for part in parts
                if text[part.start : part.start + 1] == '"'
            ]
    return found


def _line_places(text: str, places: list[tuple[int, str]]) -> list[tuple[int, int]]:
    """Start and end of each line of a cell, as offsets in the file."""
    marks: list[int] = []
    end = 0
    fresh = True
    for start, raw in places:
        offsets = _character_offsets(raw)
        for char, offset in zip(json.loads(raw), offsets, strict=False):
            if fresh:
                marks.append(start + offset)
            fresh = char == "\n"
        end = start + len(raw)
    return list(zip(marks, [*marks[1:], end], strict=False))


def _character_offsets(raw: str) -> list[int]:
    """The offset in a raw JSON string of each character of its value, and of its end."""
    offsets = []
    at = 1
    while at < len(raw) - 1:
        offsets.append(at)
        if raw[at] != "\\":
            at += 1
        elif raw[at + 1] != "u":
            at += 2
        else:
            pair = re.match(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..", raw[at : at + 12])
            at += 12 if pair else 6
    return [*offsets, len(raw) - 1]


class _Mover:
    """From offsets in the joined Python to offsets in the file."""

    def __init__(self, text: str, starts: list[int], offsets: list[int]) -> None:
        self.text = text
        self.starts = starts
        self.offsets = offsets
        self._known: dict[int, list[int]] = {}

    def place(self, place: Place) -> Place:
        moved = Place(self._move(place.start), self._move(place.end, end=True))
        if place.key_start >= 0:
            moved.key_start = self._move(place.key_start)
            moved.key_end = self._move(place.key_end, end=True)
        moved.children = {step: self.place(child) for step, child in place.children.items()}
        return moved

    def _move(self, offset: int, *, end: bool = False) -> int:
        """An end belongs to the piece of the character before it."""
        index = max(bisect_right(self.starts, offset - end) - 1, 0)
        if not self.starts:
            return 0
        if index not in self._known:
            self._known[index] = _character_offsets(_string(self.text, self.offsets[index]))
        inside = self._known[index]
        return self.offsets[index] + inside[min(offset - self.starts[index], len(inside) - 1)]


def _string(text: str, at: int) -> str:
    """The JSON string that begins at an offset, raw."""
    found = _STRING.match(text, at)
    return found[0] if found else '""'
