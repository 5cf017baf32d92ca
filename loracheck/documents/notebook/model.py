"""`NotebookDocument`: the document of a notebook."""

from __future__ import annotations

import json
from bisect import bisect_right
from functools import cached_property

from loracheck.documents.tree_document import TreeDocument
from loracheck.type_checking import TYPE_CHECKING

from .cells import list_code_cells
from .offsets import compute_line_offsets, find_cell_strings, map_offsets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.documents.model import Document, Span
    from loracheck.documents.python.document import Call, PythonDocument
    from loracheck.documents.python.parsed_module import ParsedModule
    from loracheck.documents.python.started_commands import StartedCommand
    from loracheck.documents.python.uses import Script

    from .cells import Cell
    from .offsets import CellStrings, OffsetMap


class NotebookDocument(TreeDocument):
    """A `Document` whose roots are calls. `embedded` are the files that cells write and the
    scripts that they hand to a shell.
    """

    calls: list[Call]
    embedded: Sequence[Document] = ()
    python: PythonDocument | None
    """The Python of all cells that can be read; None where they are not looked into."""
    cells: Sequence[Cell] = ()
    """These cells."""

    @cached_property
    def code_cells(self) -> list[Cell]:
        """All code cells."""
        return list_code_cells(json.loads(self.text))

    @cached_property
    def cell_strings(self) -> dict[int, CellStrings]:
        """For the number of each cell the strings of its source, with their places in the file."""
        return find_cell_strings(self.text)

    @cached_property
    def cell_map(self) -> OffsetMap:
        """From offsets in the Python to those in the file."""
        numbers = [cell.number for cell in self.cells]
        return map_offsets(self.text, [self.cell_strings.get(one, []) for one in numbers])

    @cached_property
    def syntax(self) -> ParsedModule | None:
        """The syntax of the Python, with places in the file."""
        module = self.python.syntax if self.python is not None else None
        if module is not None:
            module.convert = lambda place: self.cell_map.place(place)
        return module

    @cached_property
    def script(self) -> Script:
        """All calls of the cells."""
        from loracheck.documents.python.script_reader import read_script

        return read_script(self.syntax)

    @cached_property
    def started(self) -> tuple[StartedCommand, ...]:
        """The commands that the cells' Python starts."""
        return self.python.started if self.syntax is not None and self.python is not None else ()

    def where(self, span: Span) -> str | None:
        """ "cell 3, line 2" for a place inside a code cell."""
        offset = self.lines.offset(span.line, span.column)
        number = bisect_right(self._line_starts, offset) - 1
        if number < 0:
            return None
        _, end, cell, line = self._line_table[number]
        return f"cell {cell}, line {line}" if offset < end else None

    @cached_property
    def _line_table(self) -> list[tuple[int, int, int, int]]:
        """Start, end, cell and line of every line of code, by their starts."""
        return sorted(
            (start, end, cell.number, line)
            for cell in self.code_cells
            for line, (start, end) in enumerate(
                compute_line_offsets(self.text, self.cell_strings.get(cell.number, [])), 1
            )
        )

    @cached_property
    def _line_starts(self) -> list[int]:
        return [row[0] for row in self._line_table]
