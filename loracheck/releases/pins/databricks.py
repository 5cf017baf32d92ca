"""Python files that Databricks exports of its notebooks: cells, and magics in comments.

Databricks, "Databricks notebook formats" (source file: `# Databricks notebook source`, `# COMMAND
----------` between cells, `# MAGIC ` before every line of a cell in another language or with a
magic) and "Notebook-scoped Python libraries" (`%pip`).
"""

from __future__ import annotations

import re

from loracheck.lazy_pattern import compile_when_used

HEAD = "# Databricks notebook source"
_COMMAND = compile_when_used(r"^# COMMAND -+[ \t]*$", re.MULTILINE)
_MAGIC = compile_when_used(r"^# MAGIC(?: |$)", re.MULTILINE)
_SHELL = compile_when_used(r"\s*%sh\b")


def split_cells(text: str) -> list[str]:
    """The cells of such a file that have magics, each as long as the text up to its end and blank
    before it; none for any other Python file.
    """
    if not text.startswith(HEAD):
        return []
    cells, start = [], len(HEAD)
    for end in [*(match.start() for match in _COMMAND.finditer(text)), len(text)]:
        cell = text[start:end]
        if _MAGIC.search(cell):
            cells.append(_blank(text[:start]) + cell)
        start = text.find("\n", end) if "\n" in text[end:] else end
    return cells


def blank_magic(cell: str) -> str:
    """A cell as a notebook has it, of the same length: without comments before its magics, and as
    one of `%%sh` where it is `%sh`.
    """
    lines = [
        " " * len(match[0]) + line[match.end() :] if (match := _MAGIC.match(line)) else _blank(line)
        for line in cell.split("\n")
    ]
    source = "\n".join(lines)
    shell = _SHELL.match(source)
    if shell is None:
        return source
    return source[: shell.end() - 4] + "%%sh" + source[shell.end() :]


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
