"""The tables of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.explain.components import TITLES
from loracheck.explain.text.numbers import size, span

from .figures import marked
from .ink import Content, code, tag

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

    from loracheck.explain.effect import Effect
    from loracheck.explain.memory import Memory
    from loracheck.explain.rows import Row

Cell = Content | None


def table(heads: tuple[str, ...], rows: Iterable[tuple[Cell, ...]], numbers: str = "") -> Element:
    """A table; `numbers` has an `n` at the place of every column of figures. An absent cell is a
    dash.
    """
    kinds = [numbers[i : i + 1] == "n" for i in range(len(heads))]
    head = tag("tr", *(_cell("th", text, kind) for text, kind in zip(heads, kinds, strict=True)))
    body = [
        tag("tr", *(_cell("td", cell, kind) for cell, kind in zip(row, kinds, strict=True)))
        for row in rows
    ]
    made = tag("table", tag("thead", head), tag("tbody", *body))
    return tag("div", made, class_="panel")


def _cell(name: str, content: Cell, number: bool) -> Element:
    kinds = ["number"] if number else []
    if content is None:
        kinds.append("none")
    attributes = {"class_": " ".join(kinds)} if kinds else {}
    return tag(name, "\u2013" if content is None else content, **attributes)


def coverage(effect: Effect) -> Element:
    """A bar for each part of the model."""
    rows = [
        (
            TITLES.get(part.name, part.name),
            tag(
                "meter",
                f"{part.share:.0%}",
                value=part.share,
                aria_label=f"{part.name}: {part.share:.0%}",
            ),
            f"{part.adapted + part.saved:,} of {part.modules:,}",
            f"{part.lora_parameters:,}" if part.lora_parameters else None,
        )
        for part in effect.components
    ]
    return table(("part", "reached", "modules", "LoRA parameters"), rows, "  nn")


def modules(effect: Effect) -> Element:
    """A line for each kind of module."""
    heads = ("module", "class", "shape", "adapted", "rank", "scaling", "parameters")
    return table(heads, map(_module, effect.rows), "  nnnnn")


def _module(row: Row) -> tuple[Cell, ...]:
    state = f"{row.adapted:,} of {row.modules:,}" if row.adapted else None
    if row.saved:
        state = f"in full: {row.saved:,} of {row.modules:,}"
    return (
        code(row.name),
        row.cls,
        " \u00d7 ".join(map(str, row.shape)),
        state,
        span(row.ranks) if row.ranks else None,
        span(row.scalings) if row.scalings else None,
        f"{row.lora_parameters:,}" if row.lora_parameters else None,
    )


def rest(effect: Effect) -> list[Element]:
    """Entries, additions, what trains in full, memory, engines: each where there is any."""
    made: list[Element] = []
    for title, found in (
        ("What the entries reach", _entries(effect)),
        ("Fields", _values(effect) if not effect.judged else None),
        ("Set without the file saying so", _added(effect)),
        ("Trained beside LoRA", _full(effect)),
        ("Memory to train", _memory(effect.memory) if effect.memory else None),
        ("Served by", _served(effect)),
        ("PEFT will warn", _warnings(effect)),
    ):
        if found is not None:
            made += [tag("h2", title), found]
    return made


def _entries(effect: Effect) -> Element | None:
    rows = [
        (
            entry.field,
            code(entry.entry),
            f"{entry.effect:,} modules" if entry.effect else tag("span", "none", class_="dead"),
            f"line {entry.line}" if entry.line else None,
        )
        for entry in effect.entries
    ]
    return table(("field", "entry", "reaches", "place"), rows, "  nn") if rows else None


def _values(effect: Effect) -> Element | None:
    rows = [
        (code(value.spelled), code(repr(value.value)), f"line {value.line}")
        for value in effect.values
        if value.line is not None
    ]
    return table(("field", "value", "place"), rows, "  n") if rows else None


def _added(effect: Effect) -> Element | None:
    rows = [(code(a.field), code(repr(a.value)), a.by, a.why) for a in effect.added]
    return table(("field", "value", "by", "why"), rows) if rows else None


def _full(effect: Effect) -> Element | None:
    rows = [
        (code(one.name), f"in full, entry {one.entry!r}", f"{one.parameters:,}")
        for one in effect.full
    ]
    rows += [(code(t.name), f"{t.indices:,} rows", f"{t.parameters:,}") for t in effect.tokens]
    return table(("module", "how", "parameters"), rows, "  n") if rows else None


def _memory(found: Memory) -> Element:
    base = next(one for one in found.weights if one.chosen)
    state = next(one for one in found.optimisers if one.chosen)
    rows: list[tuple[Cell, ...]] = [
        ("weights", size(base.bytes), f"{base.precision}: {base.formula}"),
        ("adapter", size(found.adapter), found.formulas[0].partition(" = ")[2]),
        ("gradients", size(found.gradients), "as the adapter"),
        ("optimiser", size(state.bytes), f"{state.name}: {state.formula}"),
    ]
    act = found.activations
    if act is not None:
        rows.append(("activations", f"~ {size(act.bytes)}", f"Rough: {act.formula}; {act.source}"))
    rows.append(("together", tag("strong", size(found.total)), "; ".join(found.assumptions)))
    return table(("part", "size", "how"), rows, " n ")


def _served(effect: Effect) -> Element | None:
    rows = [
        (
            f"{one.title} {one.version or ''}".strip(),
            tag("span", one.verdict, **({"class_": "dead"} if one.verdict == "refuses" else {})),
            tag("span", *marked("; ".join(f"{r.text} ({r.help})" for r in one.reasons))),
        )
        for one in effect.served or ()
    ]
    return table(("engine", "verdict", "why"), rows) if rows else None


def _warnings(effect: Effect) -> Element | None:
    if not effect.warnings:
        return None
    items = [tag("p", *marked(text)) for text in effect.warnings]
    return tag("div", *items, class_="panel")
