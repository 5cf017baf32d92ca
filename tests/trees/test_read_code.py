"""The modules of a class whose code is read: torch makes the same ones when it runs that code."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bench.class_names.read_code import CodeReader, UnknownClassError
from loracheck.trees.model import ModuleTree, Node

CODE = """
import torch
from torch import nn
from collections import OrderedDict
from typing import List

class Norm(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

class Projection(nn.Linear):
    pass

class Attention(nn.Module):
    def __init__(self, width, packed=False):
        super().__init__()
        if packed:
            self.qkv = nn.Linear(width, 3 * width)
        else:
            self.q = Projection(width, width)
            self.k: nn.Linear = nn.Linear(width, width)
        self.pool = nn.MultiheadAttention(width, 1)

class FlashAttention(Attention):
    def __init__(self, width):
        super().__init__(width, packed=True)
        self.add_module("extra", nn.Linear(width, width))

ATTENTION = {"plain": Attention, "flash": FlashAttention}

class Block(nn.Module):
    def __init__(self, width, kind, norm=nn.LayerNorm):
        super().__init__()
        norm_class = Norm if kind == "plain" else norm
        self.attention = ATTENTION[kind](width)
        self.norm = norm_class(width)
        self.mlp = nn.Sequential(OrderedDict([("up", nn.Linear(width, width)), ("act", nn.GELU()),
            ("down", nn.Linear(width, width))]))

class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(4, 4)

def make_head(width):
    steps = [nn.Linear(width, width)]
    for _ in range(2):
        steps.append(nn.GELU())
        steps.append(nn.Linear(width, width))
    return nn.Sequential(*steps)

class Model(Base):
    def __init__(self, kind="plain"):
        super().__init__()
        self.layers = nn.ModuleList([Block(4, kind) for _ in range(2)])
        self.parts = nn.ModuleDict(dict(one=nn.Linear(4, 4), two=nn.Conv2d(1, 1, 1)))
        self.late = nn.ModuleList()
        for _ in range(2):
            self.late.append(nn.Linear(4, 4))
        self.head = make_head(4)
        self.size = len("four")
"""


def names_of(modules: Any) -> set[str]:
    return {re.sub(r"(?<!\w)\d+(?!\w)", "*", name) for name in modules}


def test_torch_makes_the_modules_that_the_code_is_read_to_have() -> None:
    space: dict[str, Any] = {}
    exec(CODE, space)
    made = set()
    for kind in ("plain", "flash"):
        made |= names_of(name for name, _ in space["Model"](kind).named_modules())
    tree = ModuleTree(root=CodeReader([CODE]).read_class("Model"))
    assert names_of(module.name for module in tree.modules()) == made
    kinds = {module.name: module.node.kind for module in tree.modules()}
    assert kinds["layers.0.attention.q"] == kinds["layers.0.mlp.up"] == "Linear"
    assert kinds["parts.two"] == "Conv2d"


def test_a_class_from_elsewhere_is_given_or_an_error() -> None:
    code = "class A(nn.Module):\n    def __init__(self):\n        self.b = Other(1)\n"
    with pytest.raises(UnknownClassError):
        CodeReader([code]).read_class("A")
    (child,) = CodeReader([code], {"Other": Node("Other", None, (), ())}).read_class("A").children
    assert (child.name, child.node.cls) == ("b", "Other")
