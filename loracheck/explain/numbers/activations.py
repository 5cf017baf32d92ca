"""What activations take in training: what autograd keeps for the backward pass, from the shapes of
the model's own layers (`layer_activations.py`), and the logits.

Logits of V words take 4 x V bytes for each token that autograd keeps, and about 8 more while the
loss and its gradient are worked out. With gradient checkpointing a layer keeps its input alone, and
one layer at a time is worked out again (Korthikanti et al. 2022, arXiv:2205.05198, section 5).
"""

from __future__ import annotations

import re

from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.trees.groups import Splitter, group_modules
from loracheck.trees.roles import get_component
from loracheck.type_checking import TYPE_CHECKING

from .layer_activations import HEAD, PRECISIONS, LayerCost, compute_layer_cost, count_cast_weights
from .layer_layouts import find_layout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loracheck.explain.file.training_run import TrainingRun
    from loracheck.plan.model import Plan
    from loracheck.trees.model import ModuleTree, Node

LOGIT_BYTES, KEPT_LOGIT_BYTES = 12, 4
"""Bytes for each logit at the peak, and of these what autograd keeps."""

_POSITIONS = compile_when_used(r"(^|\.)(wpe|\w*position\w*)$")
_LAYER = compile_when_used(r"(.*?)\.(\d+)\.(.+)")

SOURCE = "python -m bench.activations (torch's saved-tensor hooks)"


class Activations(NamedTuple):
    """An estimate in bytes, with the figures that go into it: `bytes` at the peak, `least` where
    the precision is not known in full, `kept` what of it autograd keeps, without the passing parts
    of the loss. `rough` is always True.
    """

    bytes: int
    least: int
    kept: int
    batch: int
    sequence: int
    hidden: int
    layers: int
    vocabulary: int
    checkpointing: bool
    formula: str
    source: str = SOURCE
    rough: bool = True


class _Sums(NamedTuple):
    """Bytes for each token: `layers` all layers, `inputs` the inputs of all of them, `largest` the
    layer that takes most, `end` what stands behind the layers; `fixed` is no matter of tokens.
    """

    layers: float
    inputs: float
    largest: float
    end: float
    fixed: int


def estimate_activations(
    tree: ModuleTree, run: TrainingRun, plan: Plan, dropout: float, quantised: bool = False
) -> Activations | str:
    """The estimate from the tree's own shapes, or why there is none. Of a quantised model it is not
    known whether its layers pass on 16 or 32 bits.
    """
    stack = _find_stack(tree)
    if stack is None:
        return "the model has not one stack of layers"
    if run.eager:
        return "what eager attention keeps depends on the number of heads"
    widths = ["bfloat16", "float32"] if quantised else ["float32" if run.full else "bfloat16"]
    estimates = [_sum(tree, stack, plan, width, run, dropout) for width in widths]
    sums = [one for one in estimates if one is not None]
    if len(sums) < len(estimates):
        return f"what a {stack.layers[0][1].class_name} keeps was not measured"
    sequence = get_sequence_length(tree, run)
    words = _count_words(tree)
    tokens = run.batch * sequence
    autograd = [
        _compute_total(one, tokens, words * KEPT_LOGIT_BYTES, run.checkpointing) for one in sums
    ]
    peak = [_compute_total(one, tokens, words * LOGIT_BYTES, run.checkpointing) for one in sums]
    return Activations(
        peak[-1],
        peak[0],
        autograd[-1],
        run.batch,
        sequence,
        stack.hidden,
        len(stack.layers),
        words,
        run.checkpointing,
        _write_formula(sums[-1], run.batch, sequence, len(stack.layers), words, run.checkpointing),
    )


def _compute_total(sums: _Sums, tokens: int, logits: int, checkpointing: bool) -> int:
    if not checkpointing:
        return round(tokens * (sums.layers + sums.end + logits)) + sums.fixed
    return round(tokens * (sums.inputs + max(sums.largest, sums.end + logits))) + sums.fixed


def _write_formula(
    sums: _Sums, batch: int, sequence: int, layers: int, words: int, checkpointing: bool
) -> str:
    tokens = f"{batch} x {sequence} tokens"
    logits = f"{LOGIT_BYTES} x {words} words" if words else ""
    if checkpointing:
        more = f"the larger of {sums.largest:,.0f} in one layer" + (
            f" and {logits}" if logits else ""
        )
        text = f"{tokens} x ({sums.inputs:,.0f} bytes of {layers} layers' inputs + {more})"
    else:
        text = f"{tokens} x ({sums.layers:,.0f} bytes in {layers} layers"
        text += f" + {logits})" if logits else ")"
    return text + (f" + {sums.fixed:,} of copied weights" if sums.fixed else "")


class _Stack(NamedTuple):
    """The one list of layers of a model."""

    name: str
    layers: list[tuple[int, Node]]
    hidden: int


