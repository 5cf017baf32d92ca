"""Small modules without transformers: every class PEFT can wrap, and several it cannot."""

from __future__ import annotations

from typing import Any

from torch import nn
from transformers.pytorch_utils import Conv1D


class Mixed(nn.Module):
    """One of each."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(40, 16)
        self.linear = nn.Linear(16, 24)
        self.nobias = nn.Linear(24, 16, bias=False)
        self.conv1 = nn.Conv1d(16, 32, 3)
        self.conv2 = nn.Conv2d(4, 8, (3, 5), groups=4)
        self.conv3 = nn.Conv3d(2, 6, 2, bias=False)
        self.fused = Conv1D(48, 16)
        self.attn = nn.MultiheadAttention(16, 4)
        self.norm = nn.LayerNorm(16)
        self.drop = nn.Dropout(0.1)
        self.rnn = nn.LSTM(16, 16)
        self.up = nn.ConvTranspose2d(4, 4, 2)
        self.bilinear = nn.Bilinear(4, 4, 4)
        self.table = nn.ParameterDict(
            {"a": nn.Parameter(nn.init.zeros_(nn.Parameter().new_empty(4, 6)))}
        )
        self.classifier = nn.Linear(16, 2)


class Experts(nn.Module):
    """Fused experts as bare parameters of two and three dimensions."""

    def __init__(self) -> None:
        super().__init__()
        weight = nn.Linear(2, 2).weight
        self.w13 = nn.Parameter(weight.new_zeros(4, 24, 16))
        self.w2 = nn.Parameter(weight.new_zeros(4, 16, 12))
        self.gate = nn.Parameter(weight.new_zeros(4, 16))
        self.bias = nn.Parameter(weight.new_zeros(4))


class Block(nn.Module):
    """A decoder block."""

    def __init__(self, *, grouped: bool = False) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(16, 2, kdim=8 if grouped else None, bias=not grouped)
        self.lin0 = nn.Linear(16, 32)
        self.lin1 = nn.Linear(32, 16)
        self.norm = nn.LayerNorm(16)
        self.experts = Experts()


class Stack(nn.Module):
    """Twelve blocks in a list at the top, so that indices of two digits occur."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Block() for _ in range(12)])
        self.heads = nn.ModuleDict({"default": nn.Linear(16, 2), "other": nn.Linear(16, 3)})
        self.score = nn.Linear(16, 2)


class Odd(nn.Module):
    """Attention with other widths for keys; a module reached under two names; tied weights."""

    def __init__(self) -> None:
        super().__init__()
        self.block = Block(grouped=True)
        self.first = nn.Linear(16, 16)
        self.again = self.first
        self.tied = nn.Linear(16, 16)
        self.tied.weight = self.first.weight
        self.inner = nn.ModuleDict({"x": nn.ModuleList([self.first, nn.Linear(16, 4)])})


class Woven(nn.Module):
    """A Linear before a Conv1D in every block: fan_in_fan_out turns with each."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            [nn.ModuleDict({"fc": nn.Linear(16, 8), "c_fc": Conv1D(16, 8)}) for _ in range(3)]
        )
        self.w = nn.Parameter(self.layers[0]["fc"].weight.new_zeros(3, 4))
        self.inner = Experts()


class Outer(nn.Module):
    """Layers below `model`, where layer_replication looks; no config."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Stack()
        self.lm_head = nn.Linear(16, 40)


def sequence() -> Any:
    """A nested Sequential, all names numbers."""
    return nn.Sequential(
        nn.Linear(16, 16),
        nn.ReLU(),
        nn.Sequential(nn.Linear(16, 16), nn.Sequential(nn.Linear(16, 8), nn.Linear(8, 16))),
        nn.Conv2d(3, 3, 1),
        nn.Linear(16, 2),
    )


def encoder() -> Any:
    """torch's own transformer encoder."""
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 4, 32), 3)


PLAIN: dict[str, Any] = {
    "mixed": Mixed,
    "stack": Stack,
    "odd": Odd,
    "outer": Outer,
    "woven": Woven,
    "sequence": sequence,
    "encoder": encoder,
}
