"""Where a model's module tree comes from, best source first, each named in the verdict.

A tree bundled with loracheck, a local directory or config.json, the local Hugging Face cache; what
is not bundled is built by transformers' own constructors once and then read from the disk cache.
Nothing is downloaded.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from . import bundle, cache
from .model import ModuleTree

if TYPE_CHECKING:
    from collections.abc import Callable


class Request(NamedTuple):
    """A model as a config names it. `heads` are classes to try, best first; empty is the
    checkpoint's own.
    """

    model: str
    revision: str | None = None
    heads: tuple[str, ...] = ()
    num_labels: int | None = None
    beside: str = "."


class Options(NamedTuple):
    """`transformers`: the line to judge by ("4.57", "5"), None for the newest known. `python`:
    another interpreter.
    """

    transformers: str | None = None
    python: str | None = None


DEFAULT = Options()


class Resolved(NamedTuple):
    """A tree and where it came from, or the reason why there is none."""

    tree: ModuleTree | None
    source: str | None = None
    reason: str | None = None
    help: str | None = None


NO_MODEL = Resolved(
    None, reason="the file names no base model", help="name it with --model ID|DIR|config.json"
)


def resolve(request: Request, options: Options = DEFAULT) -> Resolved:
    """The tree for a model, or the reason why it could not be had. Never raises for a bad model."""
    local = _local(request)
    if local is not None:
        return _from_config(local, request, options, f"config.json of {request.model}")
    found = bundle.lookup(request.model, request.heads, request.num_labels, options.transformers)
    if found is not None and options.python is None:
        return Resolved(found, f"bundled (transformers {found.transformers})")
    cached = _hub_cache(request.model, request.revision)
    if cached is not None:
        return _from_config(cached, request, options, "the local Hugging Face cache")
    return Resolved(
        None,
        reason=f"the model {request.model!r} is not bundled, no local directory "
        "and not in the local Hub cache",
        help="download its config.json and pass its folder with --model",
    )


def _local(request: Request) -> Path | None:
    """config.json of a model given as a directory or file, relative to here or to the config that
    names it.
    """
    for base in (Path(), Path(request.beside)):
        path = base / os.path.expanduser(request.model)
        if path.suffix == ".json" and path.is_file():
            return path
        if (path / "config.json").is_file():
            return path / "config.json"
    return None


def _hub_cache(model: str, revision: str | None) -> Path | None:
    """config.json of a hub id in the local Hugging Face cache (layout of huggingface_hub: refs and
    snapshots).
    """
    if model.count("/") > 1 or model.startswith((".", "/", "~")):
        return None
    home = os.environ.get("HF_HOME") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "huggingface"
    )
    root = (
        Path(os.environ.get("HF_HUB_CACHE") or Path(home) / "hub")
        / f"models--{model.replace('/', '--')}"
    )
    name = revision or "main"
    ref = root / "refs" / name
    commit = ref.read_text("utf-8").strip() if ref.is_file() else name
    path = root / "snapshots" / commit / "config.json"
    return path if path.is_file() else None


def _from_config(path: Path, request: Request, options: Options, source: str) -> Resolved:
    try:
        config: Any = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        return Resolved(None, reason=f"{path} cannot be read: {error}")
    if not isinstance(config, dict) or not ("model_type" in config or "architectures" in config):
        return Resolved(None, reason=f"{path} is not a model's config.json: it has no model_type")
    return _cached(config, request, options, source)


def _cached(config: dict[str, Any], request: Request, options: Options, source: str) -> Resolved:
    version = cache.transformers_version(options.python)
    if version is None:
        return Resolved(
            None,
            reason="transformers is not installed, so the tree of this config.json cannot be built",
            help="pip install 'loracheck[models]', or run where transformers is installed",
        )
    key = cache.key(config, request.heads, request.num_labels, version)
    tree = cache.load(key)
    if tree is not None:
        return Resolved(tree, f"cache, from {source} (transformers {tree.transformers})")
    return _build(config, request, options, source, lambda built: cache.save(key, built))


def _build(
    config: dict[str, Any],
    request: Request,
    options: Options,
    source: str,
    keep: Callable[[ModuleTree], None],
) -> Resolved:
    from .build import BuildError, build

    try:
        tree = build(config, request.heads, request.num_labels, options.python)
    except BuildError as error:
        return Resolved(None, reason=error.reason, help=_HELP.get(error.kind))
    keep(tree)
    return Resolved(tree, f"built from {source} (transformers {tree.transformers})")


_HELP = {
    "remote-code": "code of a checkpoint is never run here",
    "unknown-model-type": "a newer transformers may know it",
}
