"""Names with a layer's number in them, such as `model.layers.0.self_attn.q_proj`: what they mean in
a model where nothing has that name. They stand for one layer, and so must what is written instead.
"""

from __future__ import annotations

from itertools import takewhile

from loracheck.trees.groups import Splitter, group_modules
from loracheck.trees.roles import fills_role, find_role
from loracheck.type_checking import TYPE_CHECKING

from .diffusion_names import find_feed_forward
from .module_names import find_counterparts
from .name_typos import is_near_miss

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree


def has_number(name: str) -> bool:
    """Whether a dotted name goes through a number, as that of a layer's module does."""
    return any(part.isdecimal() for part in name.split(".")[:-1])


def find_meant_modules(entry: str, tree: ModuleTree, among: list[Group]) -> list[str]:
    """What an entry of a list of targets is called in this model; empty where nothing is it.
    `among` are the modules that may be suggested.
    """
    feed_forward = find_feed_forward(entry, among)
    if feed_forward is not None:
        return [feed_forward]
    if has_number(entry):
        return find_same_layer(entry, tree, among)
    return find_counterparts(entry, tree, among)


def find_last_layer(entry: str, tree: ModuleTree) -> int | None:
    """The highest number that a name with too high a number of a layer in it may have; None for any
    other name.
    """
    parts = entry.split(".")
    at = next((n for n, part in enumerate(parts[:-1]) if n and part.isdecimal()), None)
    if at is None:
        return None
    block = f".{parts[at - 1]}.*"
    groups = group_modules(tree, Splitter())
    whole = ".".join([block, *parts[at + 1 :]])
    if not any(f".{group.template}".endswith(whole) for group in groups):
        return None
    last = max(_iterate_highest_numbers(parts[at - 1], groups), default=None)
    return last if last is not None and int(parts[at][:9]) > last else None


def _iterate_highest_numbers(parent: str, groups: Sequence[Group]) -> Iterator[int]:
    """The highest number of each run of layers in a list of that name."""
    for group in groups:
        above, _, leaf = group.template.rpartition(".")
        if above.rpartition(".")[2] != parent:
            continue
        if leaf == "*":
            yield group.indices[-1][-1]
        elif leaf.isdecimal():
            yield int(leaf)


def find_same_layer(entry: str, tree: ModuleTree, among: Sequence[Group]) -> list[str]:
    """Full names of the modules that a numbered name stands for: the one of the same end where the
    names begin otherwise (prefixes move between releases and between classes), else those of its
    role in the same block. Empty where that is not certain.

    `among` are the modules that may be suggested.
    """
    parts = entry.split(".")
    whole = _list_most_alike(
        [(path, group) for group in among for path in _align(parts, group.template)]
    )
    if len(whole) == 1:
        return [name for name in whole if tree.find(name) is not None]
    block, leaf = parts[:-1], parts[-1]
    inside = [
        (path, group)
        for group in among
        for path in _align(block, group.template.rpartition(".")[0])
        if _means_same(entry, leaf, group.template)
    ]
    names = [
        f"{name}.{group.template.rpartition('.')[2]}"
        for name, group in _list_modules_of_best_block(inside)
    ]
    return [name for name in names if tree.find(name) is not None][:4]


def _means_same(entry: str, leaf: str, template: str) -> bool:
    role = find_role(entry)
    other = template.rpartition(".")[2]
    return fills_role(find_role(template), role) if role else is_near_miss(leaf, other)


def _align(parts: Sequence[str], template: str) -> Iterator[tuple[int, str]]:
    """How many words a name and a template have in common, and the template's name with the numbers
    of the name, where both end alike from the block of the first number on.
    """
    theirs = template.split(".")
    ends = zip(reversed(parts), reversed(theirs), strict=False)
    alike = (one == other or (other == "*" and one.isdecimal()) for one, other in ends)
    shared = sum(1 for _ in takewhile(bool, alike))
    first = next((at for at, part in enumerate(parts) if part.isdecimal()), None)
    if first is None or len(parts) - shared >= first or "*" in theirs[: len(theirs) - shared]:
        return
    before, rest = theirs[: len(theirs) - shared], parts[len(parts) - shared :]
    likeness = shared + len(set(before) & set(parts[: len(parts) - shared]))
    yield likeness, ".".join([*before, *rest])


def _list_most_alike(alignments: list[tuple[tuple[int, str], Group]]) -> list[str]:
    """The names whose beginnings are most alike."""
    most = max((likeness for (likeness, _), _ in alignments), default=0)
    return list(dict.fromkeys(name for (likeness, name), _ in alignments if likeness == most))


def _list_modules_of_best_block(
    alignments: list[tuple[tuple[int, str], Group]],
) -> list[tuple[str, Group]]:
    """The modules of the one block whose beginning is most alike; none where it is not one."""
    blocks = _list_most_alike(alignments)
    if len(blocks) != 1:
        return []
    return [(name, group) for (_, name), group in alignments if name == blocks[0]]
