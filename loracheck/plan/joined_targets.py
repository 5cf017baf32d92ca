"""Plans of lists of targets, put together out of the plans of their single names.

A thousand adapters of one model choose among a handful of names, in a hundred ways. PEFT asks for
each module whether one of the names is the end of its own, and wraps it by itself; so where no name
changes what another one does, the plan of the list is the plans of the names side by side.
`may_join` says which configs are looked at, `join_templates` gives the template of the list, or
None where one of the names has a plan that tells of more than itself. What it gives is what `plan`
gives (tests/plan/test_joined_targets.py).
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .injection.prepared_targets import CONDENSED_FROM
from .model import EntryMatch, Plan
from .numbers import Template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from loracheck.documents.values import Value

    from .model import WrappedModule

_OTHERS = ("exclude_modules", "layers_to_transform", "layers_pattern", "modules_to_save")
"""Fields that choose modules together with the targets."""

_FIELD = "target_modules"


def may_join(config: Mapping[str, Value], targets: Sequence[str] | None) -> bool:
    """Whether the plan of a config without its numbers may be joined: it has a list of names, none
    of which tells layers apart, and no other field that chooses modules.
    """
    if targets is None or not 1 < len(targets) < CONDENSED_FROM or not all(targets):
        return False
    if any(config.get(name) not in (None, [], "") for name in _OTHERS):  # a layer may be 0
        return False
    if config.get("bias", "none") != "none":
        return False
    return not any(char.isdigit() for target in targets for char in target)


def join_templates(parts: Sequence[tuple[str, Plan | None, Template | None]]) -> Template | None:
    """The template of a list of targets out of each name, its plan and its template."""
    templates = [template for _, _, template in parts if template is not None]
    if not templates:
        return None
    first, rest = templates[0], templates[0].plan.entry_matches[1:]
    wrapped: dict[str, WrappedModule] = {}
    matches: list[EntryMatch] = []
    for target, plan, template in parts:
        if template is None:
            if not _matches_nothing(plan):
                return None
            matches.append(EntryMatch(_FIELD, target, 0, 0))
            continue
        if not _stands_alone(template) or template.plan.entry_matches[1:] != rest:
            return None
        matches.append(template.plan.entry_matches[0])
        for one in template.plan.wrapped:
            known = wrapped.get(one.group.name)
            wrapped[one.group.name] = (
                one if known is None else known._replace(entries=known.entries + one.entries)
            )
    modules = sorted(wrapped.values(), key=lambda one: one.group.position)
    elements = sum(one.parameters * one.group.count for one in modules)
    joined = Plan(
        wrapped=tuple(modules),
        entry_matches=(*matches, *rest),
        trainable=elements if first.trains else 0,
        total=(first.plan.total or 0) - first.elements + elements,
        targeted=sum(one.group.count for one in modules),
    )
    return Template(joined, elements, first.trains)


def _matches_nothing(plan: Plan | None) -> bool:
    """Whether PEFT's one word about a name is that no module has it."""
    error = plan.error if plan is not None else None
    if plan is None or error is None or error.code != "no-target-matches" or plan.warnings:
        return False
    return plan.entry_matches[:1] == (EntryMatch(_FIELD, plan.entry_matches[0].entry, 0, 0),)


def _stands_alone(template: Template) -> bool:
    """Whether what a name wraps has no modules below, and nothing but it is trained."""
    trainable = template.elements if template.trains else 0
    return template.plan.trainable == trainable and not any(
        one.group.node.children for one in template.plan.wrapped
    )
