"""A model's overview as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.explain.file.components import ORDER, TITLES

from .number_format import percent, short
from .printable import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.explain.file.module_rows import Row
    from loracheck.explain.model.overview import Line, Overview, Priced

    from .style import Look


def render(found: Overview, look: Look) -> str:
    """The whole overview."""
    return "\n".join(_lines(clean(found), look))


def _lines(found: Overview, look: Look) -> Iterator[str]:
    head = look.wrapped(f"{found.model}: {found.cls} ({found.model_type})", "  ", "")
    yield head[0].replace(found.model, look.paint.bold(found.model), 1)
    yield from head[1:]
    yield from look.wrapped(f"tree: {found.source}", "  ", "")
    tied = "tied" if found.tied else "not tied"
    yield f"{found.parameters:,} parameters; input and output embeddings {tied}"
    yield ""
    yield from _targets(found, look)
    yield from _choices(found, look)
    if found.pitfalls:
        yield ""
        yield look.title("Pitfalls")
    for one in found.pitfalls:
        yield from look.wrapped(one.text, "    ", "  - ")
    yield from _other_lines(found, look)
    yield from _more(found, look)


def _targets(found: Overview, look: Look) -> Iterator[str]:
    """Kinds of modules by component, what LoRA takes them by."""
    yield look.title("What LoRA can target")
    width = min(max((len(row.name) for row in found.rows), default=8), look.width - 46)
    for part in ORDER:
        own = [row for row in found.rows if row.component == part]
        if own:
            size = sum(row.base_parameters for row in own)
            yield f"  {TITLES.get(part, part)} ({short(size)})"
        for row in own:
            yield _row(row, width, look)


def _row(row: Row, width: int, look: Look) -> str:
    name = look.cut(row.name, width)
    times = "x" if not look.blocks else "×"
    shape = times.join(map(str, row.shape))
    cls = "parameter" if row.parameter else row.cls
    shape, cls = look.cut(shape, 15), look.cut(cls, 17)
    return f"    {name:<{width}} {row.modules:>6,} {shape:>15} {cls}".rstrip()


def _choices(found: Overview, look: Look) -> Iterator[str]:
    if not found.choices:
        return
    yield ""
    ranks = [price.rank for priced in found.choices for price in priced.prices]
    heads = "".join(f"{f'r = {rank}':>17}" for rank in dict.fromkeys(ranks))
    yield look.title(f"{'Usual choices':<29}") + heads
    for priced in found.choices:
        yield from _choice(priced, look)
    if found.default is None:
        text = "PEFT knows no default for this model type: target_modules has to be given."
        yield from look.wrapped(text, "  ", "  ")
    else:
        yield from _choice(found.default, look)


def _choice(priced: Priced, look: Look) -> Iterator[str]:
    if priced.refusal is not None:
        yield from look.wrapped(f"PEFT refuses it: {priced.refusal}", "    ", f"  {priced.title}: ")
        return
    cells = "".join(
        f"{short(price.trainable) + f' ({_share(price.share)})':>17}" for price in priced.prices
    )
    title = priced.title
    if len(title) > 27:
        yield f"  {title}"
        title = ""
    yield f"  {title:<27}{cells}"
    for field, value in priced.fields.items():
        text = ", ".join(value) if isinstance(value, list) else str(value)
        yield from look.wrapped(text, "      ", f"    {field}: ")
    if priced.parameters and "target_parameters" not in priced.fields:
        yield f"    PEFT wraps {priced.parameters:,} parameters of fused experts as well"


def _share(share: float) -> str:
    return percent(share) if share >= 1 else f"{100 * share:.2f} %"


def _more(found: Overview, look: Look) -> Iterator[str]:
    yield ""
    yield from look.wrapped(f"the whole tree: loracheck tree {found.model}", "  ", "")
    yield from look.wrapped(f"a first config: loracheck init --model {found.model}", "  ", "")


def _other_lines(found: Overview, look: Look) -> Iterator[str]:
    if not found.lines:
        return
    yield ""
    yield look.title("Other transformers lines")
    for line in found.lines:
        yield from _line(line, look)


def _line(line: Line, look: Look) -> Iterator[str]:
    if not line.more and not line.fewer:
        yield f"  {line.transformers}: the same names"
        return
    yield f"  {line.transformers}: other names"
    for mark, names in (("only there", line.more), ("only here", line.fewer)):
        for name in names[:8]:
            yield from look.wrapped(name, "      ", f"    {mark}: ")
        if len(names) > 8:
            yield f"    {mark}: {len(names) - 8} more"
