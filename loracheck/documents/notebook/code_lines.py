"""The code of all cells of a notebook as one text, and the conversion between its lines and places
in the file.
"""

from __future__ import annotations

import json
from bisect import bisect_right

from loracheck.documents.comments import Comment, find_comments
from loracheck.documents.lines import Lines
from loracheck.type_checking import TYPE_CHECKING

from .cells import list_code_cells
from .offsets import compute_character_offsets, find_cell_strings

if TYPE_CHECKING:
    from loracheck.documents.model import Span


class CodeLines:
    """`text` is the code of all cells in a row, `lines` its lines. Raises ValueError where `source`
    is no JSON.
    """

    def __init__(self, source: str) -> None:
        self._file = Lines(source)
        self._cells: list[tuple[int, str]] = []
        self._marks: list[int] = []
        """The offset in the file of each character of `text`."""
        places = find_cell_strings(source)
        parts: list[str] = []
        for cell in list_code_cells(json.loads(source)):
            self._cells.append((len(self._marks), cell.code))
            for start, raw in places.get(cell.number, []):
                self._marks += [start + at for at in compute_character_offsets(raw)[:-1]]
            self._marks.append(self._marks[-1] + 1 if self._marks else 0)  # the cell's line break
            parts.append(cell.code)
        self.text = "".join(parts)
        self.lines = Lines(self.text)

    def comments(self) -> list[Comment]:
        """Every comment of every cell that can be cut into Python tokens, with its offset in
        `text`.
        """
        return [
            (at + start, words)
            for start, code in self._cells
            for at, words in _find_cell_comments(code)
        ]

    def span(self, start: int, end: int) -> Span:
        """Place in the file of a region of `text`."""
        first = self._marks[start] if start < len(self._marks) else 0
        last = self._marks[end - 1] + 1 if 0 < end <= len(self._marks) else first
        return self._file.span(first, last)

    def line(self, span: Span) -> int:
        """The line of `text` in which a place of the file stands."""
        at = self._file.offset(span.line, span.column)
        index = max(bisect_right(self._marks, at) - 1, 0)
        return self.lines.span(min(index, len(self.text)), min(index, len(self.text))).line


def _find_cell_comments(code: str) -> list[Comment]:
    return find_comments(code, "python")
