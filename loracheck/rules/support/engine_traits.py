"""The traits of the adapter that a config makes, as engines tell them apart: from the fields, the
plan, and the weights and files beside it.
"""

from __future__ import annotations

import re

from loracheck.engines import Trait
from loracheck.lazy_pattern import compile_when_used
from loracheck.trees import quantization
from loracheck.trees.roles import get_component
from loracheck.type_checking import TYPE_CHECKING

from .engine_field_traits import compare_scalings, find_field_traits, list_entries
from .engine_layer_traits import BANK, find_layer_traits
from .engine_weight_traits import find_weight_traits, has_base_embedding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import Plan, WrappedModule
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

TRAITS_OF_MERGING = {
    "raises": "base-unmergeable",
    "rounds": "base-rounded",
    "unpacked": "base-to-unpack",
}
BASE_SAVED = ("embed_tokens", "lm_head")
"""Ends whose base weights PEFT saves too where LoRA is on one (EMBEDDING_LAYER_NAMES in PEFT 0.21.2
`utils/constants.py`).
"""

TOWERS = ("tower", "tower-layers")

_EXPERT = compile_when_used(r"(^|\.)experts\.(\*|\d+)(\.|$)")


def collect_adapter_traits(context: RuleContext) -> list[Trait]:
    """The traits of the adapter that an engine must support, from the config's fields and the
    plan.
    """
    if context.setting.own_lora:
        adapter_format = context.setting.tool.adapter_format if context.setting.tool else None
        return [Trait(adapter_format, "fine_tune_type")] if adapter_format else []
    traits = [*find_field_traits(context), *_collect_module_traits(context)]
    names = context.compute_once(list_adapted_names)
    traits += find_layer_traits(names, find_served_architecture(context), context.tree)
    traits += _find_padded_rank_traits(context, {name.rpartition(".")[2] for name in names})
    kinds = {trait.what for trait in traits}
    pairs = {(trait.what, trait.value) for trait in traits}
    traits += [
        trait
        for trait in find_weight_traits(context)
        if trait.what not in kinds - {"saved"} and (trait.what, trait.value) not in pairs
    ]
    ends = [t for t in traits if t.what in ("embedding", "head") and t.value in BASE_SAVED]
    if has_base_embedding(context) is not False:
        traits += [t._replace(what="base-embedding") for t in ends[:1]]
    if ends and context.tree is not None and context.tree.tied_words:
        traits.append(ends[0]._replace(what="tied-ends"))
        traits += [t._replace(what=f"tied-{t.what}") for t in ends]
    traits += _find_base_traits(context)
    if "rslora" in kinds and kinds & {"experts", "parameters"}:
        traits.append(Trait("rslora-experts", "use_rslora", compare_scalings(context)))
    return traits


def _find_base_traits(context: RuleContext) -> Iterator[Trait]:
    """What a merge makes of a checkpoint whose layers with LoRA are quantised."""
    tree, plan = context.tree, context.plan
    name = quantization.find_quantization_method(tree) if tree is not None else None
    method = quantization.find_method(name) if name is not None else None
    if tree is None or plan is None or method is None or method.merging is None:
        return
    reached = (w.group.name for w in plan.wrapped if w.kind == "linear" and w.parameter is None)
    if any(quantization.is_quantized(one, tree) for one in reached):
        yield Trait(TRAITS_OF_MERGING[method.merging], "base_model_name_or_path", name)


def list_adapted_names(context: RuleContext) -> list[str]:
    """Full names of the modules with LoRA: those of the weights where they are there, else those of
    the plan, else the plain names that the config lists.
    """
    weights = context.weights
    if weights is not None and weights.layers:
        return list(weights.layers)
    if context.plan is not None and context.tree is not None:
        return [
            name
            for wrapped in context.plan.wrapped
            if wrapped.parameter is None
            for name in wrapped.group.names()
        ]
    entries = list_entries(context.value("target_modules"))
    return [name for name in entries if isinstance(name, str) and name.isidentifier()]


def find_served_architecture(context: RuleContext) -> str | None:
    """The class that a server makes of the model: the one that the checkpoint names, where the
    adapter was made on the text class inside of it; None where no tree is known.
    """
    tree = context.tree
    cls = tree.cls.rpartition(".")[2] if tree is not None and tree.cls else None
    if cls is not None and cls.endswith("ForCausalLM"):
        class_tree = context.own_tree
        whole = (
            class_tree.cls.rpartition(".")[2] if class_tree is not None and class_tree.cls else cls
        )
        return whole if whole.endswith("ForConditionalGeneration") else cls
    return cls


