"""Parameters, the saved file, and memory, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .number_format import percent, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.explain.file.impact import Effect
    from loracheck.explain.numbers.memory import Memory

    from .style import Look


def parameters(effect: Effect, look: Look) -> Iterator[str]:
    """How many modules are reached and how many parameters train."""
    share = effect.share
    yield (
        f"LoRA reaches {effect.linear_reached:,} of {effect.linear_layers:,} linear layers; "
        f"PEFT counts {effect.targeted:,} targeted modules"
    )
    if effect.trainable is not None and effect.total and share is not None:
        yield (f"trainable: {effect.trainable:,} of {effect.total:,} parameters ({percent(share)})")
    if effect.resumed is not None:
        yield f"inference_mode is on; with it off {effect.resumed:,} would train"
    for one in effect.scalings[:6]:
        only = f" for {one.modules:,} modules" if len(effect.scalings) > 1 else ""
        yield f"scaling: {one.formula} = {one.scaling:.4g}{only}"
    if effect.unknown:
        text = f"not known before run time, taken as the default: {', '.join(effect.unknown)}"
        yield from look.wrapped(text)


def disk(effect: Effect, look: Look) -> Iterator[str]:
    """What the saved adapter takes."""
    saved = effect.disk
    if saved is None:
        return
    sizes = [f"{size(count)} as {dtype}" for dtype, count in saved.bytes.items()]
    yield look.title("Saved adapter") + f": {' or '.join(sizes)}"
    parts = [
        (saved.full, "modules trained in full"),
        (saved.tokens, "token rows"),
        (saved.biases, "biases"),
        (saved.embeddings, "base weights of targeted embeddings (save_embedding_layers='auto')"),
    ]
    for count, what in parts:
        if count:
            yield from look.wrapped(f"{count:,} of its parameters are {what}", "    ", "  ")


def memory(effect: Effect, look: Look) -> Iterator[str]:
    """The estimate with its formulas."""
    found = effect.memory
    if found is None:
        return
    state = next(one for one in found.optimisers if one.chosen)
    base = next(one for one in found.weights if one.chosen)
    rough = f", {size(found.total)} with rough activations" if found.activations else ""
    yield look.title("Memory to train") + f": {size(found.exact)}{rough}"
    yield from _part(look, "weights", base.bytes, f"{base.precision}: {base.formula}")
    yield from _part(look, "adapter", found.adapter, found.formulas[0].partition(" = ")[2])
    yield from _part(look, "gradients", found.gradients, "as the adapter")
    yield from _part(look, "optimiser", state.bytes, f"{state.name}: {state.formula}")
    act = found.activations
    if act is not None:
        kept = "checkpointed" if act.checkpointing else "all kept"
        text = f"ROUGH, {kept}: {act.formula}; {act.source}"
        yield from _part(look, "activations", act.bytes, text)
    yield from look.wrapped("assumed: " + "; ".join(found.assumptions), "    ", "  ")
    yield from _others(found, look)


def _part(look: Look, name: str, count: int, how: str) -> Iterator[str]:
    yield from look.wrapped(how, " " * 25, f"  {name:<11} {size(count):>9}  ")


def _others(found: Memory, look: Look) -> Iterator[str]:
    """The weights at the other precisions."""
    rest = [f"{one.precision} {size(one.bytes)}" for one in found.weights if not one.chosen]
    yield from look.wrapped("weights otherwise: " + ", ".join(rest), "    ", "  ")
