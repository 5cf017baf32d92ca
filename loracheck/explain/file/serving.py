"""Which serving engines and converters would take the adapter, and what they make of it."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.rules.support.engine_verdicts import Verdict
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.engines import Engine, Refusal
    from loracheck.rules import RuleContext


_OF_ANY_LIBRARY = ("merge", "peft")
"""What does not depend on the library that built the model; all others serve language models, or
load with transformers.
"""


class Reason(NamedTuple):
    """One thing that the engine does not do as PEFT does.

    `effect` is a word of `loracheck.engines`, `text` a sentence, `help` what to do about it,
    `source` the file that shows it.
    """

    effect: str
    text: str
    help: str
    source: str


class EngineVerdict(NamedTuple):
    """One engine's verdict; `version` is None for an engine of which one state was read.
    `model_known` is False where it was not read whether the engine serves this model at all: then
    the verdict is of the adapter alone. `unchecked` are the parts of the adapter of which nothing
    is known for this engine.
    """

    engine: str
    title: str
    version: str | None
    verdict: Verdict
    reasons: tuple[Reason, ...]
    model_known: bool
    unchecked: tuple[str, ...]


def judge_engines(
    context: RuleContext, engines: tuple[str, ...]
) -> tuple[EngineVerdict, ...] | None:
    """The verdicts of the engines asked for ("vllm", "vllm==0.11"), where there are none of all
    that may be meant for the model: no server of language models for one of diffusers; None where
    nothing is known of the adapter. Raises UnknownEngineError.
    """
    from loracheck.engines import list_engine_names, load, parse_engine
    from loracheck.rules.support.engine_traits import collect_adapter_traits

    if not context.compute_once(collect_adapter_traits):
        return None
    of_diffusers = context.tree is not None and context.tree.library == "diffusers"
    names = _OF_ANY_LIBRARY if of_diffusers else list_engine_names()
    known_engines = tuple(map(parse_engine, engines)) if engines else tuple(map(load, names))
    return tuple(_judge_engine(context, engine) for engine in known_engines)


def _judge_engine(context: RuleContext, engine: Engine) -> EngineVerdict:
    from loracheck.engines import knows
    from loracheck.rules.support.engine_traits import find_served_architecture
    from loracheck.rules.support.engine_verdicts import (
        find_refusals,
        list_unchecked_parts,
        summarize_verdict,
    )

    refusals = find_refusals(context, engine)
    unchecked = list_unchecked_parts(context, engine)
    return EngineVerdict(
        engine.name,
        engine.title,
        engine.version,
        summarize_verdict(refusals, unchecked),
        tuple(_group_reasons(refusals)),
        knows(engine, find_served_architecture(context)),
        unchecked,
    )


def _group_reasons(refusals: list[Refusal]) -> Iterator[Reason]:
    """The reasons, those that are alike for several modules joined into one."""
    alike: dict[tuple[str, ...], list[Refusal]] = {}
    for one in refusals:
        name = str(one.trait.value)
        # The same sentence but for the name in it.
        key = (one.trait.what, one.effect, one.source, one.text.replace(name, ""))
        alike.setdefault(key if isinstance(one.trait.value, str) else (*key, name), []).append(one)
    for first, *more in alike.values():
        others = ", ".join(f"`{one.trait.value}`" for one in more)
        text = f"{first.text}; the same for {others}" if more else first.text
        yield Reason(first.effect, text, first.help, first.source)
