"""The plan of a setting on a tree: what PEFT would do with the keywords that it is given."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .linear_layers import list_linear_leaf_names
from .plan_cache import compute_plan

if TYPE_CHECKING:
    from loracheck.documents.values import Value
    from loracheck.plan.model import Plan
    from loracheck.plan.numbers import SplitConfig
    from loracheck.tools.core.setting import Setting
    from loracheck.trees.model import ModuleTree


def compute_setting_plan(
    setting: Setting,
    values: dict[str, Value],
    tree: ModuleTree,
    peft: str | None,
    split: SplitConfig | None = None,
) -> Plan | None:
    """The plan of LoraConfig's keywords, with "all-linear" as the setting's tool means it; None for
    a tool that chooses its layers itself. `split` is the answer of `split_numbers` where it is at
    hand.
    """
    behaviour = setting.behaviour
    if behaviour.is_held_against_model():
        return None
    if behaviour.lists_linear and values.get("target_modules") == "all-linear":
        excluded = values.get("exclude_modules")
        # A tool that lists the head as well leaves modules out only as it goes through them.
        whole = behaviour.lists_head
        before = excluded if isinstance(excluded, str) and not whole else None
        entries: list[Value] = [*list_linear_leaf_names(tree, before, whole)]
        values, split = {**values, "target_modules": entries}, None
    if behaviour.opened_classes:
        from loracheck.trees.opened_wrappers import open_wrappers

        tree = open_wrappers(tree, behaviour.opened_classes)
    by_tool = setting.tool is not None and "exclude_modules" not in setting.places
    return compute_plan(
        values, tree, peft, excluded_by_tool=by_tool, method=setting.method, split=split
    )
