"""One self-contained page about all settings of a file."""

from __future__ import annotations

from importlib.resources import files

from loracheck.type_checking import TYPE_CHECKING
from loracheck.version import __version__

from . import figures, tables
from .coverage_map import draw_map
from .elements import append_content, build_code_element, build_element, serialize

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from loracheck.explain.file.impact import Impact

CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may load for the page: nothing."""


def render_html(impacts: Sequence[Impact], path: str) -> str:
    """The page for a file's settings in their order; `path` is the file as it was named."""
    body = build_element("main", *(_build_setting(impact) for impact in impacts))
    if not impacts:
        append_content(
            body, [build_element("h1", path), build_element("p", "This file sets no LoRA up.")]
        )
    return build_page(path, body)


def build_page(path: str, body: Element) -> str:
    """A whole page about the file at a path, with the footer below its body."""
    body.append(_build_footer())
    page = build_element(
        "html",
        build_element(
            "head",
            build_element("meta", charset="utf-8"),
            build_element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            build_element("meta", content=CONTENT_POLICY, http_equiv="Content-Security-Policy"),
            build_element("title", f"{path}: what it does"),
            build_element(
                "style", files(__package__).joinpath("page.css").read_text(encoding="utf-8")
            ),
        ),
        build_element("body", body),
        lang="en",
    )
    return "<!doctype html>\n" + serialize(page, html=True) + "\n"


def _build_setting(impact: Impact) -> Element:
    section = build_element("section", *_build_head(impact))
    if impact.refusal is not None:
        section.append(figures.build_refusal(impact.refusal))
    elif impact.judged:
        section.append(figures.build_cards(impact))
    append_content(section, figures.build_findings(impact))
    if impact.rows:
        for title, parts in (
            ("Coverage", impact.components),
            ("Coverage by stream", impact.streams),
        ):
            if parts:
                append_content(section, [build_element("h2", title), tables.build_coverage(parts)])
        append_content(
            section,
            [
                build_element("h2", "Map of the layers"),
                build_element("div", draw_map(impact), class_="frame"),
            ],
        )
        append_content(
            section, [build_element("h2", "Kinds of modules"), tables.build_modules(impact)]
        )
    append_content(section, tables.build_details(impact))
    return section


def _build_head(impact: Impact) -> list[Element]:
    where = build_element("p", "", class_="soft")
    append_content(
        where, [build_code_element(f"{impact.path}:{impact.line}"), f" ({impact.dialect})"]
    )
    if not impact.judged and impact.reason:
        why = f"Not held against a model: {impact.reason}."
        return [
            build_element("h1", impact.model or "No base model"),
            where,
            build_element("p", why),
        ]
    tree = build_element("p", class_="soft")
    append_content(
        tree,
        [
            build_code_element(impact.cls or "?"),
            f", tree: {impact.source}; as PEFT {impact.peft} does it",
        ],
    )
    return [build_element("h1", impact.model or impact.cls or "?"), where, tree]


def _build_footer() -> Element:
    return build_element(
        "footer",
        f"loracheck {__version__}. Modules, ranks and parameter counts are those that PEFT would "
        "report; memory is an estimate by the formulas shown.",
    )
