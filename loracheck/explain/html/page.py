"""One self-contained page about all settings of a file."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from loracheck import __version__

from . import figures, tables
from .coverage_map import drawing
from .elements import code, fill, tag, written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from loracheck.explain.file.impact import Effect

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may load for the page: nothing."""


def html(effects: Sequence[Effect], path: str) -> str:
    """The page for a file's settings in their order; `path` is the file as it was named."""
    body = tag("main", *(_setting(effect) for effect in effects))
    if not effects:
        fill(body, [tag("h1", path), tag("p", "This file sets no LoRA up.")])
    body.append(_foot())
    page = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", content=POLICY, http_equiv="Content-Security-Policy"),
            tag("title", f"{path}: what it does"),
            tag("style", files(__package__).joinpath("page.css").read_text(encoding="utf-8")),
        ),
        tag("body", body),
        lang="en",
    )
    return "<!doctype html>\n" + written(page, html=True) + "\n"


def _setting(effect: Effect) -> Element:
    section = tag("section", *_head(effect))
    if effect.refusal is not None:
        section.append(figures.refusal(effect.refusal))
    elif effect.judged:
        section.append(figures.cards(effect))
    fill(section, figures.findings(effect))
    if effect.rows:
        fill(section, [tag("h2", "Coverage"), tables.coverage(effect)])
        fill(section, [tag("h2", "Map of the layers"), tag("div", drawing(effect), class_="frame")])
        fill(section, [tag("h2", "Kinds of modules"), tables.modules(effect)])
    fill(section, tables.rest(effect))
    return section


def _head(effect: Effect) -> list[Element]:
    where = tag("p", "", class_="soft")
    fill(where, [code(f"{effect.path}:{effect.line}"), f" ({effect.dialect})"])
    if not effect.judged and effect.reason:
        why = f"Not held against a model: {effect.reason}."
        return [tag("h1", effect.model or "No base model"), where, tag("p", why)]
    tree = tag("p", class_="soft")
    fill(tree, [code(effect.cls or "?"), f", tree: {effect.source}; as PEFT {effect.peft} does it"])
    return [tag("h1", effect.model or effect.cls or "?"), where, tree]


def _foot() -> Element:
    return tag(
        "footer",
        f"loracheck {__version__}. Modules, ranks and parameter counts are those that PEFT would "
        "report; memory is an estimate by the formulas shown.",
    )
