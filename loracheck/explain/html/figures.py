"""The figures at the head of a page, PEFT's error, and the findings."""

from __future__ import annotations

from loracheck.explain.text.number_format import format_bytes, format_count, format_percent
from loracheck.type_checking import TYPE_CHECKING

from .elements import Content, append_content, build_code_element, build_element

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from loracheck.explain.file.impact import Impact, Refusal
    from loracheck.findings import Finding


def build_cards(impact: Impact) -> Element:
    """Cards with what LoRA reaches, trained parameters, size on disk and memory."""
    cards = [
        _build_card(
            "LoRA reaches",
            f"{impact.linear_reached:,} of {impact.linear_layers:,}",
            "linear layers, the head left out",
        )
    ]
    if impact.trainable is not None and impact.total and impact.share is not None:
        share = format_percent(impact.share)
        words = f"{impact.trainable:,} of {impact.total:,} ({share})"
        cards.append(_build_card("Trainable parameters", format_count(impact.trainable), words))
    if impact.disk is not None:
        sizes = [f"{format_bytes(count)} as {dtype}" for dtype, count in impact.disk.bytes.items()]
        cards.append(
            _build_card("Saved adapter", sizes[0].partition(" as ")[0], " or ".join(sizes))
        )
    if impact.memory is not None:
        rough = "with activations" if impact.memory.activations else "without activations"
        cards.append(
            _build_card("Memory to train, about", format_bytes(impact.memory.total), rough)
        )
    if impact.scalings:
        one = max(impact.scalings, key=lambda scaling: scaling.modules)
        rest = {scaling.scaling for scaling in impact.scalings} - {one.scaling}
        words = ", ".join(f"{scaling:.4g}" for scaling in sorted(rest)[:4])
        others = f"; {words} for other modules" if rest else ""
        cards.append(_build_card("Scaling", f"{one.scaling:.4g}", f"{one.formula}{others}"))
    return build_element("dl", *cards, class_="cards")


def _build_card(title: str, big: str, words: str) -> Element:
    return build_element(
        "div",
        build_element("dt", title),
        build_element("dd", big, class_="big"),
        build_element("dd", words, class_="soft"),
        class_="card",
    )


def build_refusal(refusal: Refusal) -> Element:
    """PEFT's error, shown in place of the figures."""
    return build_element(
        "div",
        build_element(
            "p",
            build_element("span", "PEFT refuses it", class_="level"),
            build_code_element(refusal.exception),
        ),
        build_element("p", refusal.message),
        class_="finding error",
    )


def build_findings(impact: Impact) -> list[Element]:
    """A heading and a box for each finding; nothing where there is none."""
    if not impact.findings:
        return []
    return [
        build_element("h2", f"Findings ({len(impact.findings)})"),
        *map(_build_finding, impact.findings),
    ]


def _build_finding(finding: Finding) -> Element:
    head = build_element(
        "p", build_element("span", f"{finding.severity} {finding.code}", class_="level")
    )
    append_content(
        head,
        [
            *mark_code(finding.message),
            build_element("span", f" line {finding.span.line}", class_="soft"),
        ],
    )
    box = build_element("div", head, class_=f"finding {finding.severity}")
    if finding.help:
        box.append(build_element("p", "Help: ", *mark_code(finding.help)))
    append_content(
        box, [build_element("p", *mark_code(note), class_="soft") for note in finding.notes]
    )
    return box


def mark_code(text: str) -> list[Content]:
    """A message with its names between backticks as code."""
    return [
        build_code_element(part) if i % 2 else part
        for i, part in enumerate(text.split("`"))
        if part
    ]
