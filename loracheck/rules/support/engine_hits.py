"""Hits about the engines of `--serve`, for the rules of family LC5."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.rules.types import Hit


def find_serve_hits(
    context: RuleContext, traits: tuple[str, ...], effects: tuple[str, ...] = ()
) -> Iterator[Hit]:
    """A hit for each of the adapter's `traits` that an engine of `--serve` cannot do; with
    `effects`, only where the engine's answer is one of them. Without `--serve` there is none, and
    nothing more is imported.
    """
    if context.serve:
        from .engine_verdicts import find_engine_hits

        yield from find_engine_hits(context, traits, effects)
