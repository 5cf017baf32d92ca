"""The text of a hover: what is known of the key or value under the pointer, as Markdown."""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields
from loracheck.documents.model import Unknown
from loracheck.explain.field.usage import find_usage
from loracheck.named_tuple import NamedTuple
from loracheck.trees.groups import Splitter, group_modules
from loracheck.type_checking import TYPE_CHECKING

from .cursor import find_spot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.config.field_table import Field
    from loracheck.plan.model import Plan
    from loracheck.rules import RuleContext

    from .analysis import Analysis
    from .cursor import Spot

SHOWN = 6
"""Kinds of modules, or values of real configs, that are named."""


class Hover(NamedTuple):
    """A text about the place from one offset to another."""

    text: str
    start: int
    end: int


def describe_place(analysis: Analysis, offset: int) -> Hover | None:
    """What is known of the field, entry or model at an offset; None where there is nothing."""
    for context in analysis.contexts:
        spot = find_spot(context, offset) if context.document is analysis.document else None
        if spot is None:
            continue
        lines = list(_format_lines(context, spot))
        if lines:
            from loracheck.documents.lines import Lines

            span = context.document.span(spot.path, key=spot.on_key)
            places = Lines(context.document.text)
            start = places.offset(span.line, span.column)
            return Hover("\n\n".join(lines), start, places.offset(span.end_line, span.end_column))
    return None


def _format_lines(context: RuleContext, spot: Spot) -> Iterator[str]:
    if spot.is_model:
        yield from _format_model_lines(context)
        return
    field = get_lora_fields().get(spot.field or "")
    if spot.entry is not None and field is not None:
        yield from _format_entry_lines(context, field, spot.entry)
    elif field is not None:
        yield from _format_field_lines(field, spot.key)
        yield from _format_effect_lines(context, field)
    elif context.setting.tool is not None:
        key = context.setting.tool.key(spot.key)
        if key is not None and key.help:
            yield f"**{spot.key}** ({context.setting.tool.title})"
            yield key.help


def _format_field_lines(field: Field, key: str) -> Iterator[str]:
    name = f"**{key}**" if key == field.name else f"**{key}**: LoraConfig's `{field.name}`"
    yield f"{name}: {field.type.replace('|', ' or ')}, default `{field.default!r}`"
    yield field.help
    if field.choices:
        yield "Values: " + ", ".join(f"`{choice}`" for choice in field.choices)
    if field.typical:
        yield f"Usual: {field.typical.text}"
    usage = find_usage(field.name)
    if usage is not None and usage.values:
        most = ", ".join(f"`{value}` ({count})" for value, count in usage.values[:SHOWN])
        yield f"In {usage.of} public repositories {usage.repositories} set it: {most}"


def _format_effect_lines(context: RuleContext, field: Field) -> Iterator[str]:
    """What the field does here."""
    plan = context.plan
    if plan is None or plan.error is not None:
        return
    if field.name in ("r", "lora_alpha", "use_rslora"):
        scalings = {one.scaling for one in plan.wrapped}
        if scalings:
            yield "Here: scaling " + ", ".join(f"{value:g}" for value in sorted(scalings))
    if field.name in ("r", "target_modules") and plan.trainable is not None and plan.total:
        share = f"{plan.trainable / plan.total:.3%}"
        yield f"Here: {plan.targeted:,} modules, {plan.trainable:,} parameters train ({share})"


def _format_entry_lines(context: RuleContext, field: Field, entry: object) -> Iterator[str]:
    plan = context.plan or context.names_plan
    matches = [] if plan is None else [m for m in plan.list_matches(field.name) if m.entry == entry]
    if plan is None or not matches or context.tree is None:
        return
    match = matches[0]
    modules = "1 module" if match.matched == 1 else f"{match.matched:,} modules"
    decided = "" if match.effect == match.matched else f", and decides for {match.effect:,}"
    yield f"**{entry}** in `{field.name}`: matches {modules} of {context.tree.cls}{decided}"
    kinds = _list_reached_kinds(plan, str(entry))
    if kinds:
        more = f"\n- and {len(kinds) - SHOWN} more" if len(kinds) > SHOWN else ""
        yield "\n".join(f"- `{kind}`" for kind in kinds[:SHOWN]) + more


def _list_reached_kinds(plan: Plan, entry: str) -> list[str]:
    templates = (one.group.template for one in plan.wrapped if entry in map(str, one.entries))
    return list(dict.fromkeys(templates))


def _format_model_lines(context: RuleContext) -> Iterator[str]:
    model = context.setting.model
    name = model.text if isinstance(model, Unknown) else model
    tree = context.tree
    if tree is None:
        yield f"**{name}**: {context.resolved.reason or 'no module tree'}"
        if context.resolved.help:
            yield context.resolved.help
        return
    linear = sum(
        group.count for group in group_modules(tree, Splitter()) if group.node.kind == "Linear"
    )
    yield f"**{name}**: {tree.cls}, {linear:,} linear layers; tree: {context.resolved.source}"
    if context.plan is not None and context.plan.total and context.plan.trainable is not None:
        yield (
            f"{context.plan.total:,} parameters with the adapter, of which "
            f"{context.plan.trainable:,} train"
        )
