"""`NotebookDocument`: the document of a notebook."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from loracheck.documents.tree_document import TreeDocument

from .cells import code_cells
from .offsets import cell_strings, line_offsets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.documents.model import Document, Span
    from loracheck.documents.python.document import Call


class NotebookDocument(TreeDocument):
    """A `Document` whose roots are calls. `embedded` are the files that cells write."""

    calls: list[Call]
    embedded: Sequence[Document] = ()

    def where(self, span: Span) -> str | None:
        """ "cell 3, line 2" for a place inside a code cell."""
        offset = self.lines.offset(span.line, span.column)
        for cell in code_cells(json.loads(self.text)):
            places = cell_strings(self.text).get(cell.number, [])
            for line, (start, end) in enumerate(line_offsets(self.text, places), 1):
                if start <= offset < end:
                    return f"cell {cell.number}, line {line}"
        return None
