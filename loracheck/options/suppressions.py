"""`# loracheck: ignore[LC201] reason` in YAML, TOML, Python and notebooks' code cells.

At the end of a line it speaks of that line, and of the value whose key stands there; on a line of
its own, of the next line that is not blank and no comment. `ignore-file[...]` speaks of the file.
"""

from __future__ import annotations

import re
from functools import lru_cache

from loracheck.documents.comments import Comment, find_comments
from loracheck.documents.lines import Lines
from loracheck.documents.model import Span
from loracheck.findings import Finding
from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.rules import select_codes, suggest_selector
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.documents.model import Document, Path
    from loracheck.documents.notebook.code_lines import CodeLines
    from loracheck.findings import Severity

CODE, NAME = "LC004", "unused-suppression"
_MARK = compile_when_used(r"#\s*loracheck:\s*")
_DIRECTIVE = compile_when_used(r"(ignore-file|ignore)\s*\[([^\[\]]*)\]")
MAX_FAULTS = 100
"""Comments that are spoken of in one file."""
MAX_SUPPRESSIONS = 2_000
"""Codes in the comments of one file that are heeded."""
_TREELESS = ("LC0", "LC1", "LC8")
"""Families that need no module tree: without one, nothing is known of the others' use."""


class CommentText:
    """The text that comments stand in, and where its lines are in the file: the same, but for a
    notebook, whose lines are those of its code.
    """

    def __init__(self, document: Document) -> None:
        self.text = document.text
        self.lines = Lines(document.text)
        self._format = document.format

    def comments(self) -> list[Comment]:
        """All comments, in the order of the text."""
        return find_comments(self.text, self._format)

    def span(self, start: int, end: int) -> Span:
        """Place in the file of a region of the text."""
        return self.lines.span(start, end)

    def line(self, span: Span) -> int:
        """The line of the text in which a place of the file stands."""
        return span.line


def _build_comment_text(document: Document) -> CommentText | CodeLines:
    if document.format != "notebook":
        return CommentText(document)
    from loracheck.documents.notebook.code_lines import CodeLines

    return CodeLines(document.text)


class Suppression(NamedTuple):
    """One code of one comment. `line` is the line it speaks of, None for the whole file; `codes`
    are those that the selector stands for, empty where it stands for none.
    """

    selector: str
    codes: frozenset[str]
    line: int | None
    span: Span


LocatedFinding = tuple[Finding, "Path | Span"]
"""A finding and where it was found: a path in the document, or a span."""


def apply_suppressions(
    document: Document, located_findings: list[LocatedFinding], ran: frozenset[str], complete: bool
) -> list[Finding]:
    """The findings that no comment covers, and those about the comments. `ran` are the rules that
    ran, `complete` tells whether every setting was held against a module tree. Beside an error that
    is left, a comment is called unused only where that error cannot have kept its rule from firing:
    where PEFT refuses a config, there is no plan for the rules on targets and heads.
    """
    view = _build_comment_text(document)
    suppressions, faults = _parse_comments(view)
    used: set[int] = set()
    unsuppressed = []
    by_place = _group_by_place(suppressions)
    for finding, at in located_findings:
        places: set[int | None] = {None}
        if finding.code in by_place:
            places |= _collect_covered_lines(document, view, finding, at)
        here = by_place.get(finding.code, {})
        covering = [number for place in places for number in here.get(place, ())]
        used.update(covering)
        if not covering:
            unsuppressed.append(finding)
    if CODE not in ran:
        return unsuppressed
    refused = (
        one for one, _ in located_findings if one.severity == "error" and one.code.startswith("LC1")
    )
    complete = complete and next(refused, None) is None
    for number, suppression in enumerate(suppressions):
        decided = suppression.codes <= ran and (complete or _needs_no_tree(suppression))
        if len(faults) >= MAX_FAULTS:
            faults[-1] = faults[-1]._replace(notes=("no more comments are spoken of",))
            break
        if decided and number not in used:
            faults += _report_unused(suppression)
    return unsuppressed + faults


