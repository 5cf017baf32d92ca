"""From the checks of `__post_init__` to issues."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .field_table import get_lora_fields
from .issue import Issue, format_value
from .post_init import CHECKS, find_checks
from .validators import build_type_test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .issue import Effect
    from .post_init import Finding, PostInitCheck
    from .release_values import ReleaseValues


def _index_checks() -> dict[str, list[PostInitCheck]]:
    """The checks by the field that sets them off, which is the first of their tests."""
    checks: dict[str, list[PostInitCheck]] = {}
    for check in CHECKS:
        checks.setdefault(next(iter(check.when)), []).append(check)
    return checks


_CHECKS = _index_checks()

CHECKED = frozenset(_CHECKS)
"""The fields that set a check off."""


def find_post_init_issues(name: str, view: ReleaseValues) -> Iterator[Issue]:
    """What `__post_init__` refuses or warns of once the field differs from its default."""
    reported: set[str] = set()
    for check in _CHECKS.get(name, ()):
        finding = check.finding
        if finding is None or finding.id in reported or not check.speaks(view):
            continue
        if finding.of_right_type and not build_type_test(get_lora_fields()[name].type)(
            view.get(name)
        ):
            continue
        answer = _find_answer(check, finding, view)
        if answer is not None:
            reported.add(finding.id)
            yield make_issue(finding, view, *answer)


def _find_answer(
    check: PostInitCheck, finding: Finding, view: ReleaseValues
) -> tuple[Effect, str] | None:
    """What PEFT does, or None where nothing is to be said: the release does not make the check, or
    does not come to it.
    """
    if check.is_in(view.release):
        if not check.in_chain or check in find_checks(view):
            return finding.effect, finding.outcome or f"LoraConfig raises {check.exception}"
        return finding.when_unchecked
    return finding.when_unchecked if view.release < check.since else None


def make_issue(finding: Finding, view: ReleaseValues, effect: Effect, outcome: str) -> Issue:
    """The issue of a finding, with the config's values in its words."""
    values = {name: format_value(view.get(name)) for name in finding.shown}
    text = finding.text.format(outcome=outcome, **values)
    return Issue(finding.kind, finding.id, (finding.field,), text, finding.help, None, effect)
