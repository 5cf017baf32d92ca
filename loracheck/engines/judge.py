"""`judge`: which traits of an adapter an engine refuses, ignores or computes otherwise;
`find_unchecked`: on which of them its sources were not read.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from loracheck.type_checking import TYPE_CHECKING

from .model import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import Engine, Fact, Modules, Trait


ENDS = ("embedding", "head")
"""Traits of LoRA on the model's two ends."""

LEAVES = ("module", "tower-module")
"""Traits of layers that an engine's list may have, by the last part of their names."""

PARENTS = {
    "saved-norm": ("saved",),
    "saved-inner": ("saved",),
    "saved-inner-norm": ("saved-norm", "saved-inner", "saved"),
    "saved-block": ("saved",),
    "tower-layers": ("tower",),
    "conv1d-square": ("conv1d",),
}
"""Traits that fall under wider ones where an engine has no facts of their own."""

COVERED = {
    "base-embedding": ENDS,
    "module": ("model",),
    "tower": ("tower-module",),
    "tower-layers": ("tower-module",),
    "tokenizer-tokens": ("added-tokens", "new-tokens"),
}
"""Traits of which nothing is to be said where another one is told: what the engine would do with
them does not come to pass.
"""


def judge(
    engine: Engine,
    traits: Iterable[Trait],
    architecture: str | None = None,
    rank: int | None = None,
) -> list[Refusal]:
    """All that `engine` refuses, changes or leaves out, in the order of the traits.

    `architecture` is the model's class name (transformers' own, as `Qwen3ForCausalLM`); without it
    nothing is said that depends on the model. `rank` is the one that the server is started with
    (None: its default, which is told apart as "limited").
    """
    refusals: list[Refusal] = []
    for trait in traits:
        refusals += _find_refusals(engine, trait, architecture, rank)
    told = {refusal.trait.what for refusal in refusals}
    return [one for one in refusals if told.isdisjoint(COVERED.get(one.trait.what, ()))]


def find_unchecked(
    engine: Engine, traits: Iterable[Trait], architecture: str | None = None
) -> list[Trait]:
    """The traits of which nothing is known: no source was read that says whether `engine` takes
    them, for this architecture and release.
    """
    return [trait for trait in traits if not _is_known(engine, trait, architecture)]


def knows(engine: Engine, architecture: str | None) -> bool:
    """Whether it was read what the engine does for this class of models."""
    return bool(_get_status(engine, architecture))


def _is_known(engine: Engine, trait: Trait, architecture: str | None) -> bool:
    if trait.what == "model":
        return knows(engine, architecture)
    if trait.what == "rank" and engine.ranks is not None:
        return True
    if trait.what in ENDS and _tells_ends(engine) and _says_ends(engine, architecture):
        return True
    if trait.what == "module":
        modules = _find_modules(engine, architecture)
        if modules is None:
            return any(fact.what == "module" and fact.effect == "taken" for fact in engine.facts)
        if str(trait.value) in modules.leaves:
            return True
    what = _choose_word(engine, trait)
    return any(_holds_of(fact, what, trait, architecture) is not None for fact in engine.facts)


def _choose_word(engine: Engine, trait: Trait) -> str:
    """The word that the engine's facts have for the trait: its own, or that of a wider one."""
    facts = {fact.what for fact in engine.facts}
    words = (trait.what, *PARENTS.get(trait.what, ()))
    return next((word for word in words if word in facts), trait.what)


def _holds_of(fact: Fact, what: str, trait: Trait, architecture: str | None) -> bool | None:
    """Whether the fact holds of the trait, and so is told; None where it does not speak of it, or
    of this architecture.
    """
    if fact.what != what or _matches(architecture, fact.but):
        return None
    if fact.only and (architecture is None or not _matches(architecture, fact.only)):
        return None
    return fact.effect != "taken" and str(trait.value) not in fact.unless


def _matches(architecture: str | None, patterns: tuple[str, ...]) -> bool:
    """Whether the architecture is one of the patterns; an unknown one may be any of them."""
    if architecture is None:
        return bool(patterns)
    return any(fnmatchcase(architecture, pattern) for pattern in patterns)


