"""Family LC9, policies: what a team's own JSON Schemas do not allow. In comes a `RuleContext` with
its policies, out come `Hit`s. Begin with LC901.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.rules.context import RuleContext


def applies(context: RuleContext) -> bool:
    """Whether there is a policy to hold the setting against."""
    return bool(context.policies)
