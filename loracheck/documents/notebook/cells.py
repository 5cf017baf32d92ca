"""The code cells of a notebook's JSON, as Python."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate

from loracheck.documents.python.ipython_lines import replace_magics
from loracheck.documents.python.parsed_module import ParsedModule
from loracheck.documents.python.recovery import parse_exactly
from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_CELL_MAGIC = compile_when_used(r"\s*%%(\w+)")
_TRANSPARENT = frozenset({"capture", "time", "timeit", "prun", "skip"})
"""Cell magics whose cell is Python that runs."""


class Cell(NamedTuple):
    """A code cell: its number among all cells, from 1, and its Python."""

    number: int
    code: str


def list_code_cells(value: dict[str, Any]) -> list[Cell]:
    """The code cells of a notebook, whose JSON is `value`, in its order."""
    cells = []
    for number, cell in enumerate(value["cells"], 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = join_source(cell)
        if source is not None:
            cells.append(Cell(number, _blank_out_non_python(source) + "\n"))
    return cells


def parse_cells(cells: Sequence[Cell]) -> ParsedModule | None:
    """The syntax of all cells, one after the other. None where one of them is not valid Python for
    itself.
    """
    code = "".join(cell.code for cell in cells)
    try:
        tree = parse_exactly(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    ends = list(accumulate(cell.code.count("\n") for cell in cells))
    for statement in tree.body:
        decorators = getattr(statement, "decorator_list", ())
        first = min(one.lineno for one in (statement, *decorators))
        if bisect_left(ends, first) != bisect_left(ends, statement.end_lineno or first):
            return None  # begins in one cell and ends in another
    if any(cell.code.endswith("\\\n") for cell in cells):
        return None
    return ParsedModule(code, tree)


def join_source(cell: dict[str, Any]) -> str | None:
    """A cell's text, which is a string or a list of strings (nbformat 4, `multiline_string`); None
    where it is neither.
    """
    source = cell.get("source")
    parts = [source] if isinstance(source, str) else source
    if isinstance(parts, list) and all(isinstance(part, str) for part in parts):
        return "".join(parts)
    return None


def join_sources(value: dict[str, Any]) -> str:
    """The text of all cells, of code and of prose, a line break between them."""
    sources = (join_source(cell) for cell in value["cells"] if isinstance(cell, dict))
    return "\n".join(source for source in sources if source is not None)


def _blank_out_non_python(source: str) -> str:
    """A cell's text as Python, with all that is not Python blanked out: the length stays, so that
    offsets hold.
    """
    source = source.replace("\r", " ").replace("\0", " ")
    magic = _CELL_MAGIC.match(source)
    if magic is not None and magic[1] not in _TRANSPARENT:
        return re.sub(r"[^\n]", " ", source)
    return replace_magics(source)
