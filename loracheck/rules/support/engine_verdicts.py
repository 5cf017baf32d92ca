"""What the engines of `--serve` refuse or read otherwise of an adapter, for the rules of family
LC5.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from loracheck.documents.model import Unknown
from loracheck.engines import Trait, find_unchecked, judge
from loracheck.rules.types import Hit
from loracheck.trees.roles import component_of

from .fix_builders import path_of_plain_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.engines import Engine, Refusal
    from loracheck.findings import Severity
    from loracheck.plan.model import Wrapped
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

SEVERITIES: dict[str, Severity] = {"refused": "error"}
"""By effect; all others are warnings."""

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

_EXPERT = re.compile(r"(^|\.)experts\.(\*|\d+)(\.|$)")


def find_engine_hits(
    context: RuleContext, whats: tuple[str, ...], effects: tuple[str, ...] = ()
) -> Iterator[Hit]:
    """A hit for each trait of `whats` that an engine of `--serve` cannot do; with `effects`, only
    where its answer is one of them.
    """
    for engine in context.engines:
        for refusal in refusals(context, engine):
            if refusal.trait.what in whats and (not effects or refusal.effect in effects):
                yield _build_hit(context, engine, refusal)


def refusals(context: RuleContext, engine: Engine) -> list[Refusal]:
    """Everything that one engine cannot do of the adapter that the config makes."""
    rank = context.option("LC501", "max-rank", None)
    return judge(
        engine,
        context.compute_once(adapter_traits),
        architecture(context),
        int(rank) if rank is not None else None,
    )


IN_WORDS = {
    "model": "whether it serves this model",
    "rank": "the rank",
    "tower": "the vision or audio part",
    "experts": "experts",
    "rslora-experts": "rsLoRA on experts",
    "mlx": "mlx-lm's weight names",
}
"""What a trait without a name of its own is called where nothing is known of it."""

NAMED = ("module", "embedding", "head", "convolution", "saved")
"""Traits that are called by the module's name."""

CONSEQUENCES = ("peft", "base-embedding")
"""Traits that stand for others in the list, or for every adapter."""


def unchecked_parts(context: RuleContext, engine: Engine) -> tuple[str, ...]:
    """What was not read of an engine for this adapter, in words."""
    traits = [t for t in context.compute_once(adapter_traits) if t.what not in CONSEQUENCES]
    if not context.setting.own_lora and (context.plan is None or context.tree is None):
        traits.append(Trait("modules", "target_modules"))
    if not any(trait.what == "model" for trait in traits):
        traits.append(Trait("model", "base_model_name_or_path"))
    traits.sort(key=lambda trait: trait.what != "model")
    found = find_unchecked(engine, traits, architecture(context))
    return tuple(dict.fromkeys(map(_name_part, found)))


def _name_part(trait: Trait) -> str:
    if trait.what in NAMED:
        return f"`{trait.value}`"
    return IN_WORDS.get(trait.what) or f"`{trait.field}`"


def architecture(context: RuleContext) -> str | None:
    """The model's class name ("LlamaForCausalLM"), None where no tree is known."""
    return context.tree.cls.rpartition(".")[2] if context.tree and context.tree.cls else None


def _build_hit(context: RuleContext, engine: Engine, refusal: Refusal) -> Hit:
    trait = refusal.trait
    at = (
        context.entry_place(trait.field, trait.entry) if trait.entry else context.place(trait.field)
    )
    if trait.what == "model" and context.setting.model_place is not None:
        at = context.setting.model_place
    return Hit(
        f"{engine.label}: {refusal.text}",
        at,
        help=refusal.help,
        field=trait.field,
        notes=tuple(_notes(engine, refusal)),
        severity=SEVERITIES.get(refusal.effect, "warning"),
    )


def _notes(engine: Engine, refusal: Refusal) -> Iterator[str]:
    count = refusal.trait.count
    if count > 1:
        yield f"{count:,} modules are concerned"
    since, before = refusal.since, refusal.before
    if since or before:
        words = [f"since {since}" if since else "", f"no longer in {before}" if before else ""]
        yield f"{engine.title} does so {' and '.join(w for w in words if w)}"
    asked = engine.asked
    if engine.version is None:
        yield f"judged by {engine.state}"
    elif asked and not f"{engine.version}.".startswith(f"{asked.lstrip('v')}."):
        yield f"judged by {engine.version}, the nearest release before {asked} that is known"
    yield f"read in {refusal.source}"
    if refusal.seen:
        yield f"seen in {', '.join(refusal.seen)}"


def adapter_traits(context: RuleContext) -> list[Trait]:
    """The traits of the adapter that an engine must support, from the config's fields and the
    plan.
    """
    if context.setting.own_lora:
        own = context.setting.tool.adapter_format if context.setting.tool else None
        return [Trait(own, "fine_tune_type")] if own else []
    found = [*_field_traits(context), *_module_traits(context)]
    kinds = {trait.what for trait in found}
    ends = [t for t in found if t.what in ("embedding", "head") and t.value in BASE_SAVED]
    found += [t._replace(what="base-embedding") for t in ends[:1]]
    if "rslora" in kinds and kinds & {"experts", "parameters"}:
        found.append(Trait("rslora-experts", "use_rslora", _compare_scalings(context)))
    return found


