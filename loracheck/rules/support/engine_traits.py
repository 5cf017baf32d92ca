"""The traits of the adapter that a config makes, as engines tell them apart: from the fields, the
plan, and the weights and files beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from loracheck.documents.model import Unknown
from loracheck.engines import Trait
from loracheck.lazy_pattern import compile_when_used
from loracheck.trees import quantization
from loracheck.trees.roles import get_component

from .engine_layer_traits import BANK, find_layer_traits
from .engine_weight_traits import find_highest_rank, find_weight_traits, has_base_embedding
from .fix_builders import find_plain_value_path
from .scalings import compute_scaling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.values import Value
    from loracheck.plan.model import SavedModule, WrappedModule
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

TRAITS_OF_SWITCHES = {"use_dora": "dora", "lora_bias": "lora-bias"}
TRAITS_OF_VALUES = {
    "trainable_token_indices": "tokens",
    "alora_invocation_tokens": "alora",
    "layer_replication": "replication",
    "use_bdlora": "bdlora",
    "use_qalora": "qalora",
    "alpha_pattern": "alpha-pattern",
    "rank_pattern": "rank-pattern",
    "target_parameters": "parameters",
}
BASE_SAVED = ("embed_tokens", "lm_head")
"""Ends whose base weights PEFT saves too where LoRA is on one (EMBEDDING_LAYER_NAMES in PEFT 0.21.2
`utils/constants.py`).
"""
CHANGES_BASE = ("pissa", "olora", "corda", "loftq")
"""Initialisations that change the base weights (PEFT 0.21.2 `tuners/lora/layer.py`)."""

_LAYER = compile_when_used(r"(^|\.)(layers|h|blocks?|layer)\.\d+\.")
_EXPERT = compile_when_used(r"(^|\.)experts\.(\*|\d+)(\.|$)")


def collect_adapter_traits(context: RuleContext) -> list[Trait]:
    """The traits of the adapter that an engine must support, from the config's fields and the
    plan.
    """
    if context.setting.own_lora:
        own = context.setting.tool.adapter_format if context.setting.tool else None
        return [Trait(own, "fine_tune_type")] if own else []
    found = [*_find_field_traits(context), *_collect_module_traits(context)]
    names = context.compute_once(list_adapted_names)
    found += find_layer_traits(names, find_served_architecture(context), context.tree)
    found += _find_padded_rank_traits(context, {name.rpartition(".")[2] for name in names})
    kinds = {trait.what for trait in found}
    told = {(trait.what, trait.value) for trait in found}
    found += [
        trait
        for trait in find_weight_traits(context)
        if trait.what not in kinds - {"saved"} and (trait.what, trait.value) not in told
    ]
    ends = [t for t in found if t.what in ("embedding", "head") and t.value in BASE_SAVED]
    if has_base_embedding(context) is not False:
        found += [t._replace(what="base-embedding") for t in ends[:1]]
    if ends and context.tree is not None and context.tree.tied_words:
        found.append(ends[0]._replace(what="tied-ends"))
        found += [t._replace(what="tied-head") for t in ends if t.what == "head"][:1]
    found += _find_base_traits(context)
    if "rslora" in kinds and kinds & {"experts", "parameters"}:
        found.append(Trait("rslora-experts", "use_rslora", _compare_scalings(context)))
    return found


def _find_base_traits(context: RuleContext) -> Iterator[Trait]:
    """What a merge makes of a checkpoint whose layers with LoRA are quantised."""
    tree, plan = context.tree, context.plan
    name = quantization.find_quantization_method(tree) if tree is not None else None
    known = quantization.find_method(name) if name is not None else None
    if tree is None or plan is None or known is None or known.merging is None:
        return
    reached = (w.group.name for w in plan.wrapped if w.kind == "linear" and w.parameter is None)
    if any(quantization.is_quantized(one, tree) for one in reached):
        what = "base-unmergeable" if known.merging == "raises" else "base-rounded"
        yield Trait(what, "base_model_name_or_path", name)


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
    listed = _list_entries(context.value("target_modules"))
    return [name for name in listed if isinstance(name, str) and name.isidentifier()]


def find_served_architecture(context: RuleContext) -> str | None:
    """The class that a server makes of the model: the one that the checkpoint names, where the
    adapter was made on the text class inside of it; None where no tree is known.
    """
    tree = context.tree
    cls = tree.cls.rpartition(".")[2] if tree is not None and tree.cls else None
    if cls is not None and cls.endswith("ForCausalLM"):
        own = context.own_tree
        whole = own.cls.rpartition(".")[2] if own is not None and own.cls else cls
        return whole if whole.endswith("ForConditionalGeneration") else cls
    return cls


def _find_padded_rank_traits(context: RuleContext, leaves: set[str]) -> Iterator[Trait]:
    """A rank that servers with kernels for multiples of 16 pad (8 stays as it is)."""
    rank = context.value("r")
    if len(leaves) > 1 and type(rank) is int and rank > 0 and rank != 8 and rank % 16:
        yield Trait("padded-rank", "r", rank)


def _find_field_traits(context: RuleContext) -> Iterator[Trait]:
    yield Trait("peft", "peft_type")
    yield from _rank_trait(context)
    for field, what in TRAITS_OF_SWITCHES.items():
        if context.value(field) is True:
            yield Trait(what, field)
    if context.value("use_rslora") is True:
        yield Trait("rslora", "use_rslora", _compare_scalings(context))
    for field, what in TRAITS_OF_VALUES.items():
        value = context.value(field)
        if value and not isinstance(value, Unknown) and not _changes_no_rank(context, field):
            yield Trait(what, field, entry=_find_first_name(value))
    yield from _find_parameter_traits(context)
    yield from _find_scaling_traits(context)
    if context.value("bias") in ("all", "lora_only"):
        yield Trait("bias", "bias", context.value("bias"))
    init = context.value("init_lora_weights")
    if isinstance(init, str) and init.lower().startswith(CHANGES_BASE):
        yield Trait("init", "init_lora_weights", init)
    targets = context.value("target_modules")
    # A tool that has patterns of its own writes the names that they reached.
    written = (
        context.setting.purpose == "saved"
        or find_plain_value_path(context, "target_modules") is not None
    )
    if isinstance(targets, str) and targets not in ("all-linear", "all") and written:
        yield Trait("regex", "target_modules")
    if isinstance(context.value("layers_to_transform"), (int, list)):
        yield Trait("some-layers", "layers_to_transform", "layers_to_transform")
    yield from _find_saved_traits(context)


def _changes_no_rank(context: RuleContext, field: str) -> bool:
    """Whether `field` is a rank_pattern that gives every layer the config's own rank."""
    plan = context.plan
    if field != "rank_pattern" or plan is None or not plan.wrapped:
        return False
    return {wrapped.rank for wrapped in plan.wrapped} == {context.value("r")}


