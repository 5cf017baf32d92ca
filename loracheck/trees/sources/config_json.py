"""From a model's config file to its tree: from the disk cache, or built once by the library's own
constructors; where neither can be, the names of the checkpoint's tensors are read.
"""

from __future__ import annotations

import os

from loracheck.documents.dependencies import note_chance, read_state, remember
from loracheck.documents.json_file import load_json
from loracheck.releases.choose import ASKED
from loracheck.releases.installed_version import find_installed_version
from loracheck.releases.release_table import find_nearest_release
from loracheck.trees.build_error import BuildError
from loracheck.trees.libraries import describe_missing_signs, find_library
from loracheck.type_checking import TYPE_CHECKING

from . import bundle, tree_cache
from .failure_cache import LASTING, load_failure, save_failure
from .hub_files import HubError, fetch_file
from .request import Request, ResolvedTree, TreeOptions

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.dependencies import State
    from loracheck.trees.libraries import Library
    from loracheck.trees.model import ModuleTree


def resolve_hub_config(
    path: str, request: Request, options: TreeOptions, source: str
) -> ResolvedTree:
    """As `resolve_config_file`, for a config in the Hub's cache: of a model whose code is not run,
    the names of its tensors are fetched where that is allowed.
    """
    if not options.online:
        return resolve_config_file(path, request, options, source)
    # Not remembered: what lies beside the config is fetched on the way.
    resolved = _resolve_config_file(path, request, options, source)
    if resolved.kind == "remote-code" and _fetch_index(request, options):
        return _resolve_config_file(path, request, options, source)
    return resolved


def _fetch_index(request: Request, options: TreeOptions) -> bool:
    """Whether an index of tensor names could be fetched to stand beside the config."""
    from loracheck.trees.tensors import INDEXES

    for name in INDEXES:
        try:
            fetch_file(
                request.model, request.revision, name, options.notify, use_token=options.use_token
            )
        except HubError:
            continue
        return True
    return False


def resolve_config_file(
    path: str, request: Request, options: TreeOptions, source: str
) -> ResolvedTree:
    """The tree of the config at a path, or the reason why there is none. `source` says in words
    where the config comes from. A run reads and resolves each config once, as long as it is what it
    was.
    """
    if options.builds is None:
        return _resolve_config_file(path, request, options, source)
    request = request._replace(beside="")  # the thousand files that name the model lie anywhere
    return _resolve_once(path, read_state(path), request, options, source)


@remember(8)
def _resolve_once(
    path: str, state: State, request: Request, options: TreeOptions, source: str
) -> ResolvedTree:
    return _resolve_config_file(path, request, options, source)


def _resolve_config_file(
    path: str, request: Request, options: TreeOptions, source: str
) -> ResolvedTree:
    try:
        config: Any = load_json(path, anywhere=True)
    except (OSError, ValueError) as error:
        return ResolvedTree(None, reason=f"{path} cannot be read: {error}")
    if not isinstance(config, dict) or find_library(config, request.library) is None:
        reason = f"{path} is not a model's config.json: {describe_missing_signs()}"
        return ResolvedTree(None, reason=reason)
    resolved = resolve_config_values(config, request, options, source)
    if resolved.tree is None:
        return _resolve_from_tensors(config, os.path.dirname(path), source) or resolved
    return resolved


def resolve_config_values(
    config: dict[str, Any], request: Request, options: TreeOptions, source: str
) -> ResolvedTree:
    """As `resolve_config_file`, for the values of a config.json that are at hand."""
    library = find_library(config, request.library)
    if library is None:
        reason = f"{source} is no model's config: {describe_missing_signs()}"
        return ResolvedTree(None, reason=reason)
    if is_own_code(config, request.heads):
        return ResolvedTree(
            None,
            reason=f"the code of this model comes with {source} (auto_map) and is not run",
            kind="remote-code",
        )
    return load_or_build(library, config, request, options, source)


def is_own_code(config: dict[str, Any], heads: tuple[str, ...]) -> bool:
    """Whether the class that is loaded is one of the checkpoint's own files: config.json's auto_map
    names it for the auto class of the first of `heads`, or, without any, for the class of its
    architectures; a config class of its own is known to no class of transformers (5.24.0
    models/auto/auto_factory.py, from_pretrained).
    """
    mapping = config.get("auto_map")
    if not isinstance(mapping, dict):
        return False
    if "AutoConfig" in mapping:
        return True
    if heads:
        short = heads[0].removeprefix("AutoModelFor")
        return "AutoModel" + ("" if short in ("Model", "AutoModel") else f"For{short}") in mapping
    classes = config.get("architectures")
    own_classes = {str(place).rpartition(".")[2] for place in mapping.values()}
    return isinstance(classes, list) and bool(classes) and str(classes[0]) in own_classes