def _group_by_place(suppressions: list[Suppression]) -> dict[str, dict[int | None, list[int]]]:
    """Code -> line, or None for the whole file -> numbers of the suppressions."""
    groups: dict[str, dict[int | None, list[int]]] = {}
    for number, suppression in enumerate(suppressions):
        for code in suppression.codes:
            groups.setdefault(code, {}).setdefault(suppression.line, []).append(number)
    return groups


def _needs_no_tree(suppression: Suppression) -> bool:
    return all(code.startswith(_TREELESS) for code in suppression.codes)


def _report_unused(suppression: Suppression) -> Iterator[Finding]:
    """What to say of a suppression that covered nothing."""
    if suppression.codes:
        what = "in this file" if suppression.line is None else f"in line {suppression.line}"
        message = f"`{suppression.selector}` is not found {what}, so there is nothing to ignore"
        yield _build_fault("warning", message, suppression.span, "remove it")
        return
    suggestion = suggest_selector(suppression.selector)
    help_ = f"did you mean `{suggestion}`?" if suggestion else "`loracheck rules` lists them"
    yield _build_fault(
        "error", f"no rule is called `{suppression.selector}`", suppression.span, help_
    )


def _build_fault(severity: Severity, message: str, span: Span, help_: str) -> Finding:
    return Finding(CODE, NAME, severity, message, "", span, help_)


def _parse_comments(view: CommentText | CodeLines) -> tuple[list[Suppression], list[Finding]]:
    """All suppressions of a document, and a finding for each comment that is not understood."""
    lines = view.lines
    suppressions: list[Suppression] = []
    faults: list[Finding] = []
    comments = view.comments()
    alone = {
        lines.span(at, at).line for at, _ in comments if not _get_text_before(lines, at).strip()
    }
    for at, text in comments:
        for mark in _MARK.finditer(text):
            suppression = _DIRECTIVE.match(text, mark.end())
            start, end = at + mark.start(), at + (suppression.end() if suppression else len(text))
            span, here = view.span(start, end), lines.span(start, end).line
            if suppression is None or not suppression[2].strip():
                words = "write `# loracheck: ignore[CODE]` or `# loracheck: ignore-file[CODE]`"
                if len(faults) < MAX_FAULTS:
                    faults.append(_build_fault("error", "this comment names no rule", span, words))
                continue
            line = (
                None if suppression[1] == "ignore-file" else _find_target_line(lines, here, alone)
            )
            for match in re.finditer(r"[^\s,]+", suppression[2]):
                if len(suppressions) == MAX_SUPPRESSIONS:
                    return suppressions, faults
                start = at + suppression.start(2) + match.start()
                place = view.span(start, start + len(match[0]))
                suppressions.append(
                    Suppression(match[0], _find_matching_codes(match[0]), line, place)
                )
    return suppressions, faults


def _get_text_before(lines: Lines, at: int) -> str:
    """What stands before an offset in its line."""
    return lines.text[lines.starts[lines.span(at, at).line - 1] : at]


def _find_target_line(lines: Lines, line: int, alone: Iterable[int]) -> int:
    """The line that a comment in `line` speaks of."""
    if line not in alone:
        return line
    last = len(lines.starts)
    while line < last and (line in alone or not lines.line(line).strip()):
        line += 1
    return line


@lru_cache(maxsize=256)
def _find_matching_codes(selector: str) -> frozenset[str]:
    try:
        return select_codes((selector,))
    except KeyError:
        return frozenset()


def _collect_covered_lines(
    document: Document, view: CommentText | CodeLines, finding: Finding, at: Path | Span
) -> set[int]:
    """The lines in which a comment speaks of the finding: that of its place, and those of the keys
    above it (of the call in Python, of the command in a shell script).
    """
    lines = {view.line(finding.span)}
    if not isinstance(at, Span):
        first = 1 if document.format in ("python", "notebook", "shell") else 2
        for end in range(first, len(at) + 1):
            lines.add(view.line(document.span(at[:end], key=True)))
    return lines
