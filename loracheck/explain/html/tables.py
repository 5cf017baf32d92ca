"""The tables of a page: coverage, kinds of modules, entries, values, memory, engines."""

from __future__ import annotations

from loracheck.explain.file.components import ORDER, TITLES
from loracheck.explain.file.entries import select_notable
from loracheck.explain.text.findings_section import (
    describe_match,
    format_unchecked_parts,
    format_verdict,
)
from loracheck.explain.text.number_format import format_bytes, format_numbers, format_range
from loracheck.rules.support.phrases import count_noun
from loracheck.type_checking import TYPE_CHECKING

from .elements import Content, build_code_element, build_element
from .figures import mark_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree.ElementTree import Element

    from loracheck.explain.file.coverage import Component
    from loracheck.explain.file.entries import Entry
    from loracheck.explain.file.impact import Impact
    from loracheck.explain.file.module_rows import ModuleRow
    from loracheck.explain.file.serving import EngineVerdict
    from loracheck.explain.numbers.memory import Memory

TableCell = Content | None


def build_table(
    heads: tuple[str, ...],
    rows: Iterable[tuple[TableCell, ...]],
    numbers: str = "",
    *,
    prose: bool = False,
) -> Element:
    """A table; `numbers` has an `n` at the place of every column of figures. An absent cell is a
    dash. `prose` says that the last column holds sentences, which stand below the other cells on
    a narrow screen.
    """
    kinds = [numbers[i : i + 1] == "n" for i in range(len(heads))]
    head = build_element(
        "tr", *(_build_cell("th", text, kind) for text, kind in zip(heads, kinds, strict=True))
    )
    body = [
        build_element(
            "tr", *(_build_cell("td", cell, kind) for cell, kind in zip(row, kinds, strict=True))
        )
        for row in rows
    ]
    table = build_element("table", build_element("thead", head), build_element("tbody", *body))
    return build_element("div", table, class_="panel prose" if prose else "panel")


def _build_cell(name: str, content: TableCell, number: bool) -> Element:
    kinds = ["number"] if number else []
    if content is None:
        kinds.append("none")
    attributes = {"class_": " ".join(kinds)} if kinds else {}
    return build_element(name, "\u2013" if content is None else content, **attributes)


def build_coverage(parts: tuple[Component, ...]) -> Element:
    """A bar for each part of the model."""
    rows = []
    for part in parts:
        full = f" + {part.saved:,} in full" if part.saved else ""
        reach = f"{part.adapted:,} of {part.modules:,}{full}"
        number = part.lora_parameters + part.full_parameters
        cells = (_build_bar(part, reach), reach, f"{number:,}" if number else None)
        rows.append((TITLES.get(part.name, part.name), *cells))
    return build_table(("part", "reached", "modules", "parameters"), rows, "  nn")


def _build_bar(part: Component, words: str) -> Element:
    """What gets LoRA, and after it what trains in full, as a share of the part's modules."""
    every = max(part.modules, 1)
    label = f"{TITLES.get(part.name, part.name)}: {words}"
    return draw_shares(part.adapted / every, part.saved / every, label)


def draw_shares(lora: float, full: float, label: str) -> Element:
    """A bar with the share that gets LoRA, and after it the one that trains in full."""
    lora = min(lora, 1.0)
    full = min(full, 1.0 - lora)
    bar = build_element(
        "svg",
        build_element("rect", width=100, height=8, class_="off"),
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        role="img",
        aria_label=label,
        class_="bar",
    )
    for start, share, kind in ((0.0, lora, "lora"), (lora, full, "full")):
        if share > 0:
            width = max(100 * share, 1)  # what is there at all can be seen
            bar.append(build_element("rect", x=100 * start, width=width, height=8, class_=kind))
    return bar


def build_modules(impact: Impact) -> Element:
    """A line for each kind of module, under the layers that it stands in."""
    heads = ("module", "class", "shape", "adapted", "rank", "scaling", "parameters")
    table = build_table(heads, (), "  nnnnn")
    body = table.find("table/tbody")
    assert body is not None
    for title, rows in _group_by_stack(impact):
        head = build_element("th", *title, colspan=len(heads), scope="rowgroup")
        body.append(build_element("tr", head, class_="stack"))
        for row in rows:
            cells = zip(_build_module_cells(row), "  nnnnn", strict=True)
            body.append(
                build_element("tr", *(_build_cell("td", cell, kind == "n") for cell, kind in cells))
            )
    table.set("class", "panel modules")
    return table


def _group_by_stack(impact: Impact) -> Iterator[tuple[list[Content], list[ModuleRow]]]:
    """Every stack of layers with its rows, then what stands outside of them."""
    for stack in impact.stacks:
        title: list[Content] = [
            build_code_element(stack.name),
            f", layers {format_numbers(stack.layers)}",
        ]
        yield title, [row for row in impact.rows if row.stack == stack.name]
    rest = [row for row in impact.rows if row.stack is None]
    if rest:
        rest.sort(key=lambda row: ORDER.index(row.component))
        yield ["outside of layers"] if impact.stacks else ["modules"], rest


