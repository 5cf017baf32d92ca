"""`NotebookDocument`: the document of a notebook."""

from __future__ import annotations

import json
from bisect import bisect_right
from functools import cached_property

from loracheck.documents.tree_document import TreeDocument
from loracheck.type_checking import TYPE_CHECKING

from .cells import list_code_cells
from .offsets import compute_line_offsets, find_cell_strings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loracheck.documents.model import Document, Span
    from loracheck.documents.python.document import Call
    from loracheck.documents.python.started_commands import StartedCommand
    from loracheck.documents.python.uses import Script

    from .offsets import CellStrings, OffsetMap


class NotebookDocument(TreeDocument):
    """A `Document` whose roots are calls. `embedded` are the files that cells write and the
    scripts that they hand to a shell.
    """

    calls: list[Call]
    embedded: Sequence[Document] = ()
    code: str = ""
    """The Python of all cells that can be read."""
    cell_map: Callable[[], OffsetMap]
    """From offsets in `code` to those in the file."""

    @cached_property
    def cell_strings(self) -> dict[int, CellStrings]:
        """For the number of each cell the strings of its source, with their places in the file."""
        return find_cell_strings(self.text)

    @cached_property
    def script(self) -> Script:
        """All calls of the cells, with their places in the file."""
        from loracheck.documents.python.uses import build_script, read_script

        script = read_script(self.code)
        converter = self.cell_map() if script.uses else None
        if converter is None:
            return script
        uses = (one._replace(place=converter.place(one.place)) for one in script.uses)
        declared = {
            name: one._replace(place=converter.place(one.place))
            for name, one in script.declared.items()
        }
        return build_script(tuple(uses), script.names_read, declared)

    @cached_property
    def started(self) -> tuple[StartedCommand, ...]:
        """The commands that the cells' Python starts, with their places in the file."""
        from loracheck.documents.python.started_commands import read_started_commands

        commands = tuple(read_started_commands(self.code))
        convert = self.cell_map().place if commands else None
        return tuple(one._replace(place=convert(one.place)) for one in commands if convert)

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
            for cell in list_code_cells(json.loads(self.text))
            for line, (start, end) in enumerate(
                compute_line_offsets(self.text, self.cell_strings.get(cell.number, [])), 1
            )
        )

    @cached_property
    def _line_starts(self) -> list[int]:
        return [row[0] for row in self._line_table]
