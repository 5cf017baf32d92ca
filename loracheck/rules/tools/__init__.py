"""Family LC7, the traps of one fine-tuning tool: keys that it does not know, values that its parser
refuses, settings that it reads otherwise than PEFT. In comes a `RuleContext` whose setting names
the tool; out come `Hit`s in the tool's own keys. Begin with LC701.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.rules.context import RuleContext


def applies(context: RuleContext) -> bool:
    """Whether a tool may have a say: PEFT's own adapter_config.json is read by PEFT alone."""
    return context.setting.form != "adapter_config"
