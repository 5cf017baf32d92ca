"""Where a model's tree comes from: the usual sources, a config.json's values, or a live model."""

from __future__ import annotations

import os

from loracheck.named_tuple import NamedTuple
from loracheck.releases.choose import INSTALLED, Choice, choose
from loracheck.trees.live import is_module, read_module
from loracheck.trees.model import ModuleTree
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import Request, ResolvedTree, TreeOptions
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LIVE = "the live model"
"""Where the tree of a live model came from, in words for a report."""


class ModelSource(NamedTuple):
    """A model by its name, or a function that gives its tree."""

    name: str | None = None
    """An id, a folder or a config.json; None for the model that the config names."""

    find_tree: Callable[[Request], ResolvedTree] | None = None
    """Gives the tree for a request (of which only the heads count)."""

    live: bool = False
    """Whether the model lives in this process."""


def find_model(model: Any, options: TreeOptions) -> ModelSource:
    """The source of a model: None for the config's own, an id, a path, the values of a config.json,
    a ModuleTree, or an `nn.Module`.

    Raises LiveModelError (a ValueError) for a live model that cannot be read, TypeError for what is
    no model.
    """
    if model is None or isinstance(model, str):
        return ModelSource(model)
    if isinstance(model, os.PathLike):
        return ModelSource(os.fsdecode(model))
    if isinstance(model, ModuleTree):
        return _build_from_tree(model, "the tree that was given", live=False)
    if isinstance(model, dict):
        return ModelSource(find_tree=_find_by_values(model, options))
    if is_module(model):
        return _build_from_tree(read_module(model), LIVE, live=True)
    kind = type(model).__name__
    raise TypeError(f"a model is an id, a path, a config.json's values or a module, and no {kind}")


def _build_from_tree(tree: ModuleTree, source: str, *, live: bool) -> ModelSource:
    version = tree.transformers
    release = Choice(version, INSTALLED, INSTALLED) if version is not None else None
    resolved = ResolvedTree(tree, source, release=release)
    return ModelSource(find_tree=lambda request: resolved, live=live)


def _find_by_values(
    config: dict[str, Any], options: TreeOptions
) -> Callable[[Request], ResolvedTree]:
    def find_tree(request: Request) -> ResolvedTree:
        from loracheck.trees.sources.config_json import resolve_config_values

        release = choose("transformers", request.beside, options.transformers, options.python)
        chosen = options._replace(release=release)
        resolved = resolve_config_values(config, request, chosen, "the config that was given")
        return resolved._replace(release=release, notes=(*release.notes, *resolved.notes))

    return find_tree


def resolve_model(
    model: Any, options: TreeOptions, heads: tuple[str, ...] = (), num_labels: int | None = None
) -> ResolvedTree:
    """The tree of a model with those heads, or the reason why it cannot be had."""
    source = find_model(model, options)
    request = Request(source.name or "", None, heads, num_labels)
    return source.find_tree(request) if source.find_tree else resolve(request, options)