def _field_traits(context: RuleContext) -> Iterator[Trait]:
    yield Trait("peft", "peft_type")
    yield from _rank_trait(context)
    for field, what in TRAITS_OF_SWITCHES.items():
        if context.value(field) is True:
            yield Trait(what, field)
    if context.value("use_rslora") is True:
        yield Trait("rslora", "use_rslora", _compare_scalings(context))
    for field, what in TRAITS_OF_VALUES.items():
        value = context.value(field)
        if value and not isinstance(value, Unknown):
            yield Trait(what, field, entry=_first_name(value))
    if context.value("bias") in ("all", "lora_only"):
        yield Trait("bias", "bias", context.value("bias"))
    init = context.value("init_lora_weights")
    if isinstance(init, str) and init.lower().startswith(CHANGES_BASE):
        yield Trait("init", "init_lora_weights", init)
    targets = context.value("target_modules")
    # A tool that has patterns of its own writes the names that they reached.
    written = (
        context.setting.purpose == "saved"
        or path_of_plain_value(context, "target_modules") is not None
    )
    if isinstance(targets, str) and targets not in ("all-linear", "all") and written:
        yield Trait("regex", "target_modules")
    if isinstance(context.value("layers_to_transform"), (int, list)):
        yield Trait("some-layers", "layers_to_transform", "layers_to_transform")
    yield from _saved_traits(context)


def _list_entries(listed: Any) -> list[Any]:
    return list(listed) if isinstance(listed, (list, tuple)) else []


def _compare_scalings(context: RuleContext) -> str:
    """The scaling without rsLoRA and with it."""
    rank, alpha = context.value("r"), context.value("lora_alpha")
    if not (isinstance(rank, int) and rank > 0 and isinstance(alpha, (int, float))):
        return "weaker by the square root of r"
    return f"{alpha / rank:.3g} instead of {alpha / rank**0.5:.3g}"


def _first_name(value: Any) -> str | None:
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
        yield Trait("rank", field, rank, entry)


def _saved_traits(context: RuleContext) -> Iterator[Trait]:
    """Modules trained in full: those listed, and those that PEFT adds for the task."""
    listed = context.value("modules_to_save")
    for entry in _list_entries(listed):
        if isinstance(entry, str):
            yield Trait("saved", "modules_to_save", entry, entry)
    for saved in context.plan.saved if context.plan is not None else ():
        if saved.automatic:
            yield Trait("saved", "task_type", saved.entry)


def _module_traits(context: RuleContext) -> list[Trait]:
    """The wrapped modules by kind. Without a known model only embeddings and heads can be told, by
    name.
    """
    plan, tree = context.plan, context.tree
    if plan is None or tree is None:
        listed = context.value("target_modules")
        names = [n for n in _list_entries(listed) if isinstance(n, str)]
        ends = {"embed_tokens": "embedding", "lm_head": "head"}
        return [Trait(ends[n], "target_modules", n, n) for n in names if n in ends]
    found: dict[tuple[str, str], Trait] = {}
    for wrapped in plan.wrapped:
        if wrapped.parameter is None:
            what, leaf = _trait_of_module(wrapped, tree), _leaf_name(wrapped.group.template)
            one = found.get((what, leaf))
            entry = next(iter(wrapped.entries), None)
            count = wrapped.group.count + (one.count if one else 0)
            found[what, leaf] = Trait(what, "target_modules", leaf, entry, count)
    model = [Trait("model", "base_model_name_or_path", tree.cls)] if tree.cls else []
    return model + _merge_towers_and_experts(list(found.values()))


def _merge_towers_and_experts(found: list[Trait]) -> list[Trait]:
    """Merges the traits of towers into one, and those of experts, whatever their layers are
    called.
    """
    made: dict[tuple[str, str], Trait] = {}
    for trait in found:
        key = (trait.what, "" if trait.what in ("tower", "experts") else str(trait.value))
        one = made.get(key)
        made[key] = one._replace(count=one.count + trait.count) if one else trait
    return list(made.values())


def _trait_of_module(wrapped: Wrapped, tree: ModuleTree) -> str:
    group = wrapped.group
    if group.name == tree.input_embeddings:
        return "embedding"
    if group.name == tree.output_embeddings:
        return "head"
    if component_of(group.template) in ("vision", "audio"):
        return "tower"
    if (group.node.kind or "").startswith("Conv") and group.node.kind != "Conv1D":
        return "convolution"
    return "experts" if _EXPERT.search(group.template) else "module"


def _leaf_name(template: str) -> str:
    """The last part of a module's name that is not an index."""
    return next(part for part in reversed(template.split(".")) if part != "*")
