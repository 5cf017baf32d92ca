"""`CopySource`: a model that a public registry calls a copy of a bundled one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.trees.model_ids import find_id

from .bundle_source import BundleSource

if TYPE_CHECKING:
    from .request import Request, ResolvedTree, TreeOptions


COPY = "copy_of"
"""Entry of `ModuleTree.extra`: the original. How a copy's weights are stored is not known."""


class CopySource:
    """Trees of the originals; with `--online` the copy's own config.json is asked for instead."""

    def find(self, request: Request, options: TreeOptions) -> ResolvedTree | None:
        """The original's tree, whose source says what it is; None where no copy is known."""
        if options.online or request.revision is not None or request.part is not None:
            return None
        known = find_id(request.model)
        if known is None or known.copy_of is None:
            return None
        original = BundleSource().find(request._replace(model=known.copy_of), options)
        if original is None or original.tree is None:
            return original
        tree = original.tree._replace(extra=(*original.tree.extra, (COPY, known.copy_of)))
        origin = f"as {known.copy_of}, of which it is a copy, quantised or not ({known.source})"
        return original._replace(tree=tree, source=f"{origin}; {original.source}")
