"""What to write where the targets reach no module of the model."""

from __future__ import annotations

from itertools import islice

from loracheck.rules.support.linear_layers import find_linear_layers
from loracheck.rules.support.module_names import find_counterparts, is_end_of_any
from loracheck.rules.support.numbered_names import find_meant_modules
from loracheck.rules.support.phrases import quote_names
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree


MOST_ENTRIES = 50
"""Entries that are looked into for the help; real lists have some ten."""


def build_target_help(value: object, tree: ModuleTree) -> str:
    """The help for a value of target_modules, which PEFT reads."""
    among = find_linear_layers(tree)
    if isinstance(value, str):
        ends = is_end_of_any(value, among)
        if ends:
            return (
                f"a string is a regular expression for the whole name; write [{value!r}] for a name"
            )
        near = _build_help_for_other_prefix(value, tree)
        if near is not None:
            return near
        leaf = among[0].template.rpartition(".")[2] if among else "name"
        return f"a string must match the whole module name, for example '.*\\.{leaf}'"
    names: list[str] = []
    entries = value if isinstance(value, (list, tuple, set)) else ()
    for entry in islice(entries, MOST_ENTRIES):
        names += [n for n in find_meant_modules(str(entry), tree, among) if n not in names]
    if names:
        return f"in this model use {quote_names(names)}"
    return "use the model's own names, or the string 'all-linear'"


def describe_dead_patterns(patterns: list[str]) -> str:
    """What is wrong with patterns for whole names, as some tools read them."""
    if len(patterns) == 1:
        return f"`{patterns[0]}`, a pattern for whole names here, reaches no module"
    return f"{quote_names(patterns)}, patterns for whole names here, reach no module"


def build_pattern_help(patterns: list[str], tree: ModuleTree) -> str:
    """The help for patterns for whole names."""
    among = find_linear_layers(tree)
    names: list[str] = []
    for leaf in (pattern.rpartition(".")[2].strip("*") for pattern in patterns):
        same = [leaf] if is_end_of_any(leaf, among) else find_counterparts(leaf, tree, among)
        names += [f"*.{name}" for name in same if f"*.{name}" not in names]
    if names:
        return f"write {quote_names(names)}"
    examples = [f"*.{g.template.rpartition('.')[2]}" for g in among[:1]]
    like = f", such as {quote_names(examples)}" if examples else ""
    return f"write patterns of the model's own names{like}, or the string 'all-linear'"


def _build_help_for_other_prefix(pattern: str, tree: ModuleTree) -> str | None:
    """The help where the same pattern with a free beginning would reach linear layers, else None.

    Prefixes move between releases (`model.layers` became `model.language_model.layers`).
    """
    from loracheck.plan.errors import RefusedError
    from loracheck.plan.matching.regexes import compile_pattern

    free = rf".*\.(?:{pattern})"
    try:
        match = compile_pattern(free, "target_modules", whole=True)
        reaches = any(map(match, _names_in(tree)))
    except RefusedError:  # more ways to try than without the free beginning
        return None
    if reaches:
        return f"a string must match the whole module name: write '{free}'"
    for mark in ("layers", "blocks", "block", "encoder", "decoder"):
        before, separator, rest = pattern.partition(mark)
        if not separator:
            continue
        tower = "language_model.*" if "language_model" in before else ""
        free = rf".*{tower}\.{mark}{rest}"
        try:
            match = compile_pattern(free, "target_modules", whole=True)
            hits = [g for g in find_linear_layers(tree) if match(g.name)]
        except RefusedError:
            continue
        if hits:
            return f"the names begin otherwise here: '{free}' reaches `{hits[0].template}`"
    return None


def _names_in(tree: ModuleTree) -> list[str]:
    return [g.name for g in find_linear_layers(tree)]
