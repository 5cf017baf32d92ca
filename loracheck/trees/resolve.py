"""`resolve`: a model's module tree from the first source that has it.

The order is that of `SOURCES`; another source is one more entry there.
"""

from __future__ import annotations

from loracheck.releases.choose import choose
from loracheck.type_checking import TYPE_CHECKING

from .sources.bundle_source import BundleSource, explain_not_bundled
from .sources.class_names import ClassNamesSource
from .sources.copies import CopySource
from .sources.diffusers_bundle import DiffusersBundleSource
from .sources.hub import HubSource
from .sources.hub_cache import HubCacheSource
from .sources.hub_files import parse_cache_path
from .sources.local import LocalSource
from .sources.lock import LockSource
from .sources.request import ResolvedTree, TreeOptions

if TYPE_CHECKING:
    from .sources.request import Request, Source

SOURCES: tuple[Source, ...] = (
    LockSource(),
    LocalSource(),
    BundleSource(),
    DiffusersBundleSource(),
    HubCacheSource(),
    CopySource(),
    HubSource(),
    ClassNamesSource(),
)
"""Where trees come from, best source first."""

DEFAULT = TreeOptions()


def resolve(request: Request, options: TreeOptions = DEFAULT) -> ResolvedTree:
    """The tree for a model, or the reason why it could not be had. Never raises for a bad model."""
    release = choose(
        *("transformers", request.beside, options.transformers, options.python), options.own_pins
    )
    resolved = _find_first(request, options._replace(release=release))
    if resolved.tree is not None and resolved.tree.library != "transformers":
        return resolved
    return resolved._replace(release=release, notes=(*release.notes, *resolved.notes))


def _find_first(request: Request, options: TreeOptions) -> ResolvedTree:
    """The answer of the first source that has the model."""
    hub_id = parse_cache_path(request.model)
    # A path into the Hugging Face cache of another machine tells the id.
    by_id = request._replace(model=hub_id[0], revision=hub_id[1]) if hub_id else None
    for candidate in (request, by_id) if by_id else (request,):
        for source in SOURCES:
            resolved = source.find(candidate, options)
            if resolved is not None:
                return resolved
    return _find_text_encoder(by_id or request, options) or _explain_not_found(
        by_id or request, options
    )


def _find_text_encoder(request: Request, options: TreeOptions) -> ResolvedTree | None:
    """The names of a text encoder of a bundled pipeline, where they are of use."""
    part = request.part or ""
    if not request.names_do or not part.startswith("text_encoder"):
        return None
    from .sources.request import Request as Named
    from .sources.text_encoders import find_text_encoder, resolve_names

    encoder = find_text_encoder(request.model, part)
    if encoder is None:
        return None
    kind = f"type:{encoder.type}"
    resolved = _find_first(Named(kind), options) if encoder.type is not None else None
    return resolve_names(encoder, part, resolved.tree if resolved is not None else None)


def _explain_not_found(request: Request, options: TreeOptions) -> ResolvedTree:
    """Why no source has a tree of the model."""
    return explain_not_bundled(request, options) or _explain_unknown(request)


def _explain_unknown(request: Request) -> ResolvedTree:
    """That no source has it, with the known id that may be meant."""
    from .id_hints import suggest_id

    subject = f"the model {request.model!r}"
    if request.part is not None:
        subject = f"{request.part} of {subject}"
    return ResolvedTree(
        None,
        reason=f"{subject} is not bundled; it is no local directory and not in the local Hub cache",
        help=suggest_id(request.model)
        + "use --online to fetch its config.json, or pass its folder with --model",
    )