def _find_parameter_traits(context: RuleContext) -> Iterator[Trait]:
    """One of an expert bank's two parameters without the other."""
    names = {
        str(name).rpartition(".")[2] for name in _list_entries(_get_target_parameters(context))
    }
    both = {"gate_up_proj", "down_proj"}
    if len(names & both) == 1:
        yield Trait("one-parameter", "target_parameters", (names & both).pop())


def _get_target_parameters(context: RuleContext) -> Any:
    return context.value("target_parameters")


def _find_scaling_traits(context: RuleContext) -> Iterator[Trait]:
    """A factor on the update that is not 1, and an alpha with a decimal point."""
    rank, alpha = context.value("r"), context.value("lora_alpha")
    if isinstance(alpha, float) and context.setting.form == "adapter_config":
        yield Trait("float-alpha", "lora_alpha", str(alpha))
    if type(rank) is int and rank > 0 and isinstance(alpha, (int, float)):
        scaling = compute_scaling(alpha, rank, rooted=context.value("use_rslora") is True)
        if scaling is not None and scaling != 1:
            yield Trait("scaling", "lora_alpha", f"{scaling:.4g}")


def _list_entries(listed: Value) -> list[Value]:
    return list(listed) if isinstance(listed, (list, tuple)) else []


def _compare_scalings(context: RuleContext) -> str:
    """The scaling without rsLoRA and with it."""
    rank, alpha = context.value("r"), context.value("lora_alpha")
    if isinstance(rank, int) and rank > 0 and isinstance(alpha, (int, float)):
        plain, rooted = compute_scaling(alpha, rank), compute_scaling(alpha, rank, rooted=True)
        if plain is not None and rooted is not None:
            return f"{plain:.3g} instead of {rooted:.3g}"
    return "weaker by the square root of r"


def _find_first_name(value: Value) -> str | None:
    entry = next(iter(value), None) if isinstance(value, (dict, list, tuple)) else None
    return entry if isinstance(entry, str) else None


