"""The figures at the head of a page, and what there is to say against the config."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.explain.text.number_format import percent, short, size

from .elements import Content, code, fill, tag

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from loracheck.explain.file.impact import Effect, Refusal
    from loracheck.findings import Finding


def cards(effect: Effect) -> Element:
    """Reach, parameters, size on disk and memory."""
    shown = [
        _card(
            "LoRA reaches",
            f"{effect.linear_reached:,} of {effect.linear_layers:,}",
            "linear layers, the head left out",
        )
    ]
    if effect.trainable is not None and effect.total and effect.share is not None:
        share = percent(effect.share).replace(" ", "\u00a0")
        words = f"{effect.trainable:,} of {effect.total:,} ({share})"
        shown.append(_card("Trainable parameters", short(effect.trainable), words))
    if effect.disk is not None:
        sizes = [f"{size(count)} as {dtype}" for dtype, count in effect.disk.bytes.items()]
        shown.append(_card("Saved adapter", sizes[0].partition(" as ")[0], " or ".join(sizes)))
    if effect.memory is not None:
        rough = "with rough activations" if effect.memory.activations else "without activations"
        shown.append(_card("Memory to train, about", size(effect.memory.total), rough))
    if effect.scalings:
        one = max(effect.scalings, key=lambda found: found.modules)
        rest = {found.scaling for found in effect.scalings} - {one.scaling}
        words = ", ".join(f"{scaling:.4g}" for scaling in sorted(rest)[:4])
        others = f"; {words} for other modules" if rest else ""
        shown.append(_card("Scaling", f"{one.scaling:.4g}", f"{one.formula}{others}"))
    return tag("dl", *shown, class_="cards")


def _card(title: str, big: str, words: str) -> Element:
    return tag(
        "div",
        tag("dt", title),
        tag("dd", big, class_="big"),
        tag("dd", words, class_="soft"),
        class_="card",
    )


def refusal(found: Refusal) -> Element:
    """PEFT's error in place of the figures."""
    return tag(
        "div",
        tag("p", tag("span", "PEFT refuses it", class_="level"), code(found.exception)),
        tag("p", found.message),
        class_="finding error",
    )


def findings(effect: Effect) -> list[Element]:
    """A heading and a box for each finding; nothing where there is none."""
    if not effect.findings:
        return []
    return [tag("h2", f"Findings ({len(effect.findings)})"), *map(_finding, effect.findings)]


def _finding(found: Finding) -> Element:
    head = tag("p", tag("span", f"{found.severity} {found.code}", class_="level"))
    fill(head, [*marked(found.message), tag("span", f" line {found.span.line}", class_="soft")])
    box = tag("div", head, class_=f"finding {found.severity}")
    if found.help:
        box.append(tag("p", "Help: ", *marked(found.help)))
    fill(box, [tag("p", *marked(note), class_="soft") for note in found.notes])
    return box


def marked(text: str) -> list[Content]:
    """A message with its names between backticks as code."""
    return [code(part) if i % 2 else part for i, part in enumerate(text.split("`")) if part]
