"""An Effect as plain text, 80 columns wide or as wide as the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.explain.file.impact import BROKEN

from . import findings_section, module_table, sizes
from .printable import clean
from .style import Look, look

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.explain.file.impact import Effect

__all__ = ["Look", "look", "render"]


def render(effect: Effect, look: Look) -> str:
    """The whole report of one setting."""
    return "\n".join(_lines(clean(effect), look)).strip("\n")


def _lines(effect: Effect, look: Look) -> Iterator[str]:
    yield from head(effect, look)
    if not effect.judged:
        yield from _block(findings_section.entries(effect, look))
        yield from _block(findings_section.values(effect, look))
        yield from _block(findings_section.names(effect, look))
    elif effect.refusal is not None:
        yield from _block(refusal(effect, look))
        yield from _block(findings_section.entries(effect, look))
        yield from _block(findings_section.values(effect, look))
        yield from _block(findings_section.names(effect, look))
    else:
        yield from _block(sizes.parameters(effect, look))
        yield from _block(module_table.coverage(effect, look))
        yield from _block(module_table.modules(effect, look))
        yield from _block(findings_section.entries(effect, look))
        yield from _block(findings_section.full(effect, look))
        yield from _block(sizes.disk(effect, look))
        yield from _block(sizes.memory(effect, look))
        yield from _block(findings_section.warnings(effect, look))
    yield from _block(findings_section.additions(effect, look))
    yield from _block(findings_section.served(effect, look))
    yield from _block(findings_section.findings(effect, look))


def _block(lines: Iterator[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield from found


def head(effect: Effect, look: Look) -> Iterator[str]:
    """Where the setting stands, which model it is held against."""
    place = f"{effect.path}:{effect.line}"
    yield f"{look.paint.bold(place)} ({effect.dialect})"
    if effect.cls is not None:
        name = f"{effect.model}: " if effect.model else ""
        yield from look.wrapped(f"{name}{effect.cls} ({effect.model_type})", "  ", "")
        yield from look.wrapped(f"tree: {effect.source}; as PEFT {effect.peft} does it", "  ", "")
    if not effect.judged:
        what = "PEFT refuses it" if effect.reason == BROKEN else "not held against a model"
        lines = look.wrapped(f"{what}: {effect.reason}", "  ", "")
        if effect.reason == BROKEN:
            lines[0] = lines[0].replace(what, look.paint.level("error", what), 1)
        yield from lines
        if effect.help:
            yield from look.wrapped(effect.help, "  ", "help: ")


def refusal(effect: Effect, look: Look) -> Iterator[str]:
    """PEFT's error."""
    error = effect.refusal
    if error is None:
        return
    label = look.paint.level("error", "PEFT refuses it")
    at = f" at {error.module}" if error.module else ""
    lines = look.wrapped(f"PEFT refuses it: {error.exception}{at}: {error.message}", "  ", "")
    yield lines[0].replace("PEFT refuses it", label, 1)
    yield from lines[1:]
    if error.field:
        yield f"  the field to blame: {error.field}"
    if error.stage in ("wrapping", "after"):
        yield "  the model is left half changed"
