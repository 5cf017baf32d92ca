"""`LocalSource`: a model given as a folder with a config, or as the config itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from loracheck.trees.libraries import libraries_named

if TYPE_CHECKING:
    from .request import Request, Resolved, TreeOptions


class LocalSource:
    """Trees of configs on this machine's disk."""

    def find(self, request: Request, options: TreeOptions) -> Resolved | None:
        """The tree of the config at the model's path; None where there is none."""
        path = _config_path(request)
        if path is None:
            return None
        from .config_json import tree_of_config

        return tree_of_config(path, request, options, f"config.json of {request.model}")


def _config_path(request: Request) -> str | None:
    """The config of a model given as a folder or file, relative to here or to the file that names
    it.
    """
    name = os.path.expanduser(request.model)
    if "\0" in name or name.startswith(("\\\\", "//")):  # a share of another machine's
        return None
    for base in ("", request.beside):
        path = os.path.join(base, name)
        if path.endswith(".json") and os.path.isfile(path):
            return path
        for library in libraries_named(request.library):
            inside = os.path.join(path, library.config_file)
            if os.path.isfile(inside):
                return inside
    return None
