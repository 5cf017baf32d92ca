"""`# loracheck: ignore[LC201] reason` in YAML, TOML and Python.

At the end of a line it speaks of that line, and of the value whose key stands there; on a line of
its own, of the next line that is not blank and no comment. `ignore-file[...]` speaks of the file.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from loracheck.documents.comments import comments
from loracheck.documents.lines import Lines
from loracheck.documents.model import Span
from loracheck.findings import Finding
from loracheck.rules import catalogue, matching

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.documents.model import Document, Path
    from loracheck.findings import Severity

CODE, NAME = "LC004", "unused-suppression"
_MARK = re.compile(r"#\s*loracheck:\s*")
_ORDER = re.compile(r"(ignore-file|ignore)\s*\[([^\[\]]*)\]")
_ALONE = ("LC0", "LC1", "LC8")
"""Families that need no module tree: without one, nothing is known of the others' use."""


class Suppression(NamedTuple):
    """One code of one comment. `line` is the line it speaks of, None for the whole file; `codes`
    are those that the selector stands for, empty where it stands for none.
    """

    selector: str
    codes: frozenset[str]
    line: int | None
    span: Span


Placed = tuple[Finding, "Path | Span"]
"""A finding and where it was found: a path in the document, or a span."""


def suppress(
    document: Document, found: list[Placed], ran: frozenset[str], judged: bool
) -> list[Finding]:
    """The findings that no comment covers, and those about the comments. `ran` are the rules that
    ran, `judged` tells whether every setting was held against a module tree.
    """
    orders, faults = _orders(document)
    used: set[int] = set()
    kept = []
    for finding, at in found:
        lines: set[int] | None = None
        covered = False
        for number, order in enumerate(orders):
            if finding.code in order.codes:
                lines = _lines(document, finding, at) if lines is None else lines
                if order.line is None or order.line in lines:
                    used.add(number)
                    covered = True
        if not covered:
            kept.append(finding)
    if CODE not in ran:
        return kept
    for number, order in enumerate(orders):
        if number not in used and order.codes <= ran and (judged or _needs_no_tree(order)):
            faults += _about(order)
    return kept + faults


def _needs_no_tree(order: Suppression) -> bool:
    return all(code.startswith(_ALONE) for code in order.codes)


def _about(order: Suppression) -> Iterator[Finding]:
    """What to say of a suppression that covered nothing."""
    if order.codes:
        what = "in this file" if order.line is None else f"in line {order.line}"
        message = f"`{order.selector}` is not found {what}, so there is nothing to ignore"
        yield _fault("warning", message, order.span, "remove it")
        return
    names = [name for rule in catalogue() for name in (rule.code, rule.name)]
    near = get_close_matches(order.selector, names, 1, 0.6)
    help_ = f"did you mean `{near[0]}`?" if near else "`loracheck rules` lists them"
    yield _fault("error", f"no rule is called `{order.selector}`", order.span, help_)


def _fault(severity: Severity, message: str, span: Span, help_: str) -> Finding:
    return Finding(CODE, NAME, severity, message, "", span, help_)


def _orders(document: Document) -> tuple[list[Suppression], list[Finding]]:
    """All suppressions of a document, and a finding for each comment that is not understood."""
    lines = Lines(document.text)
    orders: list[Suppression] = []
    faults: list[Finding] = []
    found = comments(document.text, document.format)
    alone = {lines.span(at, at).line for at, _ in found if not _before(lines, at).strip()}
    for at, text in found:
        for mark in _MARK.finditer(text):
            order = _ORDER.match(text, mark.end())
            span = lines.span(at + mark.start(), at + (order.end() if order else len(text)))
            if order is None or not order[2].strip():
                words = "write `# loracheck: ignore[CODE]` or `# loracheck: ignore-file[CODE]`"
                faults.append(_fault("error", "this comment names no rule", span, words))
                continue
            line = None if order[1] == "ignore-file" else _target(lines, span.line, alone)
            for match in re.finditer(r"[^\s,]+", order[2]):
                start = at + order.start(2) + match.start()
                place = lines.span(start, start + len(match[0]))
                orders.append(Suppression(match[0], _codes(match[0]), line, place))
    return orders, faults


def _before(lines: Lines, at: int) -> str:
    """What stands before an offset in its line."""
    return lines.text[lines.starts[lines.span(at, at).line - 1] : at]


def _target(lines: Lines, line: int, alone: Iterable[int]) -> int:
    """The line that a comment in `line` speaks of."""
    if line not in alone:
        return line
    last = len(lines.starts)
    while line < last and (line in alone or not lines.line(line).strip()):
        line += 1
    return line


def _codes(selector: str) -> frozenset[str]:
    try:
        return matching((selector,))
    except KeyError:
        return frozenset()


def _lines(document: Document, finding: Finding, at: Path | Span) -> set[int]:
    """The lines in which a comment speaks of the finding: that of its place, and those of the keys
    above it (of the call in Python, of the command in a shell script).
    """
    lines = {finding.span.line}
    if not isinstance(at, Span):
        first = 1 if document.format in ("python", "shell") else 2
        for end in range(first, len(at) + 1):
            lines.add(document.span(at[:end], key=True).line)
    return lines
