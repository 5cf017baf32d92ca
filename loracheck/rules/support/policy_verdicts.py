"""What the policies of a file say of one of its settings."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .normal_setting import build_normal_setting

if TYPE_CHECKING:
    from loracheck.policies.model import Violation
    from loracheck.rules.context import RuleContext


class PolicyVerdicts(NamedTuple):
    """The violations of all policies, and why a policy could not be followed to its end."""

    violations: tuple[Violation, ...]
    faults: tuple[str, ...]


def judge_by_policies(context: RuleContext) -> PolicyVerdicts:
    """Hold a setting against each policy."""
    from loracheck.policies.model import UndecidedError
    from loracheck.policies.violations import find_violations

    setting = context.compute_once(build_normal_setting)
    violations: list[Violation] = []
    faults: list[str] = []
    for policy in context.policies:
        try:
            violations += find_violations(policy, setting)
        except UndecidedError as error:
            faults.append(f"{policy.path}: {context.document.path} cannot be judged by it: {error}")
    return PolicyVerdicts(tuple(violations), tuple(faults))