def _build_module_cells(row: ModuleRow) -> tuple[TableCell, ...]:
    state = f"{row.adapted:,} of {row.modules:,}" if row.adapted else None
    if row.saved:
        state = f"{row.saved:,} in full"
    number = row.lora_parameters + row.full_parameters
    return (
        build_code_element(row.below),
        row.cls,
        " \u00d7 ".join(map(str, row.shape)),
        state,
        format_range(row.ranks) if row.ranks else None,
        format_range(row.scalings) if row.scalings else None,
        f"{number:,}" if number else None,
    )


def build_details(impact: Impact) -> list[Element]:
    """The tables below the figures: entries, additions, what trains in full, memory, engines."""
    elements: list[Element] = []
    for title, content in (
        ("What the entries reach", _build_entries(impact)),
        ("Fields", _build_values(impact) if not impact.judged else None),
        ("Set without the file saying so", _build_additions(impact)),
        ("Trained beside LoRA", _build_full_training(impact)),
        ("Memory to train", _build_memory(impact.memory) if impact.memory else None),
        ("Served by", _build_engines(impact)),
        ("PEFT will warn", _build_warnings(impact)),
    ):
        if content is not None:
            elements += [build_element("h2", title), content]
    return elements


def _build_entries(impact: Impact) -> Element | None:
    rows = [
        (
            entry.field,
            build_code_element(entry.entry),
            _build_entry_result(entry, impact),
            f"line {entry.line}" if entry.line else None,
        )
        for entry in select_notable(impact.entries)
    ]
    return build_table(("field", "entry", "reaches", "place"), rows, "  nn") if rows else None


def _build_entry_result(entry: Entry, impact: Impact) -> Content:
    if entry.effect and impact.counted:
        return count_noun(entry.effect, "module")
    if entry.matched and not (impact.judged and impact.refusal is None):
        return describe_match(entry.matched, counted=impact.counted)
    return build_element("span", "none", class_="dead")


def _build_values(impact: Impact) -> Element | None:
    assumed = {one.field for one in impact.assumed}
    rows = [
        (
            build_code_element(value.spelled),
            build_code_element(repr(value.value)),
            f"line {value.line}"
            + (", only the script's default" if value.field in assumed else ""),
        )
        for value in impact.values
        if value.line is not None
    ]
    return build_table(("field", "value", "place"), rows, "  n") if rows else None


def _build_additions(impact: Impact) -> Element | None:
    rows = [
        (
            "modules passed over" if a.field == "exclude_modules" else build_code_element(a.field),
            build_code_element(repr(a.value)),
            a.by,
            a.why,
        )
        for a in impact.added
    ]
    return build_table(("field", "value", "by", "why"), rows) if rows else None


def _build_full_training(impact: Impact) -> Element | None:
    rows = [
        (build_code_element(one.name), f"in full, entry {one.entry!r}", f"{one.parameters:,}")
        for one in impact.full
    ]
    rows += [
        (build_code_element(t.name), f"{t.indices:,} rows", f"{t.parameters:,}")
        for t in impact.tokens
    ]
    return build_table(("module", "how", "parameters"), rows, "  n") if rows else None


def _build_memory(memory: Memory) -> Element:
    base = next(one for one in memory.weights if one.chosen)
    state = next((one for one in memory.optimisers if one.chosen), None)
    rows: list[tuple[TableCell, ...]] = [
        ("weights", format_bytes(base.bytes), f"{base.precision}: {base.formula}"),
        ("adapter", format_bytes(memory.adapter), memory.formulas[0].partition(" = ")[2]),
        ("gradients", format_bytes(memory.gradients), "as the adapter"),
    ]
    if state is not None:
        words = f"{state.name}: {state.formula}"
        rows.append(("optimiser", format_bytes(state.bytes), words))
    act = memory.activations
    if act is not None:
        rows.append(
            (
                "activations",
                f"{'' if act.least == act.bytes else 'up to '}{format_bytes(act.bytes)}",
                f"{act.formula}; measured by {act.source}",
            )
        )
    rows.append(
        (
            "together",
            build_element("strong", format_bytes(memory.total)),
            "; ".join(memory.assumptions),
        )
    )
    return build_table(("part", "size", "how"), rows, " n ", prose=True)


def _build_engines(impact: Impact) -> Element | None:
    rows = [
        (
            f"{one.title} {one.version or ''}".strip(),
            build_element(
                "span",
                format_verdict(one).rstrip(":"),
                **({"class_": "dead"} if one.verdict == "refuses" else {}),
            ),
            build_element("span", *mark_code(_format_engine_reasons(one))),
        )
        for one in impact.served or ()
    ]
    return build_table(("engine", "verdict", "why"), rows, prose=True) if rows else None


def _format_engine_reasons(one: EngineVerdict) -> str:
    """Why, and what nobody has read."""
    reasons = "; ".join(f"{reason.text} ({reason.help})" for reason in one.reasons)
    return " ".join(filter(None, (reasons, format_unchecked_parts(one))))


def _build_warnings(impact: Impact) -> Element | None:
    if not impact.warnings:
        return None
    items = [build_element("p", *mark_code(text)) for text in impact.warnings]
    return build_element("div", *items, class_="panel")
