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
    NamePlan = tuple[str, Plan | None, Template | None]

MAX_PLANS = 1024
"""Plans that are kept, and templates; the oldest goes first, so that memory does not grow with the
files.
"""

_plans: dict[Key, tuple[ModuleTree, Plan | None]] = {}
_templates: dict[Key, tuple[ModuleTree, Template | None]] = {}
_names: dict[Key, tuple[ModuleTree, NamePlan]] = {}
"""Plans of single targets; in their keys the last part is the target."""
_counts: dict[Key, int] = {}
"""How many plans were made of configs that differ in their targets alone."""

ALIKE = 8
"""Such plans after which the next ones are joined out of the plans of single names, of which a
model's configs have as many (`python -m bench.many`).
"""


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
            made = _join_targets(split, tree, peft)
            if made is None:
                result = plan(config, tree, peft=peft, excluded_by_tool=excluded_by_tool)
                made = build_template(result, config, tree)
            _make_room(_templates)
            template = _templates[key] = tree, made
        if template[1] is not None:
            return fill_numbers(template[1], numbers)
    key = (id(tree), repr(sorted(values.items())), peft, excluded_by_tool, method)
    entry = _plans.get(key)
    if entry is None:
        _make_room(_plans)
        result = plan(values, tree, peft=peft, excluded_by_tool=excluded_by_tool, method=method)
        entry = _plans[key] = tree, result
    return entry[1]


def _join_targets(split: SplitConfig, tree: ModuleTree, peft: str | None) -> Template | None:
    """The template of a config whose like was met often, joined out of those of its single names;
    None where it is to be made for itself.
    """
    from loracheck.plan.joined_targets import join_templates, may_join

    targets = split.numbers.targets
    if targets is None or not may_join(split.config, targets):
        return None
    rest: dict[str, Value] = {**split.config, "target_modules": None}
    words = repr(sorted(rest.items()))
    key: Key = (id(tree), words, peft, False, None)
    if key not in _counts and len(_counts) >= MAX_PLANS:
        _counts.clear()
    count = _counts[key] = _counts.get(key, 0) + 1
    if count <= ALIKE:
        return None
    return join_templates([_plan_name(name, rest, words, tree, peft) for name in sorted(targets)])


def _plan_name(
    name: str, rest: dict[str, Value], words: str, tree: ModuleTree, peft: str | None
) -> NamePlan:
    """A target, the plan of a config that has no other one, and its template. `words` is what else
    the config has.
    """
    key: Key = (id(tree), words, peft, False, name)
    entry = _names.get(key)
    if entry is None:
        from loracheck.plan import plan
        from loracheck.plan.numbers import build_template

        if len(_names) >= MAX_PLANS:
            _names.clear()
        config: dict[str, Value] = {**rest, "target_modules": [name]}
        result = plan(config, tree, peft=peft)
        entry = _names[key] = tree, (name, result, build_template(result, config, tree))
    return entry[1]


def _make_room(
    entries: dict[Key, tuple[ModuleTree, Plan | None]]
    | dict[Key, tuple[ModuleTree, Template | None]],
) -> None:
    if len(entries) >= MAX_PLANS:
        del entries[next(iter(entries))]
