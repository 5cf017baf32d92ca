"""`LocalSource`: a model given as a folder with a config or a pipeline, or as the config itself."""

from __future__ import annotations

import os
from functools import partial

from loracheck.documents.dependencies import exists, is_file
from loracheck.type_checking import TYPE_CHECKING

from .pipeline import INDEX, NoPartError, find_config
from .request import ResolvedTree

if TYPE_CHECKING:
    from .request import Request, TreeOptions


class LocalSource:
    """Trees of configs on this machine's disk."""

    def find(self, request: Request, options: TreeOptions) -> ResolvedTree | None:
        """The tree of the config at the model's path; None where there is none."""
        if not options.local:
            return None
        try:
            config_path = _find_config_path(request)
        except NoPartError as error:
            return ResolvedTree(None, reason=str(error))
        if config_path is None:
            return None
        from .config_json import resolve_config_file

        path, name = config_path
        return resolve_config_file(path, request, options, f"{name} of {request.model}")


def _find_config_path(request: Request) -> tuple[str, str] | None:
    """The config of a model given as a folder or file, relative to here or to the file that names
    it, with its name in the folder. Raises NoPartError.
    """
    name = os.path.expanduser(request.model)
    if "\0" in name or name.startswith(("\\\\", "//")):  # a share of another machine's
        return None
    for base in ("", request.beside):
        path = os.path.join(base, name)
        if not exists(path):
            continue
        if path.endswith(".json") and is_file(path):
            if os.path.basename(path) != INDEX:
                return path, "config.json"
            path = os.path.dirname(path)
        config_path = find_config(request, partial(_find_file, path)) or _find_own_config(
            request, path
        )
        if config_path is not None:
            return config_path
        if _find_file(path, INDEX) is not None:
            part = request.part or "its transformer or unet"
            raise NoPartError(f"{request.model} has a {INDEX}, and no config.json of {part}")
    return None


def _find_own_config(request: Request, folder: str) -> tuple[str, str] | None:
    """The folder's own config where a part is asked for, and the folder is that part."""
    if request.part is None:
        return None
    return find_config(request._replace(part=None), partial(_find_file, folder))


def _find_file(folder: str, name: str) -> str | None:
    path = os.path.join(folder, name)
    return path if is_file(path) else None
