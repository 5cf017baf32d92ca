"""How large the saved adapter is: what PEFT writes to adapter_model.safetensors.

Source: PEFT 0.21.2, utils/save_and_load.py `get_peft_model_state_dict` (LoRA weights, biases that
train, modules_to_save, token rows; targeted embeddings with their base weights under
save_embedding_layers="auto"), tuners/tuners_utils.py `cast_adapter_dtype` (LoRA weights of a model
in 16 bits are held, and so saved, in float32 unless autocast_adapter_dtype is off).
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.trees.groups import Splitter, group_modules
from loracheck.trees.model import iterate_children
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loracheck.documents.values import Value
    from loracheck.plan.model import Plan
    from loracheck.trees.model import ModuleTree, Node

BYTES = {"float32": 4, "bfloat16": 2}
"""Bytes of one saved parameter by its dtype; float16 takes as much as bfloat16."""

MIXED = "float32, all but LoRA in bfloat16"
"""How the adapter of a base in 16 bits is saved (PEFT 0.21.2, run): what is not LoRA's own has the
dtype of the base.
"""

EMBEDDINGS = ("embed_tokens", "lm_head")
"""PEFT's EMBEDDING_LAYER_NAMES (utils/constants.py)."""


class AdapterSize(NamedTuple):
    """Parameters in the saved file by their origin, and its size in bytes by dtype.

    `lora` are LoRA weights, `full` modules trained in full, `tokens` single embedding rows,
    `biases` those that `bias` lets train, `embeddings` base weights that are saved because their
    embedding is targeted (not trained; PEFT saves them all the same).
    """

    lora: int
    full: int
    tokens: int
    biases: int
    embeddings: int
    bytes: dict[str, int]

    @property
    def parameters(self) -> int:
        """All parameters in the file."""
        return self.lora + self.full + self.tokens + self.biases + self.embeddings


def measure_adapter(values: Mapping[str, Value], tree: ModuleTree, plan: Plan) -> AdapterSize:
    """The size of the saved adapter; `values` are the LoraConfig fields that were planned."""
    lora = sum(w.parameters * w.group.count for w in plan.wrapped)
    full = sum(s.parameters * s.group.count for s in plan.saved)
    # A tied layer follows the embedding's rows and writes none of its own.
    tokens = sum(t.parameters * t.group.count for t in plan.tokens if not t.tied)
    biases = _count_biases(values.get("bias"), tree, plan)
    embeddings = 0 if plan.tokens else _count_embeddings(values.get("target_modules"), tree, plan)
    total = lora + full + tokens + biases + embeddings
    sizes = {dtype: total * width for dtype, width in BYTES.items()}
    if full + biases + embeddings:
        narrow = BYTES["bfloat16"] * (full + biases + embeddings)
        sizes[MIXED] = BYTES["float32"] * (lora + tokens) + narrow
    return AdapterSize(lora, full, tokens, biases, embeddings, sizes)


def _count_biases(bias: Value, tree: ModuleTree, plan: Plan) -> int:
    """Base biases in the file: all of the model's, or those of adapted modules. With "all" a module
    that is trained in full has its own beside the copy's (`original_module.bias`).
    """
    if bias == "all":
        biases = sum(
            _get_bias_size(group.node) * group.count for group in group_modules(tree, Splitter())
        )
        return biases + sum(_count_inner_biases(s.group.node) * s.group.count for s in plan.saved)
    if bias == "lora_only":
        return sum(_get_bias_size(w.group.node) * w.group.count for w in plan.wrapped)
    return 0


def _count_inner_biases(node: Node) -> int:
    """The biases of a module and of all below it."""
    below = (_count_inner_biases(child) for _, child in iterate_children(node))
    return _get_bias_size(node) + sum(below)


def _get_bias_size(node: Node) -> int:
    bias = node.parameter("bias")
    return bias.size if bias else 0


def _count_embeddings(targets: Value, tree: ModuleTree, plan: Plan) -> int:
    """Base weights saved with targeted embeddings, where a target has a name of `EMBEDDINGS`."""
    wrapped = {w.group.name: w.group.node for w in plan.wrapped if w.parameter is None}
    if isinstance(targets, str):
        has_embedding = any(name.rpartition(".")[2] in EMBEDDINGS for name in wrapped)
    else:
        has_embedding = isinstance(targets, (list, tuple, set)) and any(
            t in EMBEDDINGS for t in targets
        )
    if not has_embedding or targets == "all-linear":
        return 0
    ends = [name for name in (tree.input_embeddings, tree.output_embeddings) if name in wrapped]
    return sum(
        _compute_size(get_weight_shape(wrapped[name])) + _get_bias_size(wrapped[name])
        for name in dict.fromkeys(ends)
    )


def get_weight_shape(node: Node, parameter: str | None = None) -> tuple[int, ...]:
    """Shape of the parameter, or of the module's weight; empty where it has none."""
    for name in (parameter,) if parameter else ("weight", "in_proj_weight"):
        weight = node.parameter(name)
        if weight is not None:
            return weight.shape
    return node.parameters[0].shape if node.parameters and not parameter else ()


def _compute_size(sizes: tuple[int, ...]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total
