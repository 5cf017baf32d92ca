"""Notebooks (nbformat 4): the code of all cells as one Python document.

Roots and calls are those of `python/document.py`. Spans are places in the .ipynb file itself, as an
editor of text shows it; `where` names the cell and the line in it, as a notebook shows it. Lines
that are IPython's and not Python's (`!pip`, `%env`, `x = !ls`) are read as `pass` in the Python,
cells of another language are left out; what goes to a shell stands in `embedded`, as scripts.
Problems: "broken-cell" (a statement in it speaks of LoRA and is no Python; all others are read),
and those of `python/document.py`.
"""

from __future__ import annotations

import json

from loracheck.documents.json.document import parse as parse_json
from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError, Problem
from loracheck.documents.python.document import PythonDocument, may_hold_adapter_call, read_module
from loracheck.documents.python.document import parse as parse_python
from loracheck.documents.python.recovery import find_syntax_error, salvage
from loracheck.documents.tree_document import Positions
from loracheck.type_checking import TYPE_CHECKING

from .cells import Cell, join_sources, list_code_cells, parse_cells
from .model import NotebookDocument
from .shell_parts import may_hold_shell
from .written_files import find_written_files

if TYPE_CHECKING:
    from loracheck.documents.values import Value

    from .offsets import CellStrings


def parse(path: str, text: str) -> NotebookDocument:
    """The document of a notebook's text. Raises DocumentError where it is no notebook."""
    writes = "%%writefile" in text or "%%file" in text or may_hold_shell(text)
    starts = "--lora" in text and ("subprocess" in text or "os.system(" in text)
    if not writes and not starts and not may_hold_adapter_call(text):
        return _build_document(path, text, None, [], [])
    value = _load(path, text)
    code_cells = list_code_cells(value)
    cells = code_cells if _is_python(value) else []
    module = parse_cells(cells)
    good, broken_cells = (cells, []) if module is not None else _salvage_cells(cells)
    inner = (
        parse_python(path, "".join(cell.code for cell in good))
        if module is None
        else read_module(path, module)
    )
    document = _build_document(path, text, inner, good, broken_cells)
    document.code_cells, document.source = code_cells, join_sources(value)
    if writes:
        document.embedded = list(find_written_files(document, value))
    return document


def _load(path: str, text: str) -> dict[str, Value]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        parse_json(path, text)  # raises with the place of the fault
        raise DocumentError("nested too deep to be read") from None
    if not isinstance(value, dict) or not isinstance(value.get("cells"), list):
        raise DocumentError("this is no notebook of format 4: it has no `cells`")
    return value


def _is_python(value: dict[str, Value]) -> bool:
    metadata = value.get("metadata")
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        entry = metadata.get(key) if isinstance(metadata, dict) else None
        language = entry.get(name) if isinstance(entry, dict) else None
        if isinstance(language, str) and language:
            return language.lower() in ("python", "ipython")
    return True


def _salvage_cells(cells: list[Cell]) -> tuple[list[Cell], list[Cell]]:
    """The cells of which something is valid Python, without what is not, and those of which a
    broken part may set LoRA up.
    """
    good: list[Cell] = []
    broken_cells: list[Cell] = []
    for cell in cells:
        readable, broken_code = _read(cell)
        good += [readable] if readable is not None else []
        broken_cells += [cell] if may_hold_adapter_call(broken_code) else []
    return good, broken_cells


def _read(cell: Cell) -> tuple[Cell | None, str]:
    """The part of a cell that is valid Python (None where nothing is), and the text that is not."""
    try:
        error = find_syntax_error(cell.code)
        if error is None:
            return cell, ""
        part = salvage(cell.code, error, lambda _: True)
    except (ValueError, RecursionError, MemoryError):
        return None, cell.code
    if part is None:
        return None, cell.code
    return cell._replace(code=part.code), "\n".join(part.left_out)


def _build_document(
    path: str, text: str, inner: PythonDocument | None, good: list[Cell], broken_cells: list[Cell]
) -> NotebookDocument:
    duplicates = inner.duplicates if inner is not None else []

    def locate(_: str, lines: Lines) -> Positions:
        places = document.cell_strings if good or broken_cells else {}
        converter = document.cell_map
        roots = inner.positions.places if inner is not None else []
        problems = [_report_broken_cell(cell, places, lines) for cell in broken_cells]
        for two in duplicates:
            first, second = converter.place(two.first), converter.place(two.second)
            problems.append(two._replace(first=first, second=second).problem(lines))
        return Positions([converter.place(root) for root in roots], problems)

    document = NotebookDocument(
        path,
        text,
        "notebook",
        inner.roots if inner else [],
        locate,
        bool(broken_cells or duplicates),
    )
    document.calls = inner.calls if inner else []
    document.python, document.cells = inner, good
    return document


def _report_broken_cell(cell: Cell, places: dict[int, CellStrings], lines: Lines) -> Problem:
    strings = places.get(cell.number) or [(0, "")]
    span = lines.span(strings[0][0], strings[-1][0] + len(strings[-1][1]))
    message = f"cell {cell.number} is not valid Python, so the LoRA settings in it are not read"
    return Problem("broken-cell", message, span)
