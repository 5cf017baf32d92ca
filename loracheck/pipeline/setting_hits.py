"""What the rules say of one setting: how sure it is, and on which of several trees.

In comes a `RuleContext`, out come the rules' hits, softer where the model, its release or a value
is assumed.
"""

from __future__ import annotations

from loracheck.rules import RuleContext, list_rules_for_setting
from loracheck.trees.sources.request import NAMES_ONLY, NO_MODEL, ResolvedTree
from loracheck.type_checking import TYPE_CHECKING

from .alternatives import select_common_hits
from .defaults import describe_defaults, find_certain_context
from .limit_hits import limit_hits
from .names_only import select_names_hits
from .other_methods import select_method_hits
from .silent_rules import build_kind, keep_silent_rules, recall_silent_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.findings import Severity
    from loracheck.options.lint_settings import LintSettings
    from loracheck.rules import Hit, Rule


PART_RULES = frozenset({"LC206"})
"""Rules that say what PEFT refuses of a module that is there, whatever else the model has."""


OPTION_RULE = "LC158"
"""The rule that says of an option that it gives another kind of value than is wanted."""


def find_setting_hits(context: RuleContext, settings: LintSettings) -> Iterator[tuple[Rule, Hit]]:
    """The hits of one setting. What is true of a model, or of values, that are only the file's
    defaults is said one step softer, as others may be given to the run.
    """
    likely = context.setting.taken_for_config
    if likely is not None:
        for rule, hit in _find_certain_hits(context, settings):
            yield rule, _soften(rule, hit, f"`{likely}` is taken for PEFT's LoraConfig")
        return
    certain = find_certain_context(context, model_is_chosen=_is_model_given(settings))
    if certain is context:
        yield from _find_certain_hits(context, settings)
        return
    sure = {(rule.code, hit.at) for rule, hit in _find_certain_hits(certain, settings)}
    hits = list(_find_certain_hits(context, settings))
    refused = {hit.field for rule, hit in hits if rule.code == OPTION_RULE}
    for rule, hit in hits:
        if (rule.code, hit.at) not in sure:
            if hit.field in refused & context.setting.assumed_fields.keys():
                continue  # it only follows from what is said of the option
            hit = _soften(rule, hit, describe_defaults(context, certain, hit.field))
        yield rule, hit


def _soften(rule: Rule, hit: Hit, note: str) -> Hit:
    """The hit one step softer, with the note that says why."""
    severity: Severity = "warning" if (hit.severity or rule.severity) == "error" else "note"
    return hit._replace(severity=severity, notes=(*hit.notes, note))


def _is_model_given(settings: LintSettings) -> bool:
    return settings.model is not None or settings.find_tree is not None


def _find_certain_hits(context: RuleContext, settings: LintSettings) -> Iterator[tuple[Rule, Hit]]:
    """The hits of one setting, for another method than LoRA those that hold for it."""
    if context.setting.method is not None:
        yield from select_method_hits(context.setting, _judge_hits(context, settings))
    else:
        yield from _judge_hits(context, settings)


def _judge_hits(context: RuleContext, settings: LintSettings) -> Iterator[tuple[Rule, Hit]]:
    """The hits of one setting. Where the transformers release lies between two known ones that
    differ for the model, what only one of them says is a note.
    """
    resolved = context.resolved
    if resolved.kind == NAMES_ONLY:
        yield from select_names_hits(
            context,
            list(run_rules(context.with_tree(NO_MODEL), settings)),
            run_rules(context, settings),
        )
        return
    if resolved.alternatives:
        names = [name for name, _ in resolved.alternatives]
        trees = [context.with_tree(tree) for _, tree in resolved.alternatives]
        sides = [list(_judge_hits(one, settings)) for one in trees]
        yield from select_common_hits(names, list(run_rules(context, settings)), sides)
        return
    if resolved.fragment is not None:
        yield from run_rules(context, settings)
        part = context.with_tree(ResolvedTree(resolved.fragment))
        yield from (one for one in run_rules(part, settings) if one[0].code in PART_RULES)
        return
    if resolved.rival is None or resolved.release is None or resolved.tree is None:
        yield from run_rules(context, settings)
        return
    other = context.with_tree(resolved._replace(tree=resolved.rival, rival=None))
    sides = [list(run_rules(context, settings)), list(run_rules(other, settings))]
    places = [{(rule.code, hit.at) for rule, hit in side} for side in sides]
    rivals = (resolved.tree, resolved.rival)
    for side, elsewhere, tree in zip(sides, reversed(places), rivals, strict=True):
        for rule, hit in side:
            if (rule.code, hit.at) not in elsewhere:
                note = f"so on transformers {tree.transformers}, one of the two known releases "
                note += f"that {resolved.release.version} lies between; not so on the other"
                yield rule, hit._replace(severity="note", notes=(*hit.notes, note), fix=None)
            elif tree is resolved.tree:
                yield rule, hit


def run_rules(context: RuleContext, settings: LintSettings) -> Iterator[tuple[Rule, Hit]]:
    """The hits of one setting on the one tree that the context has."""
    kind = build_kind(context, settings.codes)
    silent = recall_silent_rules(kind)
    rules = list_rules_for_setting(context, settings.codes, silent)
    spoke = set[str]()
    for rule in rules:
        hits = limit_hits(rule.check(context))
        if hits:
            spoke.add(rule.code)
            for hit in hits:
                yield rule, hit
    keep_silent_rules(kind, context.tree, rules, spoke)