def _find_refusals(
    engine: Engine, trait: Trait, architecture: str | None, rank: int | None
) -> Iterator[Refusal]:
    if trait.what == "rank":
        yield from _judge_rank(engine, trait, rank)
        return
    if trait.what in ENDS and _end_taken(engine, trait, architecture):
        return
    if trait.what == "model" and _get_status(engine, architecture) != "none":
        return
    if trait.what in LEAVES and _may_be_taken(engine, trait, architecture):
        return
    what = _choose_word(engine, trait)
    for fact in engine.facts:
        if _holds_of(fact, what, trait, architecture):
            yield _build_refusal(fact, trait)


def _may_be_taken(engine: Engine, trait: Trait, architecture: str | None) -> bool:
    """Whether the layer is on the engine's list, or there is none for this architecture."""
    modules = _find_modules(engine, architecture)
    return modules is None or str(trait.value) in modules.leaves


def _find_modules(engine: Engine, architecture: str | None) -> Modules | None:
    """The list of layers for the architecture; None where it was not read."""
    for modules in engine.modules:
        if modules.only:
            if architecture is not None and _matches(architecture, modules.only):
                return modules
        elif not _matches(architecture, modules.own):
            return modules
    return None


def _build_refusal(fact: Fact, trait: Trait) -> Refusal:
    help_, text = (_fill_words(words, trait) for words in (fact.help, fact.text))
    return Refusal(trait, fact.effect, text, help_, fact.source, fact.since, fact.before, fact.seen)


def _fill_words(words: str, trait: Trait) -> str:
    return words.replace("{value}", str(trait.value))


def _end_taken(engine: Engine, trait: Trait, architecture: str | None) -> bool:
    """Whether the model's class adapts this end; an unknown class is given the benefit, and so is
    one that may hold another (a multimodal model's ends are those of the model inside).
    """
    if not _tells_ends(engine):
        return False
    if not _says_ends(engine, architecture):
        return True
    return str(trait.value) in _get_status(engine, architecture).split()[1:]


def _tells_ends(engine: Engine) -> bool:
    """Whether it depends on the class which ends take LoRA, and the entries tell it."""
    return any(" " in status for status in engine.lora.values())


def _says_ends(engine: Engine, architecture: str | None) -> bool:
    """Whether the entry of the architecture tells all ends that take LoRA."""
    status = _get_status(engine, architecture)
    return status.startswith("lora") and (architecture or "").endswith("ForCausalLM")


def _get_status(engine: Engine, architecture: str | None) -> str:
    """What the engine does for the architecture."""
    if architecture is None:
        return ""
    if architecture in engine.lora:
        return engine.lora[architecture]
    return next((engine.lora[p] for p in engine.lora if fnmatchcase(architecture, p)), "")


def _judge_rank(engine: Engine, trait: Trait, server_rank: int | None) -> Iterator[Refusal]:
    ranks = engine.ranks
    if ranks is None or not isinstance(trait.value, int):
        return
    rank = trait.value
    if server_rank is not None:
        if rank > server_rank:
            yield Refusal(
                trait,
                "refused",
                f"rank {rank} is above the {server_rank} that the server is started with",
                f"lower the rank, or start it with {_format_rank_flag(engine, rank)}",
                ranks.source,
            )
    elif ranks.most is not None and rank > ranks.most:
        yield Refusal(
            trait,
            "refused",
            f"rank {rank} is above {ranks.most}, the most that {ranks.flag} takes",
            f"train with a rank of at most {ranks.most}, or merge the adapter into the model",
            ranks.source,
        )
    elif ranks.default is not None and rank > ranks.default:
        yield Refusal(
            trait,
            "limited",
            f"rank {rank} is above {ranks.default}, which is what it takes by default",
            f"start it with {_format_rank_flag(engine, rank)}",
            ranks.source,
        )


def _format_rank_flag(engine: Engine, rank: int) -> str:
    ranks = engine.ranks
    assert ranks is not None
    step = next((s for s in ranks.steps if s >= rank), rank)
    return f"{ranks.flag} {step}"
