"""`HubCacheSource`: a Hub id whose config is in the local Hugging Face cache."""

from __future__ import annotations

from functools import partial

from loracheck.type_checking import TYPE_CHECKING

from .hub_files import find_cached_file
from .pipeline import NoPartError, find_config
from .request import ResolvedTree

if TYPE_CHECKING:
    from .request import Request, TreeOptions


class HubCacheSource:
    """Trees of configs that another program has downloaded."""

    def find(self, request: Request, options: TreeOptions) -> ResolvedTree | None:
        """The tree of the cached config; None where the cache has none."""
        if not options.local:
            return None
        try:
            config = find_config(
                request, partial(find_cached_file, request.model, request.revision)
            )
        except NoPartError as error:
            return ResolvedTree(None, reason=str(error))
        if config is None:
            return None
        from .config_json import resolve_hub_config

        path, name = config
        where = "the local Hugging Face cache"
        source = f"{name} in {where}" if "/" in name else where
        return resolve_hub_config(path, request, options, source)
