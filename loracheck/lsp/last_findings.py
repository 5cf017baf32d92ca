"""What was said of a text before it became unreadable: it stays while somebody types."""

from __future__ import annotations

from loracheck.documents.lines import Lines
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.findings import Finding

    from .analysis import Analysis


def keep_findings(now: Analysis, before: Analysis, at: int) -> Analysis:
    """The analysis of an unreadable text with the findings of the last one that could be read, but
    for those of the lines that were changed. Those below move with their lines; none keeps its fix,
    whose places may be others by now. `at` is the cursor's offset.
    """
    if not now.findings:  # the text does not speak of LoRA any more
        return now
    lines = Lines(now.text)
    here = lines.at(at).line
    shift = len(lines.starts) - len(Lines(before.text).starts)
    first, last = min(here, here - shift), max(here, here - shift)
    earlier = [
        _move(finding, shift if finding.span.line > last else 0)
        for finding in before.findings
        if not first <= finding.span.line <= last and finding.code != "LC001"
    ]
    return now._replace(findings=(*now.findings, *earlier))


def _move(finding: Finding, lines: int) -> Finding:
    span = finding.span
    new_span = span._replace(line=span.line + lines, end_line=span.end_line + lines)
    return finding._replace(span=new_span, related=(), fix=None)
