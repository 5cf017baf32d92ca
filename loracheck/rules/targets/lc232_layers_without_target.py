"""A target name that many layers do not have.

## What
The names of attention layers reach some of the model's layers only, because the others are built in
another way: Mamba or linear-attention layers in hybrid models, layers that share keys and values.
In a diffusion transformer they reach one of its lists of blocks and none of another.

## Why
PEFT is content with a single match and says nothing. On Nemotron-H `q_proj` and its sisters exist
in 4 of 56 layers; a run with them finished and had learned nothing. It may be meant, so it is a
note.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "nvidia/Nemotron-H-56B-Base-8K", "r": 8,
 "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"]}
```

## Fix
Name the projections of the other layers too, if they are to be adapted.

## Source
huggingface/peft issues 3554, 3658 and 3669; huggingface/diffusers pull request 13011.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.linear_layers import find_linear_layers, measure_share
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit
from loracheck.trees.groups import Splitter, group_modules
from loracheck.trees.roles import EITHER
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.plan.model import Plan, WrappedModule
    from loracheck.rules.context import RuleContext
    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree

CODE = "LC232"
NAME = "layers-without-target"
SEVERITY = "note"
ATTENTION_ROLES = frozenset({"q", "k", "v", "qkv"})


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the config, with the layers that each such name reaches."""
    plan_and_tree, value = find_accepted_plan(context), context.value("target_modules")
    layers = context.value("layers_to_transform")
    if (
        plan_and_tree is None
        or not isinstance(value, (list, tuple, set))
        or layers not in (None, [])
    ):
        return
    plan, tree = plan_and_tree
    if tree.library == "diffusers":
        yield from _find_blocks_left_out(context, plan, tree)
        return
    count = dict(tree.extra).get("num_hidden_layers")
    if not isinstance(count, int):
        return
    entries = [e for e in value if isinstance(e, str) and EITHER.get(e) in ATTENTION_ROLES]
    reached = {e: _count_layers_with_entry(e, plan.wrapped) for e in entries}
    few = {e: n for e, n in reached.items() if 0 < n < count and _is_missing(e, tree, count)}
    if few:
        entry = min(few, key=lambda e: few[e])
        yield Hit(
            f"`{entry}` reaches {few[entry]} of {count} layers; the others have no such module",
            context.entry_place("target_modules", entry),
            help="name the projections of the other layers too, if they are to be adapted",
            field="target_modules",
            notes=(
                *(f"`{e}` reaches {n} layers" for e, n in few.items() if e != entry),
                f"LoRA reaches {measure_share(plan, tree)}",
            ),
        )


def _is_missing(entry: str, tree: ModuleTree, count: int) -> bool:
    """Whether some of the layers have no module of the name; where all have one, the config leaves
    it out by another field.
    """
    groups = group_modules(tree, Splitter())
    return _count_layers(g for g in groups if f".{g.template}".endswith(f".{entry}")) < count


def _find_blocks_left_out(context: RuleContext, plan: Plan, tree: ModuleTree) -> Iterator[Hit]:
    """The hit for the longest list of blocks that has attention, and none of it is reached by names
    that stand for all blocks.
    """
    if any("block" in str(entry) for entry in context.value("target_modules")):
        return
    blocks: dict[str, int] = {}
    for group in group_modules(tree, Splitter()):
        stack, star, inner = group.template.partition(".*.")
        if star and "." not in stack and "attn" in inner and group.node.kind == "Linear":
            blocks[stack] = max(blocks.get(stack, 0), group.count)
    reached = {wrapped.group.template.partition(".*.")[0] for wrapped in plan.wrapped}
    unreached = {stack: count for stack, count in blocks.items() if stack not in reached}
    if unreached and blocks.keys() & reached:
        stack = max(unreached, key=lambda name: unreached[name])
        names = sorted(
            {
                _find_name_of_linear_layers(stack, group, tree)
                for group in find_linear_layers(tree)
                if group.template.startswith(f"{stack}.*.") and "attn" in group.template
            }
        )
        yield Hit(
            f"the names reach no layer of `{stack}`, {unreached[stack]} of the "
            f"{sum(blocks.values())} blocks",
            context.place("target_modules"),
            help=f"name the layers of these blocks too: {quote_names(names)}",
            field="target_modules",
            notes=(f"LoRA reaches {measure_share(plan, tree)}",),
        )


def _find_name_of_linear_layers(stack: str, group: Group, tree: ModuleTree) -> str:
    """The name of a layer below its block; with the block, N being its number, where a module that
    PEFT cannot wrap has the shorter one too (`attn.to_out` in the double blocks of FLUX.2).
    """
    name = group.template.partition(".*.")[2].removesuffix(".*")
    others = (g for g in group_modules(tree, Splitter()) if g.node.kind != group.node.kind)
    if any(other.template.endswith(f".{name}") for other in others):
        return f"{stack}.N.{name}"
    return name


def _count_layers_with_entry(entry: str, wrapped: tuple[WrappedModule, ...]) -> int:
    """Layers of the longest list of layers in which the entry is wrapped."""
    return _count_layers(one.group for one in wrapped if entry in one.entries)


def _count_layers(groups: Iterable[Group]) -> int:
    """Layers of the longest list of layers among modules. A layer that is built in another way than
    its sisters is a group by itself, whose name has its number.
    """
    layers_by_list: dict[str, set[int]] = {}
    alone: list[str] = []
    for group in groups:
        if "*" in group.template:
            stack = group.template.partition(".*")[0]
            layers_by_list.setdefault(stack, set()).update(group.indices[0])
        else:
            alone.append(group.template)
    for name in alone:
        for stack, numbers in layers_by_list.items():
            number = name.removeprefix(f"{stack}.").partition(".")[0]
            if name.startswith(f"{stack}.") and number.isdecimal():
                numbers.add(int(number))
    return max(map(len, layers_by_list.values()), default=0)
