"""Trees of small torch models that examples on rule pages name, written out by hand."""

from __future__ import annotations

from typing import Any

from loracheck.trees.fold import decode
from loracheck.trees.model import FORMAT, ModuleTree

LINEAR = ["torch.nn.modules.linear.Linear", "Linear"]
OUTPUT = ["torch.nn.modules.linear.NonDynamicallyQuantizableLinear", "Linear"]
ATTENTION = ["torch.nn.modules.activation.MultiheadAttention", "MultiheadAttention"]
LAYER = ["torch.nn.modules.transformer.TransformerEncoderLayer", None]
CONV = ["torch.nn.modules.conv.Conv2d", "Conv2d"]


def _matrix(cls: int, out: int, into: int) -> list[Any]:
    return [cls, [["weight", [out, into]], ["bias", [out]]], []]


def _tree(classes: list[Any], nodes: list[Any]) -> ModuleTree:
    classes = [["example.Model", None], *classes]
    data = {
        "format": FORMAT,
        "cls": "Model",
        "pretrained": False,
        "classes": classes,
        "nodes": nodes,
    }
    return decode({**data, "root": len(nodes) - 1})


def _attention(first: int) -> list[Any]:
    """A MultiheadAttention of width 16 whose out_proj is node `first`."""
    attributes = {"embed_dim": 16, "kdim": 16, "vdim": 16}
    return [2, [["in_proj_weight", [48, 16]]], [["out_proj", first]], attributes]


def _conv(**attributes: Any) -> list[Any]:
    shape = {"groups": 1, "kernel_size": [3, 3], "in_channels": 8, "out_channels": 8}
    return [1, [["weight", [8, 8, 3, 3]], ["bias", [8]]], [], {**shape, **attributes}]


TREES = {
    "examples/torch-attention": _tree(
        [OUTPUT, ATTENTION],
        [_matrix(1, 16, 16), _attention(0), [0, [], [["attention", 1]]]],
    ),
    "examples/torch-encoder": _tree(
        [OUTPUT, ATTENTION, LINEAR, LAYER],
        [
            _matrix(1, 16, 16),
            _attention(0),
            _matrix(3, 32, 16),
            _matrix(3, 16, 32),
            [4, [], [["self_attn", 1], ["linear1", 2], ["linear2", 3]]],
            _matrix(3, 16, 16),
            [0, [], [["layer", 4], ["head", 5]]],
        ],
    ),
    "examples/unfused-experts": _tree(
        [LINEAR],
        [
            _matrix(1, 32, 16),
            _matrix(1, 16, 32),
            [0, [], [["up_proj", 0], ["down_proj", 1]]],
            [0, [], [["0", 2], ["1", 2]]],
            [0, [], [["experts", 3]]],
            [0, [], [["mlp", 4]]],
            [0, [], [["0", 5], ["1", 5], ["2", 5]]],
            [0, [], [["layers", 6]]],
            [0, [], [["model", 7]]],
        ],
    ),
    "examples/dilated-convolution": _tree(
        [CONV],
        [_conv(), _conv(dilation=[2, 2]), [0, [], [["plain", 0], ["dilated", 1]]]],
    ),
}
