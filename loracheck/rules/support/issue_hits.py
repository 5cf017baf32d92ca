"""Turns the issues of LoraConfig's fields into hits, for the rules of family LC1."""

from __future__ import annotations

from loracheck.rules.support.name_as_regex import is_single_name_regex
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.config.check import Issue
    from loracheck.findings import Fix, Severity
    from loracheck.rules.context import RuleContext


RULES_OF_THEIR_OWN = frozenset(
    {"all-linear-in-list", "invalid-regex", "modules-to-save-empty-name"}
)
"""Issues that LC204, LC205 and LC402 report."""


def build_hits_for_issues(
    context: RuleContext, kind: str, builder: str | None = None
) -> Iterator[Hit]:
    """A hit for every issue of the kind, at the value, or at the key where the key is wrong.
    `builder` names the function of `fix_builders.py` that makes its fix.
    """
    if context.setting.method is not None:
        for issue in context.method_issues:
            if issue.kind == kind and issue.id not in RULES_OF_THEIR_OWN:
                yield _build_method_hit(context, issue)
        return
    issues = [issue for issue in context.issues if issue.kind == kind]
    silent = context.compute_once(_collect_issues_reported_elsewhere) if issues else frozenset()
    for issue in issues:
        if issue.id not in silent:
            hit = build_hit_from_issue(context, issue)
            yield (
                hit if builder is None else hit._replace(fix=_build_fix(context, issue, builder))
            )


def _collect_issues_reported_elsewhere(context: RuleContext) -> frozenset[str]:
    """Ids of issues that follow from another issue, or of which another rule says more."""
    ids = set(RULES_OF_THEIR_OWN)
    if any(issue.id == "list-in-quotes" for issue in context.issues):
        ids |= {"layers-to-transform-with-regex", "layers-pattern-with-regex"}
    if is_single_name_regex(context):
        ids.add("list-in-quotes")  # LC703
    if "axolotl-adapter" in context.setting.traps:
        ids.add("parameters-with-lora-dropout")  # LC705
    if context.plan is not None and context.plan.error is None:  # they match no parameter here
        ids |= {i.id for i in context.issues if i.id.startswith("parameters-with-")}
    if "lora_alpha" not in context.setting.places and any(
        issue.path == ("r",) for issue in context.issues
    ):
        ids |= {"lora-alpha-range", "lora-alpha-type"}  # a tool that makes alpha from the rank
    if context.names_plan is not None:
        ids.add("every-target-excluded")  # LC201
    if any(issue.id == "layers-to-transform-range" for issue in context.issues) and context.plan:
        ids.add("layers-to-transform-range")  # LC207, or LC201 where no layer is left
    return frozenset(ids)


def _build_fix(context: RuleContext, issue: Issue, name: str) -> Fix | None:
    from . import fix_builders

    fix: Fix | None = getattr(fix_builders, name)(context, issue)
    return fix


def build_hit_from_issue(context: RuleContext, issue: Issue) -> Hit:
    """The issue as a hit at its place in the file."""
    name = str(issue.path[0]) if issue.path else ""
    where = context.place(name) + (tuple(issue.path[1:]) if name in context.setting.places else ())
    key = issue.kind == "unknown-field" and name in context.setting.places
    absent = (
        bool(name)
        and context.value(name) is None
        and context.spelling(name) not in context.setting.mapping
    )
    return Hit(
        # A tool hands null on for a key that is not in the file.
        issue.message.replace("is null", "is not set", 1) if absent else issue.message,
        where,
        help=issue.help,
        field=".".join(str(part) for part in issue.path) or None,
        key=key,
        severity=_choose_severity(issue),
    )


def _build_method_hit(context: RuleContext, issue: Issue) -> Hit:
    """The issue of another method's config as a hit at its place."""
    name = str(issue.path[0])
    return Hit(
        issue.message,
        context.place(name),
        help=issue.help,
        field=name,
        key=issue.kind == "unknown-field" and name in context.setting.places,
        severity=_choose_severity(issue),
    )


def _choose_severity(issue: Issue) -> Severity | None:
    """The severity of an issue where it is milder than its rule's: what PEFT only warns of is a
    warning.
    """
    if issue.harmless:
        return "note"
    return "warning" if issue.effect == "warns" else None
