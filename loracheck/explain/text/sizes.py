"""Parameters, the saved file, and memory, as text."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .number_format import format_bytes, format_percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.explain.file.impact import Impact
    from loracheck.explain.numbers.memory import Memory

    from .style import TextStyle


def format_parameter_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """How many modules are reached and how many parameters train."""
    share = impact.share
    yield (
        f"LoRA reaches {impact.linear_reached:,} of {impact.linear_layers:,} linear layers; "
        f"PEFT counts {impact.targeted:,} targeted modules"
    )
    if impact.trainable is not None and impact.total and share is not None:
        counts = f"{impact.trainable:,} of {impact.total:,} parameters"
        yield f"trainable: {counts} ({format_percent(share)})"
    if impact.resumed is not None:
        yield f"inference_mode is on; with it off {impact.resumed:,} would train"
    for one in impact.scalings[:6]:
        only = f" for {one.modules:,} modules" if len(impact.scalings) > 1 else ""
        yield f"scaling: {one.formula} = {one.scaling:.4g}{only}"
    if impact.unknown:
        text = f"not known before run time, taken as the default: {', '.join(impact.unknown)}"
        yield from style.wrap(text)


def format_disk_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """What the saved adapter takes."""
    saved = impact.disk
    if saved is None:
        return
    sizes = [f"{format_bytes(count)} as {dtype}" for dtype, count in saved.bytes.items()]
    yield from style.wrap(f"{style.title('Saved adapter')}: {' or '.join(sizes)}", "  ", "")
    parts = [
        (saved.full, "modules trained in full"),
        (saved.tokens, "token rows"),
        (saved.biases, "biases"),
        (saved.embeddings, "base weights of targeted embeddings (save_embedding_layers='auto')"),
    ]
    for count, what in parts:
        if count:
            yield from style.wrap(f"{count:,} of its parameters are {what}", "    ", "  ")


def format_memory_lines(impact: Impact, style: TextStyle) -> Iterator[str]:
    """The estimate with its formulas."""
    memory = impact.memory
    if memory is None:
        return
    state = next((one for one in memory.optimisers if one.chosen), None)
    base = next(one for one in memory.weights if one.chosen)
    rough = f", {format_bytes(memory.total)} with activations" if memory.activations else ""
    yield style.title("Memory to train") + f": {format_bytes(memory.exact)}{rough}"
    yield from _format_part(style, "weights", base.bytes, f"{base.precision}: {base.formula}")
    yield from _format_part(
        style, "adapter", memory.adapter, memory.formulas[0].partition(" = ")[2]
    )
    yield from _format_part(style, "gradients", memory.gradients, "as the adapter")
    if state is not None:
        yield from _format_part(style, "optimiser", state.bytes, f"{state.name}: {state.formula}")
    act = memory.activations
    if act is not None:
        mode = "checkpointed" if act.checkpointing else "all kept"
        least = f"at least {format_bytes(act.least)}, " if act.least < act.bytes else ""
        text = f"{least}{mode}: {act.formula}; measured by {act.source}"
        yield from _format_part(style, "activations", act.bytes, text)
    yield from style.wrap("assumed: " + "; ".join(memory.assumptions), "    ", "  ")
    yield from _format_other_precisions(memory, style)


def _format_part(style: TextStyle, name: str, count: int, how: str) -> Iterator[str]:
    yield from style.wrap(how, " " * 25, f"  {name:<11} {format_bytes(count):>9}  ")


def _format_other_precisions(memory: Memory, style: TextStyle) -> Iterator[str]:
    """The weights at the other precisions."""
    rest = [
        f"{one.precision} {format_bytes(one.bytes)}" for one in memory.weights if not one.chosen
    ]
    yield from style.wrap("weights otherwise: " + ", ".join(rest), "    ", "  ")