def _rank_trait(context: RuleContext) -> Iterator[Trait]:
    """The highest rank that the config sets, with its place."""
    pattern = context.value("rank_pattern")
    ranks: list[tuple[Any, str, str | None]] = [(context.value("r"), "r", None)]
    if isinstance(pattern, dict):
        ranks += [(rank, "rank_pattern", str(key)) for key, rank in pattern.items()]
    known = [row for row in ranks if isinstance(row[0], int) and not isinstance(row[0], bool)]
    if known:
        rank, field, entry = max(known, key=lambda row: row[0])
        yield Trait("rank", field, max(rank, find_highest_rank(context)), entry)


def _find_saved_traits(context: RuleContext) -> Iterator[Trait]:
    """Modules trained in full: those listed, and those that PEFT adds for the task."""
    plan = context.plan
    kinds = (
        {saved.entry: _classify_saved(saved) for saved in plan.saved} if plan is not None else {}
    )
    listed = _list_entries(context.value("modules_to_save"))
    # An engine that reads the config refuses a name of nothing too; a head's other name, which
    # PEFT lists beside it, is told with the head.
    there = any(entry in kinds for entry in listed if isinstance(entry, str))
    for entry in dict.fromkeys(one for one in listed if isinstance(one, str)):
        if entry in kinds or not there:
            yield Trait(kinds.get(entry, "saved"), "modules_to_save", entry, entry)
    for saved in plan.saved if plan is not None else ():
        if saved.automatic and saved.entry not in listed:
            yield Trait(kinds[saved.entry], "task_type", saved.entry)


def _classify_saved(saved: SavedModule) -> str:
    """What an engine that reads the tensors' names tells apart: a norm, a module inside the layers,
    a block of several layers.
    """
    inner = "-inner" if _LAYER.search(saved.name) else ""
    norm = "-norm" if "_layernorm" in saved.name or ".norm" in saved.name else ""
    block = "-block" if saved.group.node.children and not (inner or norm) else ""
    return f"saved{inner}{norm}{block}"


def _collect_module_traits(context: RuleContext) -> list[Trait]:
    """The wrapped modules by kind. Without a known model only embeddings and heads can be told, by
    name.
    """
    plan, tree = context.plan, context.tree
    if plan is None or tree is None:
        listed = context.value("target_modules")
        names = [n for n in _list_entries(listed) if isinstance(n, str)]
        ends = {"embed_tokens": "embedding", "lm_head": "head"}
        listed_ends = [Trait(ends[n], "target_modules", n, n) for n in names if n in ends]
        return _collect_weight_traits(context) or listed_ends
    found: dict[tuple[str, str], Trait] = {}
    for wrapped in plan.wrapped:
        if wrapped.parameter is None:
            what, leaf = _classify_module(wrapped, tree), _get_leaf_name(wrapped.group.template)
            one = found.get((what, leaf))
            entry = next(iter(wrapped.entries), None)
            count = wrapped.group.count + (one.count if one else 0)
            found[what, leaf] = Trait(what, "target_modules", leaf, entry, count)
    served = find_served_architecture(context)
    model = [Trait("model", "base_model_name_or_path", served)] if served else []
    turned = [w for w in plan.wrapped if w.parameter is None and w.group.node.kind == "Conv1D"]
    if turned:
        model.append(Trait("conv1d", "target_modules", _get_leaf_name(turned[0].group.template)))
    return model + _merge_towers_and_experts(list(found.values()))


def _collect_weight_traits(context: RuleContext) -> list[Trait]:
    """The kinds of layers by the weights' own names, for a model that is not known."""
    weights = context.weights
    made: dict[tuple[str, str], Trait] = {}
    for name, layer in weights.layers.items() if weights is not None else ():
        if BANK.search(name):
            continue
        leaf = _get_leaf_name(re.sub(r"(?<=\.)\d+(?=\.)", "*", name))
        what = "experts" if _EXPERT.search(name) else "module"
        if get_component(name) in ("vision", "audio"):
            what = "tower"
        elif leaf in ("embed_tokens", "lm_head"):
            what = "embedding" if layer.embedding else "head"
        one = made.get((what, leaf))
        made[what, leaf] = Trait(what, "target_modules", leaf, leaf, one.count + 1 if one else 1)
    return _merge_towers_and_experts(list(made.values()))


def _merge_towers_and_experts(found: list[Trait]) -> list[Trait]:
    """Merges the traits of towers into one, and those of experts, whatever their layers are
    called.
    """
    made: dict[tuple[str, str], Trait] = {}
    for trait in found:
        merged = trait.what in ("tower", "tower-layers", "experts")
        key = (trait.what, "" if merged else str(trait.value))
        one = made.get(key)
        made[key] = one._replace(count=one.count + trait.count) if one else trait
    return list(made.values())


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
