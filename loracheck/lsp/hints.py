"""Inlay hints: what each entry reaches, how much of the model trains, the scaling."""

from __future__ import annotations

from loracheck.explain.text.number_format import format_count
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Span
    from loracheck.plan.model import Plan
    from loracheck.rules import RuleContext

    from .analysis import Analysis

FIELDS = ("target_modules", "exclude_modules", "modules_to_save", "target_parameters")
"""Fields whose entries get a hint."""


class Hint(NamedTuple):
    """Words behind a place."""

    span: Span
    """The place; the hint stands behind it."""

    label: str
    tooltip: str


def list_hints(analysis: Analysis) -> list[Hint]:
    """The hints of a text, in its order; none where it could not be read as it is."""
    if not analysis.readable:
        return []
    hints = [
        hint
        for context in analysis.contexts
        if context.document is analysis.document
        for hint in _iterate_hints(context)
    ]
    return sorted(hints, key=lambda hint: hint.span)


def _iterate_hints(context: RuleContext) -> Iterator[Hint]:
    plan = context.plan or context.names_plan
    if plan is None or context.tree is None:
        return
    for field in FIELDS:
        if field in context.setting.places:
            yield from _iterate_entry_hints(context, plan, field)
    if plan.error is None:
        yield from _number_hints(context, plan)


def _iterate_entry_hints(context: RuleContext, plan: Plan, field: str) -> Iterator[Hint]:
    whole = context.place(field)
    for match in plan.list_matches(field):
        place = context.entry_place(field, match.entry)
        value = context.setting.fields.get(field)
        if place == whole and not isinstance(value, str):
            continue
        cls = context.tree.cls if context.tree else ""
        yield Hint(
            context.document.span(place),
            f"{match.effect:,}",
            f"matches {match.matched:,} modules of {cls}, decides for {match.effect:,}",
        )


def _number_hints(context: RuleContext, plan: Plan) -> Iterator[Hint]:
    scalings = sorted({one.scaling for one in plan.wrapped})
    for field in ("lora_alpha", "r"):
        if field in context.setting.places and scalings:
            numbers = ", ".join(f"{value:g}" for value in scalings)
            words = f"scaling {numbers}"
            yield Hint(context.document.span(context.place(field)), words, "the factor on B A x")
            break
    if "target_modules" in context.setting.places and plan.trainable is not None and plan.total:
        span = context.document.span(context.place("target_modules"), key=True)
        share = f"{plan.trainable / plan.total:.2%}"
        yield Hint(
            span,
            f"{format_count(plan.trainable)} train",
            f"{plan.trainable:,} of {plan.total:,} parameters train ({share})",
        )