def _resolve_from_tensors(config: dict[str, Any], folder: str, source: str) -> ResolvedTree | None:
    """What the checkpoint's tensor names tell, for a model that its library cannot build."""
    from loracheck.trees.tensors import build_tensor_tree

    names = config.get("architectures")
    first = names[0] if isinstance(names, list) and names else None
    kind = config.get("model_type")
    tree = build_tensor_tree(
        folder,
        kind if isinstance(kind, str) else None,
        first if isinstance(first, str) else None,
    )
    return ResolvedTree(tree, f"tensor names beside {source}; classes unknown") if tree else None


def load_or_build(
    library: Library, config: dict[str, Any], request: Request, options: TreeOptions, source: str
) -> ResolvedTree:
    """The tree that the disk cache has of the wanted release of the library, else a new build.

    Where another transformers is installed than the one that is pinned, it builds the tree if both
    are known to give the same names for the model type.
    """
    from loracheck.trees.bounds import check_bounds

    try:
        check_bounds(config, request.num_labels)  # a digest too has to go through all of it
    except BuildError as error:
        return _report_failure(library, error)
    version = find_installed_version(library.name, options.python)
    if version is None and options.python is not None:
        return ResolvedTree(
            None, reason=f"{options.python} is no interpreter that has {library.name}"
        )
    release = options.get_wanted_version(library.name) or version
    if release is None:
        return _explain_missing_library(library)
    key = tree_cache.compute_key(
        config, request.heads, request.num_labels, library.name, version or ""
    )
    here = tree_cache.is_in_release_line(version, release)
    tree = tree_cache.load_tree(key) if here else tree_cache.find_tree(release, key)
    if tree is not None:
        return ResolvedTree(tree, f"cache, from {source} ({tree.built_by})")
    if version is None:
        return _explain_missing_library(library)
    is_requested = options.release is None or options.release.basis == ASKED
    if not here and (
        is_requested or not _has_same_names(config.get("model_type"), version, release)
    ):
        why = options.release.reason if options.release else ASKED
        return ResolvedTree(
            None,
            reason=f"{library.name} {release} is {why}, and {version} is installed",
            help=f"build it with --python PATH of an environment that has that {library.name}",
        )
    tree = None if here else tree_cache.load_tree(key)
    resolved = (
        ResolvedTree(tree, f"cache, from {source} ({tree.built_by})")
        if tree is not None
        else _build(library, key, config, request, options, source)
    )
    if here or resolved.tree is None:
        return resolved
    return resolved._replace(source=f"{resolved.source}, which names the modules as {release} does")


def _has_same_names(model_type: object, one: str, other: str) -> bool:
    """Whether two transformers releases are known to give a model type the same modules, by its
    default config.
    """
    model = bundle.find_model(f"{bundle.TYPE_PREFIX}{model_type}")
    if model is None:
        return False
    try:
        sides = [
            find_nearest_release("transformers", version, model.releases)
            for version in (one, other)
        ]
    except ValueError:
        return False
    releases = {r for side in sides for r in (side.release, side.other) if r is not None}
    variants = {model.find_variant(release) for release in releases}
    if any(side.note for side in sides) or bundle.ABSENT in variants:
        return False
    return (
        len(variants) == 1
        or len({bundle.list_names_for_peft(model, variant) for variant in variants}) == 1
    )


def _explain_missing_library(library: Library) -> ResolvedTree:
    return ResolvedTree(
        None,
        reason=f"{library.name} is not installed, so the tree of this config.json cannot be built",
        help=f"pip install 'loracheck[{library.extra}]', or run where {library.name} is installed",
    )


def _build(
    library: Library,
    key: tree_cache.CacheKey,
    config: dict[str, Any],
    request: Request,
    options: TreeOptions,
    source: str,
) -> ResolvedTree:
    def build() -> ModuleTree:
        failure = load_failure(key, options.python)
        if failure is not None:
            raise failure
        try:
            tree = library.build(config, request.heads, request.num_labels, options.python)
        except BuildError as error:
            save_failure(key, options.python, error)
            raise
        tree = tree._replace(
            extra=(*tree.extra, ("config_digest", tree_cache.compute_digest(config)))
        )
        tree_cache.save_tree(key, tree)
        return tree

    try:
        if options.builds is None:
            tree = build()
        else:
            tree = options.builds.tree(key.path, build, lambda: tree_cache.load_tree(key))
    except BuildError as error:
        return _report_failure(library, error)
    return ResolvedTree(tree, f"built from {source} ({tree.built_by})")


def _report_failure(library: Library, error: BuildError) -> ResolvedTree:
    if error.kind not in LASTING:
        note_chance()
    help_ = _HELP.get(error.kind, "").format(library=library.name) or None
    return ResolvedTree(None, reason=error.reason, help=help_, kind=error.kind)


_HELP = {
    "remote-code": "code of a checkpoint is never run here",
    "unknown-model-type": "a newer {library} may know it",
    "not-allowed": "write what it names into config.json itself, as a part of its own",
    "out-of-time": "what was built is kept, so the next run goes on from here",
}
"""`kind` of a BuildError -> what to do about it."""
