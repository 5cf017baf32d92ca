"""`all-linear`: every linear layer but the output layer.

Source: PEFT 0.21.2 (older releases: releases.py), tuners/tuners_utils.py
`_maybe_include_all_linear_layers`.
"""

from __future__ import annotations

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.values import Value
    from loracheck.plan.config.effective_config import EffectiveConfig
    from loracheck.plan.graph.module_graph import Module
    from loracheck.trees.model import ModuleTree

SHORTHAND = "all-linear"
HEADS = ("score", "classifier")
"""PEFT's SEQ_CLS_HEAD_NAMES (utils/constants.py)."""


def is_shorthand(targets: Value) -> bool:
    """Whether target_modules is the shorthand, in any case; inside a list it is a plain name."""
    return isinstance(targets, str) and targets.lower() == SHORTHAND


def expand_all_linear(
    config: EffectiveConfig, tree: ModuleTree, named_modules: list[tuple[str, Module]]
) -> dict[str, Value]:
    """Full names of the linear layers that the shorthand stands for, one for each group.

    Older releases took the last parts of the names, and spared the head only where its full name
    is one. Raises RefusedError where a release refuses a model that is no PreTrainedModel.
    """
    full = config.has(releases.ALL_LINEAR_FULL_NAMES)
    if not tree.pretrained and not full:
        text = f"Only instances of PreTrainedModel support `target_modules={SHORTHAND!r}`"
        raise RefusedError("all-linear-plain-module", "ValueError", text, "target_modules")
    spared = _find_output_layer(config, tree, named_modules[0][1]) if tree.pretrained else None
    leaf_names = [
        name
        for name, module in named_modules
        if module.kind in ("Linear", "Conv1D") and not module.role
    ]
    if not full:
        leaf_names = [name.rpartition(".")[2] for name in leaf_names]
    return {name: None for name in leaf_names if name != spared}


def _find_output_layer(config: EffectiveConfig, tree: ModuleTree, root: Module) -> str | None:
    """The full name of the output layer, else of the head of a sequence classifier."""
    if tree.output_embeddings is not None or config.task_type != "SEQ_CLS":
        return tree.output_embeddings
    if not config.has(releases.ALL_LINEAR_SPARES_HEAD):
        return None
    return next((name for name in HEADS if name in root.children), None)
