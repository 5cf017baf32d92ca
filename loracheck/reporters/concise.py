"""One line a finding: `path:line:column: CODE severity[name]: message`."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .report import format_path_to_open
from .sinks import log_line
from .summary import format_summary_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.results import FileResult

    from .report import Report


def render(report: Report) -> Iterator[str]:
    """The report, line by line."""
    for result in report.results:
        yield from format_result_lines(result)
    yield from format_summary_lines(report)


def format_result_lines(result: FileResult) -> Iterator[str]:
    """A line for each finding of a file."""
    path = format_path_to_open(result.file or result.path)
    for f in result.findings:
        place = f"{path}:{f.span.line}:{f.span.column}"
        yield log_line(f"{place}: {f.code} {f.severity}[{f.name}]: {f.message}")