def _find_stack(tree: ModuleTree) -> _Stack | None:
    """The model's list of layers; None where it has none or several."""
    stacks = [
        (module.name, module.node)
        for module in tree.modules()
        if module.node.kind == "ModuleList" and not re.search(r"\.\d+\.", module.name)
    ]
    if len(stacks) != 1:
        return None
    name, node = stacks[0]
    layers = [(number, child.node) for child in node.children for number in child.indices]
    layers += [(int(c.name), c.node) for c in node.children if c.name and c.name.isdecimal()]
    embedding = tree.find(tree.input_embeddings) if tree.input_embeddings else None
    weight = embedding.parameter("weight") if embedding else None
    if not layers or weight is None or len(weight.shape) != 2:
        return None
    return _Stack(name, sorted(layers, key=lambda one: one[0]), weight.shape[1])


def _sum(
    tree: ModuleTree, stack: _Stack, plan: Plan, width: str, run: TrainingRun, dropout: float
) -> _Sums | None:
    """The sums of a model; None where a part of it was not measured."""
    autocast = bool(run.autocast)
    precision = PRECISIONS[width, autocast]
    ranks = _group_ranks_by_layer(stack, plan)
    if ranks is None:
        return None
    costs: dict[int, LayerCost] = {}
    costs_by_layer: dict[tuple[int, tuple[tuple[str, int], ...]], LayerCost | None] = {}
    for number, node in stack.layers:
        layer_ranks = ranks.get(number, {})
        key = (id(node), tuple(layer_ranks.items()))
        if key not in costs_by_layer:
            costs_by_layer[key] = compute_layer_cost(
                node, layer_ranks, precision, dropout > 0, autocast
            )
        cost = costs_by_layer[key]
        if cost is None:
            return None
        costs[number] = cost
    first = min(ranks, default=None)
    if first is None:
        return None
    running = [number for number in costs if number >= first]
    again = run.checkpointing
    end = _compute_end_cost(tree, 4 if autocast else precision.stream)
    layout = find_layout(stack.layers[0][1])
    if layout is not None and layout.rotates:
        end += 2 * HEAD * precision.result  # cosines and sines, for all layers
    return _Sums(
        sum(costs[number].total(number == first) for number in running),
        len(costs) * precision.stream * stack.hidden,
        max(cost.total(False) for cost in costs.values()),
        end,
        2 * _count_cast(tree, stack, costs, first, again) if width == "float32" and autocast else 0,
    )


def _group_ranks_by_layer(stack: _Stack, plan: Plan) -> dict[int, dict[str, int]] | None:
    """Layer -> module of it -> rank; None where something is trained that was not measured."""
    ranks: dict[int, dict[str, int]] = {}
    for one in plan.wrapped:
        for name in one.names():
            at = _LAYER.fullmatch(name)
            if one.parameter is None and at is None and "pooler." in name:
                continue  # it works on one token of each sequence
            if one.parameter is not None or at is None or at[1] != stack.name:
                return None
            ranks.setdefault(int(at[2]), {})[at[3]] = one.rank
    inside = [saved for saved in plan.saved if _LAYER.fullmatch(saved.group.name)]
    return None if inside else ranks


def _compute_end_cost(tree: ModuleTree, stream: int) -> float:
    """The norm behind the layers."""
    names = ("model.norm", "norm", "transformer.ln_f", "ln_f")
    node = next((candidate for name in names if (candidate := tree.find(name)) is not None), None)
    weight = node.parameter("weight") if node else None
    if node is None or weight is None:
        return 0
    return weight.size * (stream if node.class_name == "LayerNorm" else 4)


def _count_cast(
    tree: ModuleTree, stack: _Stack, costs: Mapping[int, LayerCost], first: int, again: bool
) -> int:
    """Weights that autocast copies to 16 bits and autograd keeps: of frozen layers alone, which
    autocast does not keep itself.
    """
    head = tree.find(tree.output_embeddings) if tree.output_embeddings else None
    weight = head.parameter("weight") if head else None
    total = weight.size if weight else 0
    for number, node in stack.layers:
        if again:
            return total + count_cast_weights(node, 0)
        if number >= first:
            total += count_cast_weights(node, costs[number].starts if number == first else 0)
    return total


def _count_words(tree: ModuleTree) -> int:
    """Words that the model tells logits of; 0 for one without a language model's head."""
    head = tree.find(tree.output_embeddings) if tree.output_embeddings else None
    weight = head.parameter("weight") if head else None
    return weight.shape[0] if weight else 0


def get_sequence_length(tree: ModuleTree, run: TrainingRun) -> int:
    """Tokens per sample: the file's own, or the default, cut to the positions that the model has
    learned (512 in BERT, 1024 in GPT-2).
    """
    if "sequence" in run.fields_in_file:
        return run.sequence
    return min(run.sequence, count_positions(tree) or run.sequence)


def count_positions(tree: ModuleTree) -> int | None:
    """Positions that the model has learned, None where they have no end (rotary embeddings)."""
    positions = [
        weight.shape[0]
        for group in group_modules(tree, Splitter())
        if group.node.kind == "Embedding"
        and _POSITIONS.search(group.name)
        and get_component(group.name) not in ("vision", "audio")
        and (weight := group.node.parameter("weight")) is not None
    ]
    return max(positions, default=None)
