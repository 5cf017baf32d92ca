"""`all-linear`: every linear layer but the output layer.

Source: PEFT 0.21.2, tuners/tuners_utils.py `_maybe_include_all_linear_layers`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree

    from .modules import Mod
    from .settings import Lora

SHORTHAND = "all-linear"
HEADS = ("score", "classifier")
"""PEFT's SEQ_CLS_HEAD_NAMES (utils/constants.py)."""


def is_shorthand(targets: Any) -> bool:
    """Whether target_modules is the shorthand, in any case; inside a list it is a plain name."""
    return isinstance(targets, str) and targets.lower() == SHORTHAND


def all_linear(lora: Lora, tree: ModuleTree, listed: list[tuple[str, Mod]]) -> dict[str, None]:
    """Full names of the linear layers that the shorthand stands for, one for each group."""
    spared: str | None = None
    if tree.pretrained:
        spared = tree.output_embeddings
        if spared is None and lora.task_type == "SEQ_CLS":
            root = listed[0][1]
            spared = next((name for name in HEADS if name in root.children), None)
    return {
        name: None
        for name, mod in listed
        if mod.kind in ("Linear", "Conv1D") and name != spared and not mod.role
    }
