"""The report on a folder of adapters as text, and in one line for the notes of a run."""

from __future__ import annotations

from loracheck.explain.text.printable import clean
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.explain.text.style import TextStyle

    from .assess import AdapterSetReport, Obstacle, OneAdapter

SHOWN = 20
"""Adapters that are listed one by one."""


def render(report: AdapterSetReport, style: TextStyle) -> str:
    """The whole report."""
    return "\n".join(_format_lines(clean(report), style))


def _format_lines(report: AdapterSetReport, style: TextStyle) -> Iterator[str]:
    count = len(report.adapters)
    yield f"{style.paint.bold(report.folder)} ({count} adapters), by PEFT {report.peft}"
    for adapter in report.adapters[:SHOWN]:
        yield from style.wrap(_describe_adapter(adapter), "    ", f"  {adapter.name}: ")
    if count > SHOWN or report.more:
        yield f"  and {count - min(count, SHOWN) + report.more} more"
    if report.more:
        yield from style.wrap(f"the first {count} are held against each other", "  ", "  ")
    yield ""
    yield style.title("On one model (load_adapter, set_adapter)")
    yield from _format_obstacles(report.together, style, "all of them can be on one model")
    yield ""
    yield style.title("Combined (add_weighted_adapter)")
    ways = ", ".join(report.ways) if report.ways else "no combination_type takes all of them"
    yield from style.wrap(ways, "    ", "  takes them all: " if report.ways else "  ")
    yield from _format_obstacles(report.combined, style)
    yield ""
    yield style.title("Swapped (hotswap_adapter)")
    pairs = count * (count - 1)
    verdict = "each can take the place of each other one"
    if report.swaps < pairs:
        verdict = f"{report.swaps} of {pairs} ordered pairs can be swapped"
    yield from style.wrap(verdict, "    ", "  ")
    yield from _format_obstacles(report.swapped, style)
    ranks = {adapter.rank for adapter in report.adapters}
    if report.swaps and len(ranks) > 1 and None not in ranks:
        highest = max(rank for rank in ranks if rank is not None)
        call = f"prepare_model_for_compiled_hotswap(model, target_rank={highest})"
        yield from style.wrap(f"a compiled model needs {call} for these ranks", "    ", "  ")
    if report.exported:
        yield ""
        yield style.title("Merged in one call (llama-export-lora)")
        yield from _format_obstacles(report.exported, style)


def _describe_adapter(adapter: OneAdapter) -> str:
    rank = "rank not known" if adapter.rank is None else f"rank {adapter.rank}"
    modules = "" if adapter.modules is None else f", {adapter.modules:,} modules"
    return f"{rank}{modules}, for {adapter.model or 'a model that is not named'}"


def _format_obstacles(
    obstacles: tuple[Obstacle, ...], style: TextStyle, otherwise: str = ""
) -> Iterator[str]:
    for one in obstacles:
        kind = "not" if one.raises else "not the same"
        ways = f" with {', '.join(one.ways)}" if one.ways and one.raises else ""
        yield from style.wrap(one.message, "    ", f"  {kind}{ways}: ")
        yield from style.wrap(one.help, "      ", "    help: ")
    if not obstacles and otherwise:
        yield from style.wrap(otherwise, "    ", "  ")


def summarize(report: AdapterSetReport) -> str | None:
    """What stands in the way, in one line; None where nothing does, or where the adapters are not
    for one base model.
    """
    models = {adapter.model for adapter in report.adapters}
    obstacles = [*report.together, *report.combined, *report.swapped]
    if len(report.adapters) < 2 or len(models) > 1 or None in models or not obstacles:
        return None
    count = len(report.adapters)
    return f"{count} adapters of {models.pop()}: {'; '.join(_list_limits(report, count))}"


def _list_limits(report: AdapterSetReport, count: int) -> Iterator[str]:
    if report.together:
        yield f"on one model: {report.together[0].message}"
    refused = next((one for one in report.combined if one.raises), None)
    if refused is not None:
        ways = ", ".join(refused.ways)
        yield f"add_weighted_adapter does not take them with {ways} ({refused.message})"
    elif report.combined:
        yield f"add_weighted_adapter: {report.combined[0].message}"
    if report.swapped:
        pairs = count * (count - 1)
        yield f"hotswap_adapter takes {report.swaps} of {pairs} pairs ({report.swapped[0].message})"
