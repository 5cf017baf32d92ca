"""A rough estimate of what activations take in training: a guide, no measurement.

Per layer a transformer keeps 34 bytes x sequence x batch x hidden for its backward pass in 16 bits,
attention scores left out (Korthikanti et al. 2022, arXiv:2205.05198, equation 1; flash attention
keeps no scores). With gradient checkpointing a layer keeps its input alone, 2 bytes each, and one
layer at a time is worked out again (same paper, section 5). The logits of the head come on top: 2
bytes for themselves, 4 for the float32 copy that the loss takes, 4 for its gradient.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loracheck.explain.file.module_names import locate_group
from loracheck.named_tuple import NamedTuple
from loracheck.trees.groups import Splitter, group_modules
from loracheck.trees.roles import component_of

if TYPE_CHECKING:
    from loracheck.explain.file.training_run import TrainingRun
    from loracheck.trees.model import ModuleTree

LAYER_BYTES, INPUT_BYTES, LOGIT_BYTES = 34, 2, 10
"""Bytes per token and hidden unit of a layer, and of its input; per token and word of logits."""

_POSITIONS = re.compile(r"(^|\.)(wpe|\w*position\w*)$")

SOURCE = "Korthikanti et al. 2022 (arXiv:2205.05198)"


class Activations(NamedTuple):
    """An estimate in bytes, with the figures that go into it. `rough` is always True."""

    bytes: int
    batch: int
    sequence: int
    hidden: int
    layers: int
    vocabulary: int
    checkpointing: bool
    formula: str
    source: str = SOURCE
    rough: bool = True


def estimate_activations(tree: ModuleTree, run: TrainingRun) -> Activations | None:
    """The estimate from the tree's own shapes; None for a model without token embeddings."""
    embedding = tree.find(tree.input_embeddings) if tree.input_embeddings else None
    weight = embedding.parameter("weight") if embedding else None
    if weight is None or len(weight.shape) != 2:
        return None
    words, hidden = weight.shape
    layers = _count_layers(tree)
    logits = words if tree.output_embeddings else 0
    sequence = sequence_length(tree, run)
    tokens = run.batch * sequence
    each = INPUT_BYTES * layers + LAYER_BYTES if run.checkpointing else LAYER_BYTES * layers
    how = (
        f"{INPUT_BYTES} x {layers} layers + {LAYER_BYTES}"
        if run.checkpointing
        else f"{LAYER_BYTES} x {layers} layers"
    )
    formula = f"{run.batch} x {sequence} tokens x ({hidden} x ({how})"
    formula += f" + {LOGIT_BYTES} x {words} words)" if logits else ")"
    size = tokens * (hidden * each + LOGIT_BYTES * logits)
    return Activations(
        size, run.batch, sequence, hidden, layers, logits, run.checkpointing, formula
    )


def sequence_length(tree: ModuleTree, run: TrainingRun) -> int:
    """Tokens per sample: the file's own, or the default, cut to the positions that the model has
    learned (512 in BERT, 1024 in GPT-2).
    """
    if "sequence" in run.fields_in_file:
        return run.sequence
    return min(run.sequence, count_positions(tree) or run.sequence)


def count_positions(tree: ModuleTree) -> int | None:
    """Positions that the model has learned, None where they have no end (rotary embeddings)."""
    found = [
        weight.shape[0]
        for group in group_modules(tree, Splitter())
        if group.node.kind == "Embedding"
        and _POSITIONS.search(group.name)
        and component_of(group.name) not in ("vision", "audio")
        and (weight := group.node.parameter("weight")) is not None
    ]
    return max(found, default=None)


def _count_layers(tree: ModuleTree) -> int:
    """The layers of all stacks (encoder and decoder), those of towers left out."""
    found: dict[str, set[int]] = {}
    for group in group_modules(tree, Splitter()):
        at = locate_group(tree, group)
        if at.stack is not None and component_of(at.kind) not in ("vision", "audio"):
            found.setdefault(at.stack, set()).update(at.layers)
    return sum(map(len, found.values()))
