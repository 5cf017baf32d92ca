"""What each setting of a text does to its model, in one line, and as a page."""

from __future__ import annotations

from loracheck.documents.model import Span
from loracheck.explain.file.assess_setting import assess_setting
from loracheck.explain.html.page import render_html
from loracheck.explain.text.number_format import format_count, format_percent
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.rules import RuleContext

    from .analysis import Analysis


class Effect(NamedTuple):
    """What one setting does; None where a number is not known."""

    span: Span
    """The first line of the setting."""

    words: str
    """All of it in one line."""

    targeted: int | None = None
    """Modules and parameters that get LoRA."""

    trainable: int | None = None
    """Parameters that train, as PEFT's `get_nb_trainable_parameters` counts them."""

    total: int | None = None
    """All parameters of the model with its adapter."""


def list_effects(analysis: Analysis) -> list[Effect]:
    """The effect of each setting that the text itself holds, in its order; none where it could not
    be read as it is.
    """
    if not analysis.readable:
        return []
    contexts = (one for one in analysis.contexts if one.document is analysis.document)
    return [_tell_effect(context) for context in contexts]


def render_page(analysis: Analysis) -> str:
    """The page of `loracheck explain --format html` about the text, without its findings."""
    return render_html([assess_setting(context) for context in analysis.contexts], analysis.path)


def _tell_effect(context: RuleContext) -> Effect:
    line = context.document.span(context.setting.path).line
    span, plan = Span(line, 1, line, 1), context.plan
    if plan is None:
        return Effect(span, f"LoRA, {_explain_unknown_numbers(context)}")
    if plan.error is not None:
        return Effect(span, f"LoRA, PEFT refuses it: {plan.error.exception}", 0)
    words = f"LoRA in {plan.targeted:,} modules"
    if plan.trainable is None or not plan.total:
        return Effect(span, words, plan.targeted)
    share = format_percent(plan.trainable / plan.total)
    words += f", {format_count(plan.trainable)} parameters train ({share})"
    return Effect(span, words, plan.targeted, plan.trainable, plan.total)


def _explain_unknown_numbers(context: RuleContext) -> str:
    """Why there are no numbers, in a few words."""
    if context.setting.model is None:
        return "of no model that is known here"
    if context.tree is None:
        return "of a model that is not known here"
    return "not counted: see its findings, or what the tool says"
