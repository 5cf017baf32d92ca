"""The parts of a layer whose activations are known: where its linear layers, norms and activation
function stand.

`python -m bench.activations` holds the estimate of each against torch's saved-tensor hooks.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.trees.model import Node


class Layout(NamedTuple):
    """Names within one layer. `act` is the activation function, `dropouts` how many of the layer's
    own dropouts are on by default.
    """

    classes: tuple[str, ...]
    qkv: tuple[str, ...]
    out: str
    up: tuple[str, ...]
    down: str
    act: str
    dropouts: int = 0

    @property
    def rotates(self) -> bool:
        """Whether queries and keys are turned by their positions, into tensors of their own."""
        return self.out.startswith("self_attn.")


_GATED = ("mlp.gate_proj", "mlp.up_proj")
_QKV = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")
_SELF = ("attention.self.query", "attention.self.key", "attention.self.value")

LAYOUTS = (
    Layout(
        (
            *("LlamaDecoderLayer", "MistralDecoderLayer", "Qwen2DecoderLayer"),
            *("Qwen3DecoderLayer", "GemmaDecoderLayer", "SmolLM3DecoderLayer"),
            *("Olmo2DecoderLayer", "Olmo3DecoderLayer", "GraniteDecoderLayer"),
            *("Ernie4_5DecoderLayer", "HeliumDecoderLayer"),
        ),
        *(_QKV, "self_attn.o_proj", _GATED, "mlp.down_proj", "mlp.act_fn"),
    ),
    Layout(
        ("Phi3DecoderLayer",),
        *(("self_attn.qkv_proj",), "self_attn.o_proj", ("mlp.gate_up_proj",)),
        *("mlp.down_proj", "mlp.activation_fn"),
    ),
    Layout(
        ("GPT2Block",),
        *(("attn.c_attn",), "attn.c_proj", ("mlp.c_fc",), "mlp.c_proj", "mlp.act"),
        dropouts=2,
    ),
    Layout(
        ("BertLayer", "RobertaLayer"),
        *(_SELF, "attention.output.dense", ("intermediate.dense",), "output.dense"),
        "intermediate.intermediate_act_fn",
        dropouts=2,
    ),
)
"""Measured layers (transformers 5.24.0 `models/llama/modeling_llama.py` and its like)."""

NORM_STAGES = {
    "input_layernorm": 0,
    "ln_1": 0,
    "self_attn.q_norm": 1,
    "self_attn.k_norm": 1,
    "post_attention_layernorm": 2,
    "ln_2": 2,
    "attention.output.LayerNorm": 2,
    "output.LayerNorm": 4,
    "post_feedforward_layernorm": 4,
}
"""Norm -> the part of the layer that it belongs to: 0 before attention, 1 attention, 2 behind it, 3
MLP, 4 behind it.
"""

ACTIVATIONS = {
    "NewGELUActivation": 4,
    **dict.fromkeys(("SiLUActivation", "SiLU", "GELUActivation", "GELU", "GELUTanh"), 1),
    **dict.fromkeys(("PytorchGELUTanh", "ReLU"), 1),
}
"""Class of an activation function -> how many tensors of its input's size it keeps (transformers
5.24.0 `activations.py`: the new GELU of GPT-2 is a formula in Python).
"""


def find_layout(layer: Node) -> Layout | None:
    """The layout of a layer; None for one that was not measured."""
    return next((one for one in LAYOUTS if layer.class_name in one.classes), None)


def find_part(layer: Node, path: str) -> Node | None:
    """A module of the layer by its name in it."""
    node: Node | None = layer
    for part in path.split("."):
        children = node.children if node is not None else ()
        node = next((child.node for child in children if child.name == part), None)
    return node


def get_linear_size(node: Node) -> tuple[int, int] | None:
    """What goes in and out of a linear layer."""
    weight = node.parameter("weight")
    if weight is None or len(weight.shape) != 2 or node.kind not in ("Linear", "Conv1D"):
        return None
    first, second = weight.shape
    return (first, second) if node.kind == "Conv1D" else (second, first)
