"""Leaves out hits that only follow from a mistake which another rule has named: one cause, one
finding.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loracheck.rules.context import RuleContext
    from loracheck.rules.rule import Rule
    from loracheck.rules.types import Hit

RULES_MISLED_BY_KEY = {
    "target_modules": ("LC2",),
    "task_type": ("LC4",),
    "r": ("LC301", "LC303", "LC713"),
}
"""Fields without which these rules, or whole families of them, judge something else than the file
means.
"""

RULES_MISLED_BY_TYPE = {
    "modules_to_save": ("LC4", "LC220"),
    "layers_to_transform": ("LC201", "LC207"),
}
"""Fields whose wrong type LC102 tells, and the rules that would say what the model makes of it."""

RULE_OF_NONE = "LC722"
"""The rule that tells a text meant as no value: what any other says of that text is beside it."""

RULES_THAT_NAME_TYPOS = frozenset({"LC101", "LC701", "LC702", "LC721"})
"""Rules that name a slip in a key, or a value that the tool itself refuses or loses a part of."""


def suppress_consequences(
    context: RuleContext, hits: Iterable[tuple[Rule, Hit]]
) -> list[tuple[Rule, Hit]]:
    """The hits of one setting without those about a field whose key is misspelt or whose value
    never reaches PEFT.
    """
    every = _remove_effects_of_wrong_types(_remove_words_on_none(list(hits)))
    if not any(rule.code in RULES_THAT_NAME_TYPOS for rule, _ in every):
        return every
    fields = _collect_reported_fields(context, every)
    families = tuple(
        code for field, codes in RULES_MISLED_BY_KEY.items() if field in fields for code in codes
    )
    return [
        (rule, hit)
        for rule, hit in every
        if rule.code in RULES_THAT_NAME_TYPOS
        or not ((hit.field or "").partition(".")[0] in fields or rule.code.startswith(families))
    ]


def _remove_words_on_none(hits: list[tuple[Rule, Hit]]) -> list[tuple[Rule, Hit]]:
    """The hits without the others on a text that is meant as no value."""
    places = [tuple(hit.at) for rule, hit in hits if rule.code == RULE_OF_NONE]
    return [
        (rule, hit)
        for rule, hit in hits
        if rule.code == RULE_OF_NONE
        or not any(tuple(hit.at)[: len(place)] == place for place in places)
    ]


def _remove_effects_of_wrong_types(hits: list[tuple[Rule, Hit]]) -> list[tuple[Rule, Hit]]:
    """The hits without those that only follow from a value of a wrong type."""
    wrong = {
        (hit.field or "").partition(".")[0]
        for rule, hit in hits
        if rule.code == "LC102" and hit.severity != "note"
    }
    misled = [(field, codes) for field, codes in RULES_MISLED_BY_TYPE.items() if field in wrong]
    return [
        (rule, hit)
        for rule, hit in hits
        if not any(
            rule.code.startswith(codes) and (hit.field == field or field in hit.message)
            for field, codes in misled
        )
    ]


def _collect_reported_fields(context: RuleContext, hits: list[tuple[Rule, Hit]]) -> set[str | None]:
    """The fields of LoraConfig whose key or value a rule of RULES_THAT_NAME_TYPOS has reported."""
    setting, fields = context.setting, set[str | None]()
    if any(rule.code == "LC101" for rule, _ in hits):
        suggestions = [
            issue.suggestion for issue in context.issues if issue.kind == "unknown-field"
        ]
        fields |= {name for name in suggestions if name not in setting.fields}
    if setting.tool is not None:
        names = [name for name in setting.suggestions.values() if name not in setting.mapping]
        names += [hit.field or "" for rule, hit in hits if rule.code in ("LC702", "LC721")]
        keys = (setting.tool.key(name) for name in names)
        fields |= {key.field or key.like for key in keys if key is not None}
    return fields - {None}
