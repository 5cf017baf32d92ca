"""Where a model's module tree comes from, best source first, each named in the verdict.

The lock file beside the config; the trees bundled with loracheck; a local directory or config.json;
the local Hugging Face cache; with `--online` the Hub. A config.json is turned into a tree by
transformers' own constructors once, and read from the disk cache from then on.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from loracheck.trees.fold import TreeFormatError
from loracheck.trees.model import ModuleTree

from . import bundle, cache, hub, lock
from .request import Request, Resolved, TreeOptions

if TYPE_CHECKING:
    from collections.abc import Callable


DEFAULT = TreeOptions()


def resolve(request: Request, options: TreeOptions = DEFAULT) -> Resolved:
    """The tree for a model, or the reason why it could not be had. Never raises for a bad model."""
    try:
        return _locked(request, options) or _known(request, options) or _from_hub(request, options)
    except (lock.LockError, TreeFormatError) as error:
        return Resolved(None, reason=str(error), help="write it anew with: loracheck lock")
    except hub.HubError as error:
        return Resolved(None, reason=str(error))


def _locked(request: Request, options: TreeOptions) -> Resolved | None:
    tree = lock.lookup(request.beside, key(request)) if options.lock else None
    return Resolved(tree, f"{lock.NAME} (transformers {tree.transformers})") if tree else None


def _known(request: Request, options: TreeOptions) -> Resolved | None:
    """A local directory or file, or a bundled tree (not when another interpreter is to build)."""
    local = _local(request)
    if local is not None:
        return _from_config(local, request, options, f"config.json of {request.model}")
    named = hub.id_of(request.model)
    if named is not None:
        # A path into the cache of another machine tells the id.
        return resolve(request._replace(model=named[0], revision=named[1]), options)
    if options.python is not None:
        return None
    found = bundle.lookup(request.model, request.heads, request.num_labels, options.transformers)
    return Resolved(found, f"bundled (transformers {found.transformers})") if found else None


def _from_hub(request: Request, options: TreeOptions) -> Resolved:
    """The Hub's config.json out of the local cache, or fetched where that is allowed."""
    path = hub.cached(request.model, request.revision, "config.json")
    source = "the local Hugging Face cache"
    if path is None and options.online and hub.looks_like_id(request.model):
        path = hub.fetch(request.model, request.revision, "config.json", options.notify)
        source = "the Hub"
    if path is None:
        return Resolved(
            None,
            reason=f"the model {request.model!r} is {_unbundled(request, options)}; it is "
            "no local directory and not in the local Hub cache",
            help="use --online to fetch its config.json, or pass its folder with --model",
        )
    # Of code that is not run only the names of the checkpoint's tensors are of use.
    found = _from_config(path, request, options, source)
    if found.kind == "remote-code" and options.online and _fetch_index(request, options):
        return _from_config(path, request, options, source)
    return found


def _fetch_index(request: Request, options: TreeOptions) -> bool:
    """Whether an index of tensor names, for a model whose code is not run, came to stand beside
    its config.json.
    """
    from loracheck.trees.tensors import INDEXES

    for name in INDEXES:
        try:
            hub.fetch(request.model, request.revision, name, options.notify)
        except hub.HubError:
            continue
        return True
    return False


def _unbundled(request: Request, options: TreeOptions) -> str:
    """Why the bundle does not answer."""
    wanted, lines = options.transformers, bundle.others(request.model, request.heads, None)
    if lines and options.python is not None:
        return "bundled, but --python builds from a config.json alone"
    if lines and wanted:
        known = " and ".join(str(tree.transformers) for tree in lines)
        return f"bundled for transformers {known}, not for {wanted}"
    if request.heads and bundle.lookup(request.model) is not None:
        return f"bundled, but not as {request.heads[0]}"
    return "not bundled"


def key(request: Request) -> lock.Key:
    """What the lock file files the request under."""
    return lock.Key(request.model, request.revision, request.heads, request.num_labels)


def _local(request: Request) -> str | None:
    """config.json of a model given as a directory or file, relative to here or to the config that
    names it.
    """
    name = os.path.expanduser(request.model)
    for base in ("", request.beside):
        path = os.path.join(base, name)
        if path.endswith(".json") and os.path.isfile(path):
            return path
        inside = os.path.join(path, "config.json")
        if os.path.isfile(inside):
            return inside
    return None


def _from_config(path: str, request: Request, options: TreeOptions, source: str) -> Resolved:
    try:
        with open(path, "rb") as file:
            config: Any = json.load(file)
    except (OSError, ValueError) as error:
        return Resolved(None, reason=f"{path} cannot be read: {error}")
    if not isinstance(config, dict) or not ("model_type" in config or "architectures" in config):
        return Resolved(None, reason=f"{path} is not a model's config.json: it has no model_type")
    resolved = _cached(config, request, options, source)
    if resolved.tree is None:
        return _from_tensors(config, os.path.dirname(path), source) or resolved
    return resolved


def _from_tensors(config: dict[str, Any], folder: str, source: str) -> Resolved | None:
    """What the checkpoint's tensor names tell, for a model that transformers cannot build."""
    from loracheck.trees.tensors import from_folder

    names = config.get("architectures") or [None]
    tree = from_folder(folder, config.get("model_type"), names[0])
    return Resolved(tree, f"tensor names beside {source}; classes unknown") if tree else None


def _cached(
    config: dict[str, Any], request: Request, options: TreeOptions, source: str
) -> Resolved:
    version = cache.transformers_version(options.python)
    name = cache.key(config, request.heads, request.num_labels, version or "")
    wanted = options.transformers or version
    if wanted is None:
        return _NOTHING_TO_BUILD_WITH
    here = cache.same_line(version, wanted)
    tree = cache.load(name) if here else cache.find(wanted, name)
    if tree is not None:
        return Resolved(tree, f"cache, from {source} (transformers {tree.transformers})")
    if not here:
        return Resolved(
            None,
            reason=f"transformers {wanted} is wanted, and {version or 'none'} is installed",
            help="build it with --python PATH of an environment that has that transformers",
        )
    return _build(config, request, options, source, lambda built: cache.save(name, built))


_NOTHING_TO_BUILD_WITH = Resolved(
    None,
    reason="transformers is not installed, so the tree of this config.json cannot be built",
    help="pip install 'loracheck[models]', or run where transformers is installed",
)


def _build(
    config: dict[str, Any],
    request: Request,
    options: TreeOptions,
    source: str,
    keep: Callable[[ModuleTree], None],
) -> Resolved:
    from loracheck.trees.builder import BuildError, build

    try:
        tree = build(config, request.heads, request.num_labels, options.python)
    except BuildError as error:
        return Resolved(None, reason=error.reason, help=_HELP.get(error.kind), kind=error.kind)
    tree = tree._replace(extra=(*tree.extra, ("config_digest", cache.digest(config))))
    keep(tree)
    return Resolved(tree, f"built from {source} (transformers {tree.transformers})")


_HELP = {
    "remote-code": "code of a checkpoint is never run here",
    "unknown-model-type": "a newer transformers may know it",
}
