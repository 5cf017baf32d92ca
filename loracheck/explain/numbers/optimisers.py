"""What an optimiser keeps for the parameters that train.

Sources: torch 2.13.0 optim/ (AdamW: exp_avg and exp_avg_sq; RMSprop: square_avg; Adagrad: sum; SGD
without momentum: nothing); transformers 5.24.0 `optimization.py` (Adafactor without a first moment:
a row and a column of each matrix) and trainer_optimizer.py (which class a name stands for);
bitsandbytes 0.48 optim/ (8 bits: one byte a value and a float32 constant for each block of 256;
Lion one value, AdEMAMix three).
"""

from __future__ import annotations

import re

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.plan.model import Plan

WORD, BLOCK = 4, 256
"""Bytes of a float32, and values that share a constant in 8 bits."""


class OptimiserState(NamedTuple):
    """Bytes of an optimiser's state for all trained parameters; `chosen`: the run's own."""

    name: str
    bytes: int
    formula: str
    chosen: bool


class OptimiserKind(NamedTuple):
    """How many values an optimiser keeps of each parameter, and how wide they are."""

    name: str
    values: int
    packed: bool = False
    """Whether a value takes 8 bits."""
    factored: bool = False
    """Whether a matrix has a row and a column of values only."""


_KINDS = (
    (r"(paged_)?adamw_(bnb_)?8bit|adamw_torch_8bit", "8-bit AdamW", 2, True),
    (r"(paged_)?ademamix_8bit", "8-bit AdEMAMix", 3, True),
    (r"(paged_)?lion_8bit", "8-bit Lion", 1, True),
    (r"rmsprop_bnb_8bit", "8-bit RMSprop", 1, True),
    (r"(paged_)?ademamix(_32bit)?", "AdEMAMix", 3, False),
    (r"(paged_)?lion(_32bit|_pytorch)?", "Lion", 1, False),
    (r"rmsprop(_bnb(_32bit)?)?", "RMSprop", 1, False),
    (r"adagrad", "Adagrad", 1, False),
    (r"sgd", "SGD without momentum", 0, False),
    (r"muon", "Muon", 1, False),
    (r"(paged_)?adamw?(_\w+)?|stable_adamw|(torch\.optim\.)?adamw?", "AdamW", 2, False),
)
"""Names as trainers have them, in lower case, the first that fits counts."""


def find_optimiser(name: str) -> OptimiserKind | None:
    """The kind of optimiser that a trainer's name stands for; None for one that is not known."""
    trainer_name = name.lower().removeprefix("optimizernames.")
    if trainer_name == "adafactor":
        return OptimiserKind("Adafactor", 1, factored=True)
    for pattern, title, values, packed in _KINDS:
        if re.fullmatch(pattern, trainer_name):
            return OptimiserKind(title, values, packed)
    return None


def measure_states(
    plan: Plan, lora: int, full: int, wide: int, optimiser: str
) -> tuple[OptimiserState, ...]:
    """The state of the run's optimiser, and of AdamW in both widths beside it. `lora` parameters of
    LoRA are held in float32, `full` others in `wide` bytes each.
    """
    known_optimiser = find_optimiser(optimiser)
    kinds = [OptimiserKind("AdamW", 2), OptimiserKind("8-bit AdamW", 2, packed=True)]
    if known_optimiser is not None and known_optimiser not in kinds:
        kinds.append(known_optimiser)
    return tuple(_measure(kind, plan, lora, full, wide, kind == known_optimiser) for kind in kinds)


def _measure(
    kind: OptimiserKind, plan: Plan, lora: int, full: int, wide: int, is_chosen: bool
) -> OptimiserState:
    if kind.factored:
        # Adapters are matrices A (rank x in) and B (out x rank): rank + in and out + rank values.
        sides = sum(
            (w.parameters // w.rank + 2 * w.rank) * w.group.count for w in plan.wrapped if w.rank
        )
        formula = "a row and a column of each matrix, in float32"
        return OptimiserState(kind.name, WORD * sides, formula, is_chosen)
    if kind.packed:
        count = lora + full
        size = kind.values * (count + WORD * (count // BLOCK))
        each = _count(kind.values, "byte")
        constants = kind.values * WORD
        formula = f"{each} per trained parameter + {constants} per {BLOCK}"
        return OptimiserState(kind.name, size, formula, is_chosen)
    size = kind.values * (lora * WORD + full * wide)
    formula = f"{_count(kind.values, 'value')} per trained parameter" if kind.values else "none"
    return OptimiserState(kind.name, size, formula, is_chosen)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
