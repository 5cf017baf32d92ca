"""What the engines of `--serve` refuse or read otherwise of an adapter, for the rules of family
LC5.
"""

from __future__ import annotations

from typing import Literal

from loracheck.engines import Trait, find_unchecked, judge
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

from .engine_peft_traits import find_peft_traits
from .engine_traits import collect_adapter_traits, find_served_architecture
from .engine_weight_traits import has_lora_weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.engines import Engine, Refusal
    from loracheck.findings import Severity
    from loracheck.rules.context import RuleContext

Verdict = Literal[
    "takes", "takes with an option", "takes in part", "refuses", "nothing known against"
]
"""takes: every part of the adapter was read in the engine's sources, for this architecture; takes
in part: something is read otherwise than PEFT means it, ignored, or has no code; nothing known
against: nothing speaks against it, and not all of it was read.
"""

SEVERITIES: dict[str, Severity] = {"refused": "error"}
"""By effect; all others are warnings."""


def find_engine_hits(
    context: RuleContext, whats: tuple[str, ...], effects: tuple[str, ...] = ()
) -> Iterator[Hit]:
    """A hit for each trait of `whats` that an engine of `--serve` cannot do; with `effects`, only
    where its answer is one of them.
    """
    for engine in context.engines:
        for refusal in find_refusals(context, engine):
            if refusal.trait.what in whats and (not effects or refusal.effect in effects):
                yield _build_hit(context, engine, refusal)


def find_refusals(context: RuleContext, engine: Engine) -> list[Refusal]:
    """Everything that one engine cannot do of the adapter that the config makes."""
    rank = context.option("LC501", "max-rank", None)
    server = context.setting.behaviour.server
    traits = context.compute_once(collect_adapter_traits)
    if rank is None and server is not None and server.engine == engine.name:
        rank = server.rank
        if server.sets_rank:
            traits = [trait for trait in traits if trait.what != "rank"]
    if engine.name == "peft" and engine.version is not None:
        traits = [*traits, *find_peft_traits(context, engine.version)]
    server_rank = int(rank) if rank is not None else None
    refusals = judge(engine, traits, find_served_architecture(context), server_rank)
    rank_option = (
        server.rank_option if server is not None and server.engine == engine.name else None
    )
    if rank_option is None or engine.ranks is None:
        return refusals
    flag = engine.ranks.flag
    return [
        one._replace(help=one.help.replace(flag, rank_option)) if one.help else one
        for one in refusals
    ]


IN_WORDS = {
    "model": "whether it serves this model",
    "rank": "the rank",
    "tower": "the vision or audio part",
    "tower-layers": "the vision or audio part",
    "rslora-experts": "rsLoRA on experts",
    "inner-names": "names under language_model",
    "text-names": "names of the text class",
    "added-tokens": "added_tokens.json",
    "experts": "experts",
    "chat-template": "the chat template beside it",
    "mlx": "mlx-lm's weight names",
    "named-weights": "an adapter's name in the weights'",
    "pickled": "weights in a pickle",
    "sharded": "weights in several files",
    "unread-weights": "what the weights hold",
}
"""What a trait without a name of its own is called where nothing is known of it."""

NAMED = (
    *("module", "embedding", "head", "convolution", "whole-tensor"),
    *("saved", "saved-norm", "saved-inner", "saved-inner-norm", "saved-block"),
)
"""Traits that are called by the module's name."""

CONSEQUENCES = (
    *("peft", "base-embedding", "part-of-group", "mla", "some-experts", "conv1d", "new-tokens"),
    *(
        "one-parameter",
        "tied-ends",
        "tied-head",
        "tied-embedding",
        "padded-rank",
        "float-alpha",
        "scaling",
    ),
    *("base-unmergeable", "base-rounded", "base-to-unpack", "rotary", "tokenizer-tokens"),
    *("conv1d-square", "tower-module", "other-rows"),
)
"""Traits that stand for others in the list, for every adapter, or for what only some engines
stumble over.
"""


def list_unchecked_parts(context: RuleContext, engine: Engine) -> tuple[str, ...]:
    """What was not read of an engine for this adapter, in words."""
    traits = [t for t in context.compute_once(collect_adapter_traits) if t.what not in CONSEQUENCES]
    has_plan = context.plan is not None and context.tree is not None
    if not (context.setting.own_lora or has_plan or context.compute_once(has_lora_weights)):
        traits.append(Trait("modules", "target_modules"))
    unread = context.weights is not None and context.weights.fault
    if unread or any(trait.what == "pickled" for trait in traits):
        traits.append(Trait("unread-weights", "peft_type"))
    if not any(trait.what == "model" for trait in traits):
        traits.append(Trait("model", "base_model_name_or_path"))
    traits.sort(key=lambda trait: trait.what != "model")
    unchecked = find_unchecked(engine, traits, find_served_architecture(context))
    return tuple(dict.fromkeys(map(_name_part, unchecked)))


def _name_part(trait: Trait) -> str:
    if trait.what in NAMED:
        return f"`{trait.value}`"
    return IN_WORDS.get(trait.what) or f"`{trait.field}`"


def summarize_verdict(refusals: Iterable[Refusal], unchecked: tuple[str, ...]) -> Verdict:
    """What an engine makes of an adapter of which it cannot do these things, and of which these
    parts were not read.
    """
    effects = {refusal.effect for refusal in refusals}
    if "refused" in effects:
        return "refuses"
    if effects - {"limited"}:
        return "takes in part"
    if effects:
        return "takes with an option"
    return "nothing known against" if unchecked else "takes"


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
        notes=tuple(_write_notes(engine, refusal)),
        severity=SEVERITIES.get(refusal.effect, "warning"),
    )


def _write_notes(engine: Engine, refusal: Refusal) -> Iterator[str]:
    count = refusal.trait.count
    if count > 1:
        yield f"{count:,} modules are concerned"
    since, before = refusal.since, refusal.before
    if since or before:
        words = [f"since {since}" if since else "", f"no longer in {before}" if before else ""]
        yield f"{engine.title} does so {' and '.join(w for w in words if w)}"
    requested = engine.requested_version
    if engine.version is None:
        yield f"judged by {engine.state}"
    elif requested and not f"{engine.version}.".startswith(f"{requested.lstrip('v')}."):
        yield f"judged by {engine.version}, the nearest release before {requested} that is known"
    yield f"read in {refusal.source}"
    if refusal.seen:
        yield f"seen in {', '.join(refusal.seen)}"
