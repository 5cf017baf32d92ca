"""The tables of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.explain.file.components import ORDER, TITLES
from loracheck.explain.file.entries import worth_telling
from loracheck.explain.text.findings_section import answer
from loracheck.explain.text.number_format import listed, size, span
from loracheck.rules.support.phrases import count_noun

from .elements import Content, code, tag
from .figures import marked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree.ElementTree import Element

    from loracheck.explain.file.coverage import Component
    from loracheck.explain.file.entries import Entry
    from loracheck.explain.file.impact import Effect
    from loracheck.explain.file.module_rows import Row
    from loracheck.explain.numbers.memory import Memory

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
    rows = []
    for part in effect.components:
        full = f" + {part.saved:,} in full" if part.saved else ""
        reach = f"{part.adapted:,} of {part.modules:,}{full}"
        number = part.lora_parameters + part.full_parameters
        cells = (_bar(part, reach), reach, f"{number:,}" if number else None)
        rows.append((TITLES.get(part.name, part.name), *cells))
    return table(("part", "reached", "modules", "parameters"), rows, "  nn")


def _bar(part: Component, words: str) -> Element:
    """What gets LoRA, and after it what trains in full, as a share of the part's modules."""
    every = max(part.modules, 1)
    lora = min(part.adapted / every, 1.0)
    full = min(part.saved / every, 1.0 - lora)
    made = tag(
        "svg",
        tag("rect", width=100, height=8, class_="off"),
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        role="img",
        aria_label=f"{TITLES.get(part.name, part.name)}: {words}",
        class_="bar",
    )
    for start, share, kind in ((0.0, lora, "lora"), (lora, full, "full")):
        if share > 0:
            width = max(100 * share, 1)  # what is there at all can be seen
            made.append(tag("rect", x=100 * start, width=width, height=8, class_=kind))
    return made


def modules(effect: Effect) -> Element:
    """A line for each kind of module, under the layers that it stands in."""
    heads = ("module", "class", "shape", "adapted", "rank", "scaling", "parameters")
    made = table(heads, (), "  nnnnn")
    body = made.find("table/tbody")
    assert body is not None
    for title, rows in _stacks(effect):
        head = tag("th", *title, colspan=len(heads), scope="rowgroup")
        body.append(tag("tr", head, class_="stack"))
        for row in rows:
            cells = zip(_module(row), "  nnnnn", strict=True)
            body.append(tag("tr", *(_cell("td", cell, kind == "n") for cell, kind in cells)))
    made.set("class", "panel modules")
    return made


def _stacks(effect: Effect) -> Iterator[tuple[list[Content], list[Row]]]:
    """Every stack of layers with its rows, then what stands outside of them."""
    for stack in effect.stacks:
        title: list[Content] = [code(stack.name), f", layers {listed(stack.layers)}"]
        yield title, [row for row in effect.rows if row.stack == stack.name]
    rest = [row for row in effect.rows if row.stack is None]
    if rest:
        rest.sort(key=lambda row: ORDER.index(row.component))
        yield ["outside of layers"] if effect.stacks else ["modules"], rest


def _module(row: Row) -> tuple[Cell, ...]:
    state = f"{row.adapted:,} of {row.modules:,}" if row.adapted else None
    if row.saved:
        state = f"{row.saved:,} in full"
    number = row.lora_parameters + row.full_parameters
    return (
        code(row.below),
        row.cls,
        " \u00d7 ".join(map(str, row.shape)),
        state,
        span(row.ranks) if row.ranks else None,
        span(row.scalings) if row.scalings else None,
        f"{number:,}" if number else None,
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
            _effect(entry, judged=effect.judged and effect.refusal is None),
            f"line {entry.line}" if entry.line else None,
        )
        for entry in worth_telling(effect.entries)
    ]
    return table(("field", "entry", "reaches", "place"), rows, "  nn") if rows else None


def _effect(entry: Entry, *, judged: bool) -> Content:
    if entry.effect:
        return count_noun(entry.effect, "module")
    if not judged and entry.matched:
        return f"matches {count_noun(entry.matched, 'name')}"
    return tag("span", "none", class_="dead")


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
            tag(
                "span",
                answer(one).rstrip(":"),
                **({"class_": "dead"} if one.verdict == "refuses" else {}),
            ),
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
