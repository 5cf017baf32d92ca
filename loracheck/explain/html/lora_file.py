"""One self-contained page about a LoRA file."""

from __future__ import annotations

from loracheck.explain.lora_file.text import list_facts
from loracheck.type_checking import TYPE_CHECKING

from .elements import append_content, build_code_element, build_element
from .page import build_page
from .tables import build_table, draw_shares

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from loracheck.explain.lora_file.assess import LoraFileReport


def render_lora_file(report: LoraFileReport) -> str:
    """The page for a report."""
    section = build_element("section", build_element("h1", build_code_element(report.path)))
    append_content(section, _build_findings(report))
    append_content(
        section,
        [build_element("h2", "The file"), build_table(("", "what it has"), list_facts(report))],
    )
    append_content(section, _build_reach(report))
    return build_page(report.path, build_element("main", section))


def _build_findings(report: LoraFileReport) -> Iterator[Element]:
    if report.findings:
        rows = [
            (f"{finding.severity} {finding.code}", finding.message, finding.help)
            for finding in report.findings
        ]
        yield build_element("h2", "Findings")
        yield build_table(("rule", "what it says", "help"), rows)


def _build_reach(report: LoraFileReport) -> Iterator[Element]:
    yield build_element("h2", "What diffusers makes of it")
    if report.model_class is None:
        yield build_element("p", f"Not held against a model: {report.reason}.")
        return
    words = f"Held against {report.model} ({report.model_class}), {report.source}"
    yield build_element("p", f"{words}; by {report.loader}." if report.loader else f"{words}.")
    if report.loading:
        yield build_element("p", f"Not loaded: {report.loading}")
    rows = [
        (
            part.name,
            draw_shares(part.reached / part.total, 0.0, f"{part.name}: {part.reached}"),
            f"{part.reached:,} of {part.total:,}",
        )
        for part in report.components
    ]
    if rows:
        yield build_table(("part", "reached", "layers"), rows, "  n")
