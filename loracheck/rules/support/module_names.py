"""Functions on the names of modules: which lies inside which, and what a name means in another
model.
"""

from __future__ import annotations

import re
from itertools import zip_longest

from loracheck.trees.groups import Splitter, group_modules
from loracheck.trees.roles import fills_role, find_role, find_unique_suffix, get_component
from loracheck.type_checking import TYPE_CHECKING

from .diffusion_names import find_feed_forward, is_of_first_layout, names_in_diffusers
from .name_typos import SHORTEST_COMPARED, is_near_miss

if TYPE_CHECKING:
    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree

EMBEDDING_NAMES = frozenset(
    ("embed_tokens", "wte", "word_embeddings", "embed_in", "tok_embeddings", "embeddings", "shared")
)
"""Names of the input embedding in transformers' decoders."""

HEAD_NAMES = frozenset(("lm_head", "embed_out", "output", "output_layer", "lm_heads"))
"""Names of the output head in transformers' decoders."""


_TOWERS = ("vision", "audio")

LIKENESS = 0.75
"""Share of equal letters, as difflib counts it, from which a word may be a slip for another."""


def is_inside(name: str, parent: str) -> bool:
    """Whether a module is `parent` or inside of it."""
    return name == parent or name.startswith(f"{parent}.")


def is_end_of_any(name: str, among: list[Group]) -> bool:
    """Whether a name is the name, or the end of the name, of some module."""
    return any(g.template == name or g.template.endswith("." + name) for g in among)


def has_class(tree: ModuleTree, cls: str) -> bool:
    """Whether some module below the root has the class name or the kind."""
    return any(cls in (g.node.cls, g.node.kind) for g in group_modules(tree, Splitter()))


def find_counterparts(entry: str, tree: ModuleTree, among: list[Group]) -> list[str]:
    """The names under which this model has what `entry` means: by the module's role first, then by
    spelling.

    `among` are the modules that may be suggested. Each name is the shortest suffix that hits only
    modules of its role.
    """
    if is_of_first_layout(entry, tree):
        return names_in_diffusers(entry, tree, among)
    feed_forward = find_feed_forward(entry, among)
    if feed_forward is not None:
        return [feed_forward]
    role = find_role(entry)
    counterparts = [g for g in among if fills_role(find_role(g.template), role)]
    if get_component(entry) not in _TOWERS:
        # A tower has layers of the same roles, which a name of the text model does not mean.
        counterparts = [
            g for g in counterparts if get_component(g.template) not in _TOWERS
        ] or counterparts
    if not counterparts:
        counterparts = _find_similarly_spelled(entry, among, tree.library)
    everything = group_modules(tree, Splitter())
    names: list[str] = []
    for group in counterparts:
        others = [o for o in everything if o.node.kind is not None and _has_other_role(o, group)]
        name = find_unique_suffix(group, others)
        if name not in names:
            names.append(name)
    return names[:4]


def _has_other_role(other: Group, group: Group) -> bool:
    return find_role(other.template) != find_role(group.template)


def _find_similarly_spelled(entry: str, among: list[Group], library: str) -> list[Group]:
    *above, leaf = entry.split(".")
    if leaf.isdecimal():
        # A number inside of a block says nothing of its name: what is in a block of that name.
        parent = next((part for part in reversed(above) if not part.isdecimal()), None)
        return [g for g in among if _is_in_block(g.template.split("."), parent, leaf)]
    leaves = {g.template.rpartition(".")[2]: g for g in among}
    same = [name for name in leaves if name.lower() == leaf.lower().replace("-", "_")]
    similar = same or [name for name in leaves if is_near_miss(leaf, name)]
    if similar:
        return [leaves[name] for name in similar[:2]]
    # A role that no layer here has is not that of a layer of like spelling; and diffusion models
    # have several layouts, in which names of like spelling are other layers.
    apart = find_role(entry) is not None or library != "transformers"
    near = [] if apart else [name for name in leaves if _is_misspelling(leaf, name)]
    return [leaves[name] for name in near[:2]]


def _is_in_block(parts: list[str], block: str | None, number: str) -> bool:
    """Whether a name, in parts, lies in the block and not below another number of it: the second
    layer of a feed-forward is not its first.
    """
    if block not in parts:
        return False
    below = parts[parts.index(block) + 1 :][:1]
    return not (below and below[0].isdecimal() and below[0] != number)


def _is_misspelling(name: str, correct: str) -> bool:
    """Whether two names differ in the letters of one of their words alone, and by few of them: each
    word of a module's name tells what kind of layer it is.
    """
    from difflib import SequenceMatcher

    pairs = list(zip_longest(name.lower().split("_"), correct.lower().split("_"), fillvalue=""))
    others = [(one, other) for one, other in pairs if one != other]
    if len(others) != 1 or min(map(len, others[0])) < SHORTEST_COMPARED - 1:
        return False
    one, other = others[0]
    if re.sub(r"\D", "", one) != re.sub(r"\D", "", other):
        return False
    return SequenceMatcher(None, one, other).ratio() >= LIKENESS
