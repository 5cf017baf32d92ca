"""Plans kept for the length of a run: files of one folder often set the same LoRA up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loracheck.plan.model import Plan
    from loracheck.trees.model import ModuleTree

KEPT = 512
"""Plans that are kept; the oldest goes first, so that memory does not grow with the files."""

_known: dict[tuple[int, str, str | None], tuple[ModuleTree, Plan | None]] = {}


def planned(values: Mapping[str, Any], tree: ModuleTree, peft: str | None) -> Plan | None:
    """`plan(values, tree, peft=peft)`, worked out once for equal values on the same tree.

    Values are equal where they look the same, so 1, 1.0 and True are told apart.
    """
    from loracheck.plan import plan

    key = (id(tree), repr(sorted(_alike(values).items())), peft)
    found = _known.get(key)
    # The tree is kept beside its plan, so that its id cannot pass to another.
    if found is None:
        if len(_known) >= KEPT:
            del _known[next(iter(_known))]
        found = _known[key] = tree, plan(values, tree, peft=peft)
    return found[1]


def _alike(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values without what no plan tells apart: one rate of dropout from another."""
    rate = values.get("lora_dropout")
    return {**values, "lora_dropout": 0.5} if type(rate) is float and 0 < rate < 1 else values
