"""Keeps plans for the length of a run, as the files of a folder often set the same LoRA up."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loracheck.documents.values import Value
    from loracheck.plan.model import Plan
    from loracheck.trees.model import ModuleTree

MAX_PLANS = 512
"""Plans that are kept; the oldest goes first, so that memory does not grow with the files."""

_plans: dict[tuple[int, str, str | None, bool, str | None], tuple[ModuleTree, Plan | None]] = {}


def compute_plan(
    values: Mapping[str, Value],
    tree: ModuleTree,
    peft: str | None,
    *,
    excluded_by_tool: bool = False,
    method: str | None = None,
) -> Plan | None:
    """`plan(values, tree, peft=peft)`, computed once for equal values on the same tree.

    Values are equal where they look the same, so 1, 1.0 and True are told apart.
    """
    from loracheck.plan import plan

    words = repr(sorted(_unify_dropout_rate(values).items()))
    key = (id(tree), words, peft, excluded_by_tool, method)
    entry = _plans.get(key)
    # The tree is kept beside its plan, so that its id cannot pass to another.
    if entry is None:
        if len(_plans) >= MAX_PLANS:
            del _plans[next(iter(_plans))]
        result = plan(values, tree, peft=peft, excluded_by_tool=excluded_by_tool, method=method)
        entry = _plans[key] = tree, result
    return entry[1]


def _unify_dropout_rate(values: Mapping[str, Value]) -> Mapping[str, Value]:
    """The values with one rate of dropout for all rates between 0 and 1: no plan depends on the
    rate.
    """
    rate = values.get("lora_dropout")
    return {**values, "lora_dropout": 0.5} if type(rate) is float and 0 < rate < 1 else values
