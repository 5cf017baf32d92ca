"""The names in a model's tree, sorted by what a config can use them for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree

IN_LIST = re.compile(r"(?:^|\.)([^.]+)\.\d+\.")
"""The name before a number: what layers_pattern asks for."""


class ModelNames:
    """Everything of a model that a config can name."""

    def __init__(self, tree: ModuleTree) -> None:
        modules = [m for m in tree.modules() if m.name]
        self.full = [m.name for m in modules]
        self.leaves = sorted({name.rpartition(".")[2] for name in self.full})
        good = ("Linear", "Conv1D", "Embedding", "Conv1d", "Conv2d", "Conv3d", "MultiheadAttention")
        self.wrappable = [m.name for m in modules if m.node.kind in good] or self.full
        self.parts = sorted({part for name in self.full for part in name.split(".")})
        self.parameters = [f"{m.name}.{p.name}" for m in modules for p in m.node.parameters] or [
            "weight"
        ]
        self.experts = [
            name
            for name, size in (
                (f"{m.name}.{p.name}", len(p.shape)) for m in modules for p in m.node.parameters
            )
            if size == 3
        ]
        self.lists = sorted({m.group(1) for name in self.full if (m := IN_LIST.search(name))})
        self.embedding = tree.input_embeddings or "embed_tokens"
        self.output = tree.output_embeddings or "lm_head"
        self.generates = tree.generates

    def refused(self, entry: str) -> bool:
        """Whether the entry reaches a module that LoRA cannot wrap."""
        good = set(self.wrappable)
        end = f".{entry}"
        return any(n == entry or n.endswith(end) for n in self.full if n not in good)
