"""The tree of one module inside of a model, for an adapter that is put on that module alone."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import ModuleTree

OWN_CONFIG = "what the config of this part of the model says"
"""Entry of `ModuleTree.partial`."""


def select_submodule(tree: ModuleTree, name: str) -> ModuleTree | None:
    """The module of a full name as a model of its own; None where no module has the name. Which
    model type, and so which default targets, PEFT sees there is not known.
    """
    node = tree.find(name)
    if node is None:
        return None
    start = f"{name}."
    return tree._replace(
        root=node,
        cls=node.class_name,
        model_type=None,
        input_embeddings=_strip(tree.input_embeddings, start),
        output_embeddings=_strip(tree.output_embeddings, start),
        ties=_select_pairs(tree.ties, start),
        aliases=_select_pairs(tree.aliases, start),
        partial=(*tree.partial, OWN_CONFIG),
    )


def _strip(name: str | None, start: str) -> str | None:
    return name[len(start) :] if name is not None and name.startswith(start) else None


def _select_pairs(pairs: Iterable[tuple[str, str]], start: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (one[len(start) :], other[len(start) :])
        for one, other in pairs
        if one.startswith(start) and other.startswith(start)
    )
