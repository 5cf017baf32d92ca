"""What one layer keeps for its backward pass, in bytes for each token.

Frozen weights need no input of their layer, so that a linear layer keeps something only where LoRA
wraps it. What was measured (torch 2.13.0, PEFT 0.21.2, `python -m bench.activations`):

- a RMS norm its input in float32 and a number for each vector; a LayerNorm its input and two;
- attention without scores (sdpa, flash attention): queries, keys, values, its output and a float32
  number for each head;
- a gated MLP both halves and the activation's output; any other MLP the activation's input, GPT-2's
  GELU four tensors;
- LoRA: the input of A as A gets it, the output of A, and one byte for each element of the input for
  the mask of the dropout.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .layer_layouts import ACTIVATIONS, NORM_STAGES, find_layout, find_part, get_linear_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from loracheck.trees.model import Node

    from .layer_layouts import Layout

FULL, HALF, MASK = 4, 2, 1
HEAD = 64
"""Size of an attention head, where only the float32 number of each depends on it."""

_STAGES = 5
"""Parts of a layer (`NORM_STAGES`)."""


class Precision(NamedTuple):
    """How wide the numbers are. `stream` is what goes from layer to layer, `result` what a linear
    layer gives, `lora` the input of A; `shares` says that A gets that input itself, without a copy.
    """

    stream: int
    result: int
    lora: int
    shares: bool = False


PRECISIONS = {
    ("float32", False): Precision(FULL, FULL, FULL, shares=True),
    ("float32", True): Precision(FULL, HALF, HALF),
    ("bfloat16", False): Precision(HALF, HALF, FULL),
    ("bfloat16", True): Precision(HALF, HALF, HALF),
}
"""Precision of the base model, and whether the pass runs under autocast -> widths. PEFT holds LoRA
weights in float32 (PEFT 0.21.2 peft_model.py, autocast_adapter_dtype) and turns the input of A into
that.
"""


class LayerCost(NamedTuple):
    """Bytes for each token: `stages` what the layer itself keeps in each of its parts, `lora` what
    LoRA adds, `starts` the first part behind a wrapped layer.
    """

    stages: tuple[float, ...]
    lora: float
    starts: int

    def total(self, first: bool) -> float:
        """All of it; of the first layer with LoRA only what needs a gradient."""
        return sum(self.stages[self.starts if first else 0 :]) + self.lora


def compute_layer_cost(
    layer: Node, ranks: Mapping[str, int], precision: Precision, dropout: bool, autocast: bool
) -> LayerCost | None:
    """The cost of a layer with LoRA of these ranks on its modules, by name within the layer; None
    for a layer that was not measured.
    """
    layout = find_layout(layer)
    if layout is None:
        return None
    names = (*layout.qkv, layout.out, *layout.up, layout.down)
    parts = {name: part for name in names if (part := find_part(layer, name)) is not None}
    sizes = {name: size for name, part in parts.items() if (size := get_linear_size(part))}
    if len(sizes) != len(names) or not ranks.keys() <= sizes.keys():
        return None
    stages = [0.0] * _STAGES
    norm_width = FULL if autocast else precision.stream
    for name, node in _find_norms(layer):
        width = sizes[f"self_attn.{name[10]}_proj"][1] if name.endswith(("q_norm", "k_norm")) else 0
        cost = _compute_norm_cost(node, width, norm_width)
        if name not in NORM_STAGES or cost is None:
            return None
        stages[NORM_STAGES[name]] += cost
    behind = sizes[layout.out][0]
    core = sum(sizes[name][1] for name in layout.qkv) + behind
    if layout.rotates and len(layout.qkv) == 1:
        # Values are a part of the fused output, which stays as a whole beside the turned ones.
        core += (behind + sizes[layout.qkv[0]][1]) // 2
    stages[1] += precision.result * core + FULL * behind / HEAD
    act = find_part(layer, layout.act)
    elements = _compute_mlp_cost(layout, sizes, ACTIVATIONS.get(act.class_name) if act else None)
    if elements is None:
        return None
    stages[3] += precision.result * elements
    for stage in (2, 4)[: layout.dropouts]:
        stages[stage] += MASK * sizes[layout.down][1]
    return LayerCost(
        tuple(stages),
        _compute_lora_cost(layout, sizes, ranks, precision, dropout),
        _find_first_stage(layout, ranks),
    )


def _find_norms(layer: Node, above: str = "") -> Iterator[tuple[str, Node]]:
    for child in layer.children:
        name = f"{above}{child.name}"
        if child.node.class_name.endswith(("RMSNorm", "LayerNorm")):
            yield name, child.node
        else:
            yield from _find_norms(child.node, f"{name}.")


def _compute_norm_cost(node: Node, width: int, stream: int) -> float | None:
    weight = node.parameter("weight")
    if weight is None or len(weight.shape) != 1:
        return None
    norm_width = weight.shape[0]
    if node.class_name == "LayerNorm":
        return stream * (norm_width + 2)
    return FULL * (width or norm_width) * (1 + 1 / norm_width)


def _compute_mlp_cost(
    layout: Layout, sizes: Mapping[str, tuple[int, int]], tensors: int | None
) -> int | None:
    """Elements that the MLP keeps."""
    wide = sum(sizes[name][1] for name in layout.up)
    inner = sizes[layout.down][0]
    if tensors is None:
        return None
    return wide + inner if wide > inner else tensors * inner


def _compute_lora_cost(
    layout: Layout,
    sizes: Mapping[str, tuple[int, int]],
    ranks: Mapping[str, int],
    precision: Precision,
    dropout: bool,
) -> float:
    """What LoRA keeps; without a copy or a dropout layers with one input keep it once."""
    total = sum(precision.lora * rank for rank in ranks.values())
    shared = precision.shares and not dropout
    for names in (layout.qkv, (layout.out,), layout.up, (layout.down,)):
        wrapped = [name for name in names if name in ranks]
        if shared and names == (layout.out,):
            continue  # attention keeps its output in any case
        each = sizes[names[0]][0] * (precision.lora + (MASK if dropout else 0))
        total += each * (min(len(wrapped), 1) if shared else len(wrapped))
    return total


def _find_first_stage(layout: Layout, ranks: Mapping[str, int]) -> int:
    """The part of the layer behind its first wrapped module."""
    order = (layout.qkv, (layout.out,), layout.up, (layout.down,))
    stages = (number for number, names in enumerate(order, 1) if ranks.keys() & set(names))
    return next(stages, 0)


def count_cast_weights(layer: Node, starts: int) -> int:
    """Weights of the layer's linear layers that autocast copies for the backward pass: those whose
    input needs a gradient.
    """
    layout = find_layout(layer)
    if layout is None:
        return 0
    order = (layout.qkv, (layout.out,), layout.up, (layout.down,))
    nodes = [find_part(layer, name) for names in order[starts:] for name in names]
    sizes = [get_linear_size(node) for node in nodes if node is not None]
    return sum(size[0] * size[1] for size in sizes if size)
