"""Keeps plans for the length of a run, as the files of a folder often set the same LoRA up, or one
that differs in its numbers alone.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loracheck.documents.values import Value
    from loracheck.plan.model import Plan
    from loracheck.plan.numbers import SplitConfig, Template
    from loracheck.trees.model import ModuleTree

    Key = tuple[int, str, str | None, bool, str | None]

MAX_PLANS = 1024
"""Plans that are kept, and templates; the oldest goes first, so that memory does not grow with the
files.
"""

_plans: dict[Key, tuple[ModuleTree, Plan | None]] = {}
_templates: dict[Key, tuple[ModuleTree, Template | None]] = {}


def compute_plan(
    values: Mapping[str, Value],
    tree: ModuleTree,
    peft: str | None,
    *,
    excluded_by_tool: bool = False,
    method: str | None = None,
    split: SplitConfig | None = None,
) -> Plan | None:
    """`plan(values, tree, peft=peft)`, computed once for equal values on the same tree, and once
    for values whose plans differ in sizes alone. `split` is `split_numbers(values)` where it is at
    hand.

    Values are equal where they look the same, so 1, 1.0 and True are told apart.
    """
    from loracheck.plan import plan
    from loracheck.plan.numbers import build_template, fill_numbers, split_numbers

    if method is None and (split := split or split_numbers(values)) is not None:
        config, numbers, words = split
        key: Key = (id(tree), words, peft, excluded_by_tool, method)
        template = _templates.get(key)
        # The tree is kept beside what was made of it, so that its id cannot pass to another.
        if template is None:
            _make_room(_templates)
            result = plan(config, tree, peft=peft, excluded_by_tool=excluded_by_tool)
            template = _templates[key] = tree, build_template(result, config, tree)
        if template[1] is not None:
            return fill_numbers(template[1], numbers)
    key = (id(tree), repr(sorted(values.items())), peft, excluded_by_tool, method)
    entry = _plans.get(key)
    if entry is None:
        _make_room(_plans)
        result = plan(values, tree, peft=peft, excluded_by_tool=excluded_by_tool, method=method)
        entry = _plans[key] = tree, result
    return entry[1]


def _make_room(
    entries: dict[Key, tuple[ModuleTree, Plan | None]]
    | dict[Key, tuple[ModuleTree, Template | None]],
) -> None:
    if len(entries) >= MAX_PLANS:
        del entries[next(iter(entries))]
