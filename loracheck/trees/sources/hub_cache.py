"""`HubCacheSource`: a Hub id whose config is in the local Hugging Face cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.trees.libraries import libraries_named

from .hub_files import cached_file

if TYPE_CHECKING:
    from .request import Request, Resolved, TreeOptions


class HubCacheSource:
    """Trees of configs that another program has downloaded."""

    def find(self, request: Request, options: TreeOptions) -> Resolved | None:
        """The tree of the cached config; None where the cache has none."""
        for library in libraries_named(request.library):
            path = cached_file(request.model, request.revision, library.config_file)
            if path is not None:
                from .config_json import tree_of_hub_config

                source = "the local Hugging Face cache"
                return tree_of_hub_config(path, request, options, source)
        return None
