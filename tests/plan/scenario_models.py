"""Small modules for the scenarios: each shows one way in which names, classes or ranks can meet."""

from __future__ import annotations

from typing import Any

from torch import nn
from transformers.pytorch_utils import Conv1D


class Tree(nn.Module):
    """A module made of named children."""

    def __init__(self, **children: nn.Module) -> None:
        super().__init__()
        for name, child in children.items():
            self.add_module(name, child)


class Bank(nn.Module):
    """Weights as bare parameters, of two and three dimensions."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(nn.Linear(8, 12).weight.detach().clone())
        self.stacked = nn.Parameter(self.weight.detach().clone().reshape(3, 4, 8))


def line(inside: int = 8, outside: int = 8, **more: Any) -> nn.Linear:
    return nn.Linear(inside, outside, **more)


def mlp() -> nn.Module:
    return Tree(
        up=line(8, 16), act=nn.ReLU(), drop=nn.Dropout(0.1), down=line(16, 2), out=nn.Softmax()
    )


def nested() -> nn.Module:
    """One name at three depths, and names that end like it without being it."""
    deepest = Tree(foo=line(), xfoo=line())
    return Tree(foo=line(), bar=line(), mod=Tree(foo=line(), foox=line(), mod=deepest))


def twins() -> nn.Module:
    """Two stacks, the name of the one an end of the other's; long enough to be condensed."""

    def stack() -> nn.Module:
        return nn.ModuleList([Tree(query=line(4, 4)) for _ in range(21)])

    return Tree(blocks=stack(), single_blocks=stack())


def decoder() -> nn.Module:
    """Twelve layers, below a model that has no number before it."""

    def layer() -> nn.Module:
        return Tree(attn=Tree(q=line(4, 4), v=line(4, 4)), mlp=Tree(fc=line(4, 4)))

    return Tree(model=Tree(layers=nn.ModuleList([layer() for _ in range(12)])), head=line(4, 4))


def experts() -> nn.Module:
    """Layers of numbered experts: two numbers in a name."""

    def layer() -> nn.Module:
        return Tree(experts=nn.ModuleList([Tree(w1=line(4, 4)) for _ in range(3)]), gate=line(4, 3))

    return Tree(model=Tree(layers=nn.ModuleList([layer() for _ in range(3)])))


def embedding() -> nn.Module:
    return Tree(emb=nn.Embedding(20, 8), conv1d=Conv1D(4, 8), act=nn.ReLU(), lin=line(4, 2))


def convolutions() -> nn.Module:
    return Tree(
        one=nn.Conv1d(4, 8, 3),
        two=nn.Conv2d(4, 8, 3),
        three=nn.Conv3d(2, 4, 2),
        grouped=nn.Conv2d(8, 16, 3, groups=4),
        lin=line(),
    )


def attention() -> nn.Module:
    return Tree(mha=nn.MultiheadAttention(8, 2), lin=line())


def banks() -> nn.Module:
    return Tree(up=Bank(), down=Bank(), lin=line())


def numbers() -> nn.Module:
    return nn.Sequential(line(), nn.ReLU(), nn.Sequential(line(), line()))


MODELS: dict[str, Any] = {
    made.__name__: made
    for made in (
        *(mlp, nested, twins, decoder, experts, embedding, convolutions, attention, banks),
        numbers,
    )
}
