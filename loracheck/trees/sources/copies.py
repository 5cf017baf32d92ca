"""`CopySource`: a model that a public registry calls a copy of a bundled one."""

from __future__ import annotations

import re

from loracheck.lazy_pattern import compile_when_used
from loracheck.trees.model_ids import find_id
from loracheck.trees.quantization import find_method_in_id
from loracheck.type_checking import TYPE_CHECKING

from .bundle import load_index
from .bundle_source import BundleSource

if TYPE_CHECKING:
    from .request import Request, ResolvedTree, TreeOptions


COPY = "copy_of"
"""Entry of `ModuleTree.extra`: the original. How a copy's weights are stored is known only where
its id tells it.
"""


class CopySource:
    """Trees of the originals; with `--online` the copy's own config.json is asked for instead."""

    def find(self, request: Request, options: TreeOptions) -> ResolvedTree | None:
        """The original's tree, whose source says what it is; None where no copy is known."""
        if options.online or request.revision is not None or request.part is not None:
            return None
        hub_id = find_id(request.model)
        copied, told_by = (hub_id.copy_of, hub_id.source) if hub_id is not None else (None, "")
        if copied is None:
            copied, told_by = _find_converted(request.model), "the name that mlx_lm.convert gives"
        if copied is None:
            copied, told_by = _find_republished(request.model), "the name of Unsloth's copy"
        if copied is None:
            return None
        original = BundleSource().find(request._replace(model=copied), options)
        if original is None or original.tree is None:
            return original
        method = find_method_in_id(request.model)
        stored = (("quantization", method),) if method is not None else ()
        told = dict((*original.tree.extra, *stored, (COPY, copied)))
        tree = original.tree._replace(extra=tuple(told.items()))
        origin = f"as {copied}, of which it is a copy, quantised or not ({told_by})"
        return original._replace(tree=tree, source=f"{origin}; {original.source}")


_CONVERTED = compile_when_used(r"mlx-community/(.+)-(?:[2-8]bit|bf16|fp16)", re.IGNORECASE)


def _find_converted(model: str) -> str | None:
    """The bundled id of which an id of mlx-community names the conversion; None where there is
    none, or where two owners have one of that name.
    """
    match = _CONVERTED.fullmatch(model)
    return _find_by_name(match[1]) if match else None


_REPUBLISHED = compile_when_used(r"unsloth/(.+?)(?:(?:-unsloth)?-bnb-4bit)?", re.IGNORECASE)

_REWRITTEN = compile_when_used(r"phi-(?:3(?!\.5-vision)|4(?!-mini))", re.IGNORECASE)
"""What Unsloth publishes with other names of modules (unsloth/models/mapper.py of 2026.10.9)."""


def _find_republished(model: str) -> str | None:
    """The bundled id of which an id of Unsloth's is a copy, plain or in 4 bits; None where there is
    none, or where two owners have one of that name.
    """
    match = _REPUBLISHED.fullmatch(model)
    return _find_by_name(match[1]) if match and not _REWRITTEN.match(match[1]) else None


def _find_by_name(name: str) -> str | None:
    """The one bundled id of this name, whoever owns it."""
    wanted = f"/{name}".lower()
    ids = [one for one in load_index().entries if one.lower().endswith(wanted)]
    return ids[0] if len(ids) == 1 else None
