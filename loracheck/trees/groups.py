"""Groups: modules of a folded tree that no rule of a given config can tell apart.

A config sees module names through suffixes, regular expressions and layer numbers. Two names that
differ in an index alone are alike to all of them unless a pattern names a digit, compares lengths,
or a list names the number. `Splitter` says which indices must be kept apart; `group_modules` walks
the folded tree once and gives one representative for each group, with its number of modules.
So the cost grows with what differs, not with layers or experts, and the verdict is that of the
expanded tree (the property tests hold both against each other).
"""

from __future__ import annotations

import re
from math import prod

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import ModuleTree, Node

ALL_DIGITS = frozenset("0123456789")


class Splitter(NamedTuple):
    """What tells two indices of a folded run apart.

    `digits`: digits that some pattern can tell from the others. `lengths`: whether the number of
    digits can matter. `numbers`: indices named as integers (layers_to_transform). `every`: all
    indices are kept apart (modules that share parameters across a run).
    """

    digits: frozenset[str] = frozenset()
    lengths: bool = False
    numbers: frozenset[int] = frozenset()
    every: bool = False

    def compute_key(self, index: int) -> tuple[bool, str]:
        """Equal keys: nothing in the config can tell the two indices apart."""
        text = str(index)
        shape = (
            "".join(c if c in self.digits else "#" for c in text)
            if self.lengths or self.digits
            else ""
        )
        return (index in self.numbers, shape)

    def partition(self, indices: list[int]) -> list[tuple[int, ...]]:
        """Partition rising indices, each class rising, classes by their first member."""
        if self.every:
            return [(index,) for index in indices]
        if not (self.digits or self.lengths or self.numbers):
            return [tuple(indices)] if indices else []
        groups: dict[tuple[bool, str], list[int]] = {}
        for index in indices:
            groups.setdefault(self.compute_key(index), []).append(index)
        return [tuple(members) for members in groups.values()]


def make_splitter(
    *, names: Iterable[str] = (), patterns: Iterable[str] = (), numbers: Iterable[int] = ()
) -> Splitter:
    """The coarsest splitter that is still exact.

    `names` are compared literally (as a whole or as a suffix), `patterns` are regular expressions,
    `numbers` are compared with a layer index.
    """
    digits: set[str] = set()
    lengths = False
    for name in names:
        name_digits = ALL_DIGITS.intersection(name)
        digits |= name_digits
        lengths = lengths or bool(name_digits)
    for pattern in patterns:
        lengths = True
        digits |= find_pattern_digits(pattern)
    return Splitter(frozenset(digits), lengths, frozenset(numbers))


_SPLITS_DIGITS = r"\\[1-9]|\(\?P=|\\0|\\[0-7]{3}|\d-|-\d|\(\?\(|\\[xuUN]"
_WHOLE_RANGE = "0-9"


def find_pattern_digits(pattern: str) -> frozenset[str]:
    """Digits that the regular expression might tell from other digits; never too few.

    A digit can only be singled out by standing in the pattern, as an end of a class range, through
    an escape by number, or through a back-reference that compares two digits. The last three are
    answered with all digits.
    """
    text = pattern.replace(_WHOLE_RANGE, "")
    if re.search(_SPLITS_DIGITS, text):
        return ALL_DIGITS
    return ALL_DIGITS.intersection(text)


class Group(NamedTuple):
    """Modules that are alike to the config.

    `name` is the first of them in `named_modules()` order, `template` the name with `*` for every
    folded index, `indices` the members' indices for each `*`, `count` how many modules it stands
    for, and `position` sorts groups by their first member's place in `named_modules()`.
    """

    name: str
    template: str
    indices: tuple[tuple[int, ...], ...]
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody calls here
    node: Node
    position: tuple[int, ...]

    def names(self) -> Iterator[str]:
        """Every member's full name."""
        parts = self.template.split("*")
        yield from _fill(parts[0], parts[1:], self.indices)


def _fill(beginning: str, rest: list[str], indices: tuple[tuple[int, ...], ...]) -> Iterator[str]:
    if not rest:
        yield beginning
        return
    for index in indices[0]:
        yield from _fill(f"{beginning}{index}{rest[0]}", rest[1:], indices[1:])


_KEPT = 32
_known: dict[tuple[int, Splitter], tuple[Node, tuple[Group, ...]]] = {}
"""The groups asked for last; many rules look at one tree in the same way."""


def group_modules(tree: ModuleTree, split: Splitter) -> tuple[Group, ...]:
    """All modules below the root as groups, in `named_modules()` order of their first members."""
    key = (id(tree.root), split)
    cached = _known.get(key)
    # The root is kept beside its groups, so that its id cannot pass to another.
    if cached is None:
        if len(_known) >= _KEPT:
            del _known[next(iter(_known))]
        cached = _known[key] = tree.root, _list_groups(tree.root, split)
    return cached[1]


def _list_groups(root: Node, split: Splitter) -> tuple[Group, ...]:
    groups: list[Group] = []
    _collect(root, "", "", (), (), split, groups)
    return tuple(sorted(groups, key=lambda group: group.position))


def _collect(
    node: Node,
    name: str,
    template: str,
    indices: tuple[tuple[int, ...], ...],
    position: tuple[int, ...],
    split: Splitter,
    groups: list[Group],
) -> None:
    name_dot, template_dot = (f"{name}.", f"{template}.") if name else ("", "")
    numbered = any(child.ranges for child in node.children)
    for place, child in enumerate(node.children):
        if child.ranges:
            parts = [(str(m[0]), "*", (*indices, m), m[0]) for m in split.partition(child.indices)]
        else:
            child_parts = child.name or ""
            parts = [(child_parts, child_parts, indices, int(child_parts) if numbered else place)]
        for child_parts, display_name, inner, order in parts:
            full, shape, where = (
                name_dot + child_parts,
                template_dot + display_name,
                (*position, order),
            )
            groups.append(Group(full, shape, inner, prod(map(len, inner)), child.node, where))
            if child.node.children:
                _collect(child.node, full, shape, inner, where, split, groups)
