"""A LoRA file's report as text."""

from __future__ import annotations

from loracheck.explain.text.bars import draw_bar
from loracheck.explain.text.printable import clean
from loracheck.type_checking import TYPE_CHECKING

from .assess import describe_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from loracheck.explain.text.style import TextStyle

    from .assess import LoraFileReport

SHOWN = 8
"""Ranks, scales or base models that a line lists."""


def render(report: LoraFileReport, style: TextStyle) -> str:
    """The whole report."""
    return "\n".join(_format_lines(clean(report), style))


def _format_lines(report: LoraFileReport, style: TextStyle) -> Iterator[str]:
    yield f"{style.paint.bold(report.path)} (LoRA file)"
    for title, text in list_facts(report):
        yield from style.wrap(f"{title}: {text}", "    ", "  ")
    yield ""
    yield style.title("What diffusers makes of it")
    yield from _format_reach_lines(report, style)
    if report.findings:
        yield ""
        yield style.title("Findings")
    for finding in report.findings:
        head = f"{finding.severity}[{finding.code}] "
        yield from style.wrap(finding.message, "    ", f"  {head}")
        if finding.help:
            yield from style.wrap(finding.help, "      ", "    help: ")


def list_facts(report: LoraFileReport) -> Iterator[tuple[str, str]]:
    """(title, text) of what the file itself says."""
    yield (
        "holds",
        f"{report.modules:,} modules in {report.tensors:,} tensors, "
        + (f"{report.parameters:,} parameters"),
    )
    yield "layout", _format_counts(report.layouts)
    yield "kind", _format_counts(report.kinds)
    yield (
        "parts",
        ", ".join(f"{describe_part(p)} {n:,}" for p, n in report.parts.items()) or ("none"),
    )
    yield "rank", _format_counts({str(rank): count for rank, count in report.ranks.items()})
    yield "scale", _format_counts(report.scales)
    yield "metadata", report.dialect or "none of a trainer's"
    yield "base model by its metadata", report.base or "not named"
    fits = ", ".join(report.fits[:SHOWN]) + (", ..." if len(report.fits) > SHOWN else "")
    yield "base models that its sizes fit", fits or "none that is known"


def _format_counts(counts: Mapping[str, int]) -> str:
    """Words with their numbers; a number alone is no news."""
    if len(counts) == 1:
        return next(iter(counts))
    rows = [f"{word}: {count:,}" for word, count in counts.items()]
    return "; ".join(rows[:SHOWN]) + ("; ..." if len(rows) > SHOWN else "") or "none"


def _format_reach_lines(report: LoraFileReport, style: TextStyle) -> Iterator[str]:
    if report.model_class is None:
        yield from style.wrap(f"not held against a model: {report.reason}", "    ", "  ")
        return
    yield from style.wrap(
        f"held against {report.model} ({report.model_class}), {report.source}", "    ", "  "
    )
    if report.loader:
        yield from style.wrap(f"by {report.loader}, run on names and shapes", "    ", "  ")
    if report.loading:
        yield from style.wrap(report.loading, "    ", "  not loaded: ")
    if report.reached is None:
        return
    yield f"  reaches {report.reached:,} of {report.total:,} layers that LoRA could change"
    width = max(len(part.name) for part in report.components)
    for part in report.components:
        bar = draw_bar(part.reached / part.total, 20, style)
        yield f"  {part.name:<{width}}  {bar}  {part.reached:,} of {part.total:,}"
    for name in report.missing:
        yield from style.wrap(f"not in the model: {name}", "    ", "  ")
