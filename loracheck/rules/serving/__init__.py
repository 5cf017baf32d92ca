"""Family LC5, serving: what the engines that `--serve` names refuse of the adapter, or read
otherwise than PEFT. The answers are data of `loracheck.engines`, which
`support/engine_verdicts.py` turns into `Hit`s; each rule picks its kind of answer. Begin with
LC501.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.rules.context import RuleContext


def applies(context: RuleContext) -> bool:
    """Whether there is an engine to hold the adapter against."""
    return bool(context.serve)
