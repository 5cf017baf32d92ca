"""How much GPU memory training takes, in its parts, each with its formula.

Weights, adapter, gradients and optimiser state are counts times bytes and close to what torch
allocates; activations are an estimate of their own (`activations.py`). What is left out: the
CUDA context (about 0.5 GB), fragmentation, temporary buffers of kernels and of dequantisation.
"""

from __future__ import annotations

from loracheck.explain.file.training_run import TrainingRun, read_training_run
from loracheck.named_tuple import NamedTuple
from loracheck.trees import quantization
from loracheck.trees.sources.copies import COPY
from loracheck.type_checking import TYPE_CHECKING

from .activations import Activations, estimate_activations, get_sequence_length
from .base_weights import BaseWeights, choose_precision, estimate_base_weights
from .optimisers import OptimiserState, find_optimiser, measure_states

if TYPE_CHECKING:
    from loracheck.plan.model import Plan
    from loracheck.rules import RuleContext
    from loracheck.trees.model import ModuleTree

FULL, HALF = 4, 2
"""Bytes of one float32 and one bfloat16 value."""


class Memory(NamedTuple):
    """The estimate, all in bytes.

    `weights` are the base model at several precisions, one of them `chosen`; `total` is that one
    with everything else and the chosen optimiser. `exact` is the same without activations.
    `formulas` say how each part comes about, `assumptions` what the file does not tell.
    """

    weights: tuple[BaseWeights, ...]
    adapter: int
    gradients: int
    optimisers: tuple[OptimiserState, ...]
    activations: Activations | None
    exact: int
    total: int
    formulas: tuple[str, ...]
    assumptions: tuple[str, ...]


def estimate_memory(context: RuleContext, tree: ModuleTree, plan: Plan) -> Memory | None:
    """The estimate for a plan that PEFT accepts; None where its counts are not known."""
    if plan.trainable is None:
        return None
    run = read_training_run(context.setting)
    precision = choose_precision(context.setting.quantization, run)
    base = estimate_base_weights(tree, precision)
    full = sum(s.parameters * s.group.count for s in plan.saved if not s.tied)
    lora = max(plan.trainable - full, 0)
    full = plan.trainable - lora
    wide = FULL if precision == "float32" else HALF
    adapter = lora * FULL + full * wide
    states = measure_states(plan, lora, full, wide, run.optimiser)
    quantised = context.setting.quantization is not None
    activations = _find_variant(context) or estimate_activations(
        tree, run, plan, _read_dropout(context), quantised
    )
    act = activations if isinstance(activations, Activations) else None
    why = activations if isinstance(activations, str) else None
    state = next((s.bytes for s in states if s.chosen), 0)
    exact = next(w.bytes for w in base if w.chosen) + 2 * adapter + state
    return Memory(
        weights=base,
        adapter=adapter,
        gradients=adapter,
        optimisers=states,
        activations=act,
        exact=exact,
        total=exact + (act.bytes if act else 0),
        formulas=(*_write_formulas(lora, full, wide), *_write_state(states)),
        assumptions=_list_assumptions(context, tree, run, precision, why),
    )


_VARIANTS = (
    *("use_dora", "use_qalora", "use_bdlora", "alora_invocation_tokens", "velora_config"),
    *("arrow_config", "lora_ga_config", "monteclora_config", "layer_replication"),
)
"""Fields with which a layer of LoRA works otherwise than the measured ones."""


def _find_variant(context: RuleContext) -> str | None:
    """Why activations are not known of a layer that works otherwise."""
    fields = context.setting.fields
    used = next((name for name in _VARIANTS if fields.get(name)), None)
    return f"what a layer with `{used}` keeps was not measured" if used else None


def _read_dropout(context: RuleContext) -> float:
    """The dropout of LoRA; 0 where it is not known."""
    value = context.value("lora_dropout")
    return float(value) if isinstance(value, (int, float)) else 0.0


def _write_formulas(lora: int, full: int, wide: int) -> tuple[str, ...]:
    adapter = f"adapter = {lora:,} x {FULL} bytes (PEFT holds LoRA weights in float32)"
    if full:
        adapter += f" + {full:,} x {wide} bytes (trained in full, in the model's precision)"
    return (adapter, "gradients = as the adapter")


def _write_state(states: tuple[OptimiserState, ...]) -> tuple[str, ...]:
    return tuple(f"optimiser = {one.name}: {one.formula}" for one in states if one.chosen)


def _list_assumptions(
    context: RuleContext,
    tree: ModuleTree,
    run: TrainingRun,
    precision: str,
    without_activations: str | None,
) -> tuple[str, ...]:
    """What the file does not tell and the numbers rest on; without activations they do not rest on
    what is in a batch.
    """
    assumptions: list[str] = []
    if context.setting.quantization is None and "full" not in run.fields_in_file:
        assumptions.append(f"base model loaded in {precision}")
        method = quantization.find_quantization_method(tree)
        if method is not None:
            assumptions[0] += f" (the checkpoint itself, in {method}, takes less)"
        elif COPY in dict(tree.extra):
            assumptions[0] += " (the checkpoint may be stored in fewer bits than the original)"
    batch_assumptions: tuple[tuple[str, str], ...] = (
        ("batch", f"batch {run.batch} per GPU"),
        ("sequence", f"{get_sequence_length(tree, run)} tokens per sequence"),
        ("checkpointing", f"gradient checkpointing {'on' if run.checkpointing else 'off'}"),
    )
    batch_assumptions += (("autocast", "no autocast"),)
    for name, text in (*(() if without_activations else batch_assumptions), ("optimiser", "AdamW")):
        if name not in run.fields_in_file:
            assumptions.append(text)
    if without_activations:
        assumptions.append(f"activations are not known and not counted: {without_activations}")
    else:
        assumptions.append("attention that keeps no scores (sdpa, flash attention), no padding")
    if find_optimiser(run.optimiser) is None:
        assumptions.append(f"what {run.optimiser} keeps is not known and not counted")
    return (*assumptions, "one GPU, nothing offloaded", "CUDA context and buffers not counted")
