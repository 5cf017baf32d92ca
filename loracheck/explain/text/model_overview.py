"""A model's overview as text."""

from __future__ import annotations

from loracheck.explain.file.components import ORDER, TITLES
from loracheck.trees.model import name_kind
from loracheck.type_checking import TYPE_CHECKING

from .number_format import format_count, format_percent
from .printable import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.explain.file.module_rows import ModuleRow
    from loracheck.explain.model.overview import ChoiceCost, Overview, ReleaseDifference

    from .style import TextStyle


def render(overview: Overview, style: TextStyle) -> str:
    """The whole overview."""
    return "\n".join(_format_lines(clean(overview), style))


def _format_lines(overview: Overview, style: TextStyle) -> Iterator[str]:
    head = style.wrap(f"{overview.model}: {name_kind(overview.cls, overview.model_type)}", "  ", "")
    yield head[0].replace(overview.model, style.paint.bold(overview.model), 1)
    yield from head[1:]
    yield from style.wrap(f"tree: {overview.source}", "  ", "")
    tied = "tied" if overview.tied else "not tied"
    yield f"{overview.parameters:,} parameters; input and output embeddings {tied}"
    yield ""
    yield from _format_target_lines(overview, style)
    yield from _format_choice_lines(overview, style)
    if overview.pitfalls:
        yield ""
        yield style.title("Pitfalls")
    for one in overview.pitfalls:
        yield from style.wrap(one.text, "    ", "  - ")
    yield from _format_release_lines(overview, style)
    yield from _format_next_commands(overview, style)


def _format_target_lines(overview: Overview, style: TextStyle) -> Iterator[str]:
    """Kinds of modules by component, what LoRA takes them by."""
    yield style.title("What LoRA can target")
    width = min(max((len(row.name) for row in overview.rows), default=8), style.width - 46)
    for part in ORDER:
        part_rows = [row for row in overview.rows if row.component == part]
        if part_rows:
            size = sum(row.base_parameters for row in part_rows)
            yield f"  {TITLES.get(part, part)} ({format_count(size)})"
        for row in part_rows:
            yield _format_row(row, width, style)


def _format_row(row: ModuleRow, width: int, style: TextStyle) -> str:
    name = style.cut_left(row.name, width)
    times = "x" if not style.blocks else "×"
    shape = times.join(map(str, row.shape))
    cls = "parameter" if row.parameter else row.cls
    shape, cls = style.cut_left(shape, 15), style.cut_left(cls, 17)
    return f"    {name:<{width}} {row.modules:>6,} {shape:>15} {cls}".rstrip()


def _format_choice_lines(overview: Overview, style: TextStyle) -> Iterator[str]:
    if not overview.choices:
        return
    yield ""
    ranks = [price.rank for choice in overview.choices for price in choice.prices]
    heads = "".join(f"{f'r = {rank}':>17}" for rank in dict.fromkeys(ranks))
    yield style.title(f"{'Usual choices':<29}") + heads
    for choice in overview.choices:
        yield from _format_one_choice(choice, style)
    if overview.default is None:
        text = "PEFT knows no default for this model type: target_modules has to be given."
        yield from style.wrap(text, "  ", "  ")
    else:
        yield from _format_one_choice(overview.default, style)


def _format_one_choice(choice: ChoiceCost, style: TextStyle) -> Iterator[str]:
    if choice.refusal is not None:
        yield from style.wrap(f"PEFT refuses it: {choice.refusal}", "    ", f"  {choice.title}: ")
        return
    cells = "".join(
        f"{format_count(price.trainable) + f' ({_format_share(price.share)})':>17}"
        for price in choice.prices
    )
    title = choice.title
    if len(title) > 27:
        yield f"  {title}"
        title = ""
    yield f"  {title:<27}{cells}"
    for field, value in choice.fields.items():
        text = ", ".join(value) if isinstance(value, list) else str(value)
        yield from style.wrap(text, "      ", f"    {field}: ")
    if choice.parameters and "target_parameters" not in choice.fields:
        yield f"    PEFT wraps {choice.parameters:,} parameters of fused experts as well"


def _format_share(share: float) -> str:
    return format_percent(share) if share >= 1 else f"{100 * share:.2f} %"


def _format_next_commands(overview: Overview, style: TextStyle) -> Iterator[str]:
    yield ""
    yield from style.wrap(f"the whole tree: loracheck tree {overview.model}", "  ", "")
    yield from style.wrap(f"a first config: loracheck init --model {overview.model}", "  ", "")


def _format_release_lines(overview: Overview, style: TextStyle) -> Iterator[str]:
    if not overview.lines:
        return
    yield ""
    yield style.title("Other transformers lines")
    for line in overview.lines:
        yield from _format_release_line(line, style)


def _format_release_line(line: ReleaseDifference, style: TextStyle) -> Iterator[str]:
    if not line.more and not line.fewer:
        yield f"  {line.transformers}: the same names"
        return
    yield f"  {line.transformers}: other names"
    for mark, names in (("only there", line.more), ("only here", line.fewer)):
        for name in names[:8]:
            yield from style.wrap(name, "      ", f"    {mark}: ")
        if len(names) > 8:
            yield f"    {mark}: {len(names) - 8} more"