def _find_padded_rank_traits(context: RuleContext, leaves: set[str]) -> Iterator[Trait]:
    """A rank that servers with kernels for multiples of 16 pad (8 stays as it is)."""
    rank = context.value("r")
    if len(leaves) > 1 and type(rank) is int and rank > 0 and rank != 8 and rank % 16:
        yield Trait("padded-rank", "r", rank)


def _collect_module_traits(context: RuleContext) -> list[Trait]:
    """The wrapped modules by kind. Without a known model only embeddings and heads can be told, by
    name.
    """
    plan, tree = context.plan, context.tree
    if plan is None or tree is None:
        value = context.value("target_modules")
        names = [n for n in list_entries(value) if isinstance(n, str)]
        ends = {"embed_tokens": "embedding", "lm_head": "head"}
        listed_ends = [Trait(ends[n], "target_modules", n, n) for n in names if n in ends]
        return _collect_weight_traits(context) or listed_ends
    traits: dict[tuple[str, str], Trait] = {}
    for wrapped in plan.wrapped:
        if wrapped.parameter is None:
            what, leaf = _classify_module(wrapped, tree), _get_leaf_name(wrapped.group.template)
            one = traits.get((what, leaf))
            entry = next(iter(wrapped.entries), None)
            count = wrapped.group.count + (one.count if one else 0)
            traits[what, leaf] = Trait(what, "target_modules", leaf, entry, count)
    served = find_served_architecture(context)
    model = [Trait("model", "base_model_name_or_path", served)] if served else []
    return model + _find_conv1d_traits(plan) + _merge_towers_and_experts(list(traits.values()))


def _find_conv1d_traits(plan: Plan) -> list[Trait]:
    """A Conv1D whose weight has two different sides, or else one whose weight is square."""
    traits: dict[bool, Trait] = {}
    for wrapped in plan.wrapped:
        weight = wrapped.group.node.parameter("weight")
        if wrapped.parameter is None and wrapped.group.node.kind == "Conv1D":
            square = weight is not None and len(set(weight.shape)) == 1
            what = "conv1d-square" if square else "conv1d"
            leaf = _get_leaf_name(wrapped.group.template)
            traits.setdefault(square, Trait(what, "target_modules", leaf))
    return [traits[min(traits)]] if traits else []


def _collect_weight_traits(context: RuleContext) -> list[Trait]:
    """The kinds of layers by the weights' own names, for a model that is not known."""
    weights = context.weights
    traits: dict[tuple[str, str], Trait] = {}
    for name, layer in weights.layers.items() if weights is not None else ():
        if BANK.search(name):
            continue
        leaf = _get_leaf_name(re.sub(r"(?<=\.)\d+(?=\.)", "*", name))
        what = "experts" if _EXPERT.search(name) else "module"
        if get_component(name) in ("vision", "audio"):
            what = "tower"
        elif leaf in ("embed_tokens", "lm_head"):
            what = "embedding" if layer.embedding else "head"
        one = traits.get((what, leaf))
        traits[what, leaf] = Trait(what, "target_modules", leaf, leaf, one.count + 1 if one else 1)
    return _merge_towers_and_experts(list(traits.values()))


def _merge_towers_and_experts(traits: list[Trait]) -> list[Trait]:
    """Merges the traits of towers into one, and those of experts, whatever their layers are
    called; what the layers of towers are called follows by itself.
    """
    merged_traits: dict[tuple[str, str], Trait] = {}
    towers = [one._replace(what="tower-module") for one in traits if one.what in TOWERS]
    for trait in [*traits, *towers]:
        merged = trait.what in (*TOWERS, "experts")
        key = (trait.what, "" if merged else str(trait.value))
        one = merged_traits.get(key)
        merged_traits[key] = one._replace(count=one.count + trait.count) if one else trait
    return list(merged_traits.values())


def _classify_module(wrapped: WrappedModule, tree: ModuleTree) -> str:
    group = wrapped.group
    if group.name == tree.input_embeddings:
        return "embedding"
    if group.name == tree.output_embeddings:
        return "head"
    if get_component(group.template) in ("vision", "audio"):
        return "tower-layers" if "layers.*" in group.template else "tower"
    if (group.node.kind or "").startswith("Conv") and group.node.kind != "Conv1D":
        return "convolution"
    return "experts" if _EXPERT.search(group.template) else "module"


def _get_leaf_name(template: str) -> str:
    """The last part of a module's name that is not an index."""
    return next(part for part in reversed(template.split(".")) if part != "*")
