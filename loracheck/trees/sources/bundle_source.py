"""`BundleSource`: a bundled model, as the wanted transformers release builds it."""

from __future__ import annotations

from loracheck.releases.choose import ASKED, NEWEST
from loracheck.releases.installed_version import find_installed_version
from loracheck.releases.release_table import find_nearest_release, format_runs, parse_version_number
from loracheck.type_checking import TYPE_CHECKING

from .bundle import ABSENT, find_model, find_tree
from .request import ResolvedTree

if TYPE_CHECKING:
    from loracheck.releases.choose import Choice
    from loracheck.releases.release_table import ReleaseMatch
    from loracheck.trees.model import ModuleTree

    from .bundle import BundledModel
    from .request import Request, TreeOptions

_HELP = "judge by another release with --transformers, or build it with --python PATH"


class BundleSource:
    """Trees that are shipped with loracheck, and those of the configs that are shipped with them:
    where `--python` names an interpreter, or the wanted release is installed here and none of the
    known ones, the tree is built.
    """

    def find(self, request: Request, options: TreeOptions) -> ResolvedTree | None:
        """The tree of the wanted release; None where the model is not bundled, or not for it."""
        other = request.library not in (None, "transformers") or request.part is not None
        if other or options.release is None:
            return None
        model = find_model(request.model)
        if model is None:
            return None
        if options.python is not None:
            return _build(model, request, options)
        release = options.release
        release_match = _find_release_match(model, release)
        agreed = (
            release_match is not None
            and release_match.note is None
            and _agree(model, release_match)
        )
        if release_match is not None and (release_match.release == release.version or agreed):
            tree = _find(request, release_match.release)
            if tree is not None:
                return _resolve_tree(tree, release)
        if options.local and find_installed_version("transformers") == release.version:
            built = _build(model, request, options)
            if built.tree is not None or release_match is None:
                return built
        if release_match is None:
            return _find_older(request, release)
        return _find_nearest(request, release, release_match)


def explain_not_bundled(request: Request, options: TreeOptions) -> ResolvedTree | None:
    """Why a bundled model has no tree for the wanted release and class; None where it is not
    bundled.
    """
    if request.part is not None:
        return None
    model, release = find_model(request.model), options.release
    if model is None or release is None:
        return None
    there = format_runs(
        model.releases, [(newest, oldest) for newest, oldest, _ in model.list_release_runs()]
    )
    try:
        stands = find_nearest_release("transformers", release.version, model.releases).release
    except ValueError as error:
        return ResolvedTree(
            None, reason=f"{error}; {request.model} is bundled for {there}", help=_HELP
        )
    if model.find_variant(stands) == ABSENT:
        reason = f"transformers {release.version} ({release.reason}) cannot build {request.model!r}"
        return ResolvedTree(None, reason=f"{reason}; {there} can", help=_HELP)
    reason = f"the model {request.model!r} is bundled, but not as {' or '.join(request.heads)}"
    return ResolvedTree(None, reason=reason, help="build it with --python PATH of an environment")


def _find_release_match(model: BundledModel, release: Choice) -> ReleaseMatch | None:
    try:
        return find_nearest_release("transformers", release.version, model.releases)
    except ValueError:
        return None


def _build(model: BundledModel, request: Request, options: TreeOptions) -> ResolvedTree:
    from loracheck.trees.libraries import TRANSFORMERS

    from .config_json import load_or_build

    return load_or_build(TRANSFORMERS, model.config, request, options, "its bundled config")


def _find(request: Request, release: str) -> ModuleTree | None:
    return find_tree(request.model, request.heads, request.num_labels, release)


def _agree(model: BundledModel, release_match: ReleaseMatch) -> bool:
    """Whether the known releases on both sides build the model alike."""
    return release_match.other is None or model.find_variant(
        release_match.release
    ) == model.find_variant(release_match.other)


def _find_older(request: Request, release: Choice) -> ResolvedTree | None:
    """The tree of the oldest bundled release, where an older one builds the class alike."""
    from .older import load_older_releases

    older = load_older_releases()
    tree = _find(request, older.release)
    if tree is None or not older.builds_alike(release.version, tree.cls):
        return None
    note = f"transformers {release.version} builds {tree.cls} with the layers of {older.release}"
    return _resolve_tree(tree, release)._replace(notes=(note,))


def _find_nearest(
    request: Request, release: Choice, release_match: ReleaseMatch
) -> ResolvedTree | None:
    """The tree of the release that stands for the wanted one, with that of the other side where
    they differ.
    """
    tree = _find(request, release_match.release)
    if tree is None:
        return None
    rival = _find(request, release_match.other) if release_match.other else None
    if rival is None or rival._replace(library_version=None) == tree._replace(library_version=None):
        return _resolve_tree(tree, release)._replace(
            notes=(release_match.note,) if release_match.note else ()
        )
    low, high = sorted((str(release_match.other), release_match.release), key=parse_version_number)
    note = f"transformers {release.version} lies between {low} and {high}, which differ"
    return _resolve_tree(tree, release)._replace(
        rival=rival, notes=(f"{note} for {request.model}",)
    )


def _resolve_tree(tree: ModuleTree, release: Choice) -> ResolvedTree:
    """The tree with its source, which says why it is this release."""
    if release.basis in (ASKED, NEWEST):
        return ResolvedTree(tree, f"bundled ({tree.built_by})")
    if release.version == tree.transformers:
        return ResolvedTree(tree, f"bundled ({tree.built_by}, {release.reason})")
    return ResolvedTree(tree, f"bundled ({tree.built_by}, for {release.version}, {release.reason})")
