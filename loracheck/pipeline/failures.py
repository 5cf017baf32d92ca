"""Failures of a run that are no finding: a damaged lock file, a `--model` that cannot be had, a
policy that comes to no end.
"""

from __future__ import annotations

from os.path import dirname

from loracheck.trees.resolve import resolve
from loracheck.trees.sources.lock import DAMAGED_LOCK
from loracheck.trees.sources.request import Request
from loracheck.type_checking import TYPE_CHECKING

POLICY = "LC901"
"""The rule that holds settings against policies; where it does not run no policy is needed."""

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.options.lint_settings import LintSettings
    from loracheck.rules import RuleContext


def find_failures(contexts: Iterable[RuleContext], settings: LintSettings) -> tuple[str, ...]:
    """A line for each lock file that cannot be read, for a model of the settings that cannot be
    had, and for a policy that could not be followed to its end, as far as the settings of one file
    need them.
    """
    return tuple(dict.fromkeys(_describe_failures(contexts, settings)))


def _describe_failures(contexts: Iterable[RuleContext], settings: LintSettings) -> Iterator[str]:
    for context in contexts:
        if context.policies and POLICY in settings.codes:
            from loracheck.rules.support.policy_verdicts import judge_by_policies

            yield from context.compute_once(judge_by_policies).faults
        resolved = context.resolved
        if resolved.tree is not None or context.setting.own_lora:
            continue
        if resolved.kind == DAMAGED_LOCK:
            yield f"{resolved.reason}; {resolved.help}"
        elif settings.model is not None or settings.find_tree is not None:
            # A model that is known, but not with this setting's head, is no slip of the caller's.
            request = Request(
                settings.model or "", beside=dirname(context.setting.document.path) or "."
            )
            find_tree = settings.find_tree
            alone = find_tree(request) if find_tree else resolve(request, settings.trees)
            if alone.tree is None:
                reason = "; ".join(part for part in (alone.reason, alone.help) if part)
                yield f"the model to judge by cannot be had: {reason}"
