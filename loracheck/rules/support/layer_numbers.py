"""The numbers that the layers of a model have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.rules.context import RuleContext


def describe_layers(context: RuleContext, number: object) -> str | None:
    """The help for a number that no layer has: which layers there are."""
    count = dict(context.tree.extra).get("num_hidden_layers") if context.tree else None
    if isinstance(number, int) and isinstance(count, int):
        if -count <= number < 0:
            return f"negative numbers do not count from the end; write {count + number}"
        return f"the model has layers 0 to {count - 1}"
    return None
