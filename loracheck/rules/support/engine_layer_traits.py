"""The traits that the names of the adapted layers have together: incomplete groups, a prefix that
an engine does not know, latent attention, experts adapted in part.
"""

from __future__ import annotations

from collections import defaultdict

from loracheck.engines import Trait
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.trees.model import ModuleTree

GROUPS = (
    ("v_proj", ("q_proj",)),
    ("q_proj", ("k_proj", "v_proj")),
    ("gate_proj", ("up_proj",)),
)
"""Layers that an engine with fused ones needs beside others of the same parent: (needed, where one
of these is adapted).
"""
ROTARY = ("q_proj", "k_proj")
"""Layers whose rows a GGUF file has in another order for Llama and Mistral."""

EXPERT = compile_when_used(r"(?:^|\.)experts\.(?:\*|\d+)\.(\w+)$")
BANK = compile_when_used(r"\.experts(?:\.base_layer)*$")
"""Weights of target_parameters, which PEFT saves under the module that holds the parameters, and
under its `base_layer` for a second one (0.21.2 `tuners/lora/layer.py`, ParamWrapper). Their rank is
the adapter's times the number of experts.
"""
EXPERT_LAYERS = ({"gate_proj", "up_proj", "down_proj"}, {"w1", "w2", "w3"})
PREFIX = compile_when_used(r"((?:\w+\.)*?)layers\.\d+\.")


def find_layer_traits(
    names: Iterable[str], served: str | None, tree: ModuleTree | None
) -> Iterator[Trait]:
    """The traits of full module names; `served` is the class that a server makes of the model."""
    parents: dict[str, set[str]] = defaultdict(set)
    experts: set[str] = set()
    prefixes: dict[str, None] = {}
    for name in names:
        parent, _, leaf = name.rpartition(".")
        expert, prefix = EXPERT.search(name), PREFIX.match(name)
        if expert:
            experts.add(expert[1])
        elif not BANK.search(name):
            parents[parent].add(leaf)
        if prefix:
            prefixes[prefix[1]] = None
    kinds = {frozenset(leaves): parent for parent, leaves in parents.items()}
    yield from _group_traits(kinds, tree)
    rotary = next((leaf for leaf in ROTARY if any(leaf in leaves for leaves in kinds)), None)
    if rotary is not None:
        yield Trait("rotary", "target_modules", rotary, rotary)
    if any("kv_b_proj" in leaves for leaves in kinds):
        yield Trait("mla", "target_modules", "kv_b_proj", "kv_b_proj")
    if any(experts & whole and not whole <= experts for whole in EXPERT_LAYERS):
        yield Trait("some-experts", "target_modules", ", ".join(sorted(experts)))
    for start in prefixes:
        if "language_model." in start:
            yield Trait("inner-names", "target_modules", f"{start}layers")
        if start == "model." and (served or "").endswith("ForConditionalGeneration"):
            yield Trait("text-names", "target_modules", served)


def _group_traits(kinds: dict[frozenset[str], str], tree: ModuleTree | None) -> Iterator[Trait]:
    groups = {}
    for leaves, parent in kinds.items():
        for members, others in GROUPS:
            there = [name for name in others if name in leaves]
            if there and members not in leaves and _is_fused(f"{parent}.{members}", tree):
                entry = there[0]
                value = f"`{entry}` without `{members}`"
                groups[value] = Trait("part-of-group", "target_modules", value, entry)
    yield from groups.values()


def _is_fused(name: str, tree: ModuleTree | None) -> bool:
    """Whether the layers are one in the server. An up_proj stands alone where the model has no
    gate; a query is fused with what its layer does not have, too.
    """
    if not name.endswith("gate_proj"):
        return True
    return tree is not None and tree.find(name) is not None
